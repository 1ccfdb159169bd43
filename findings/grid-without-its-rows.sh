#!/usr/bin/env bash
# @mieweb/forms-renderer 2.1.5 (npm; with react and react-dom 19.1.0, in jsdom 26.1.0): a form of its own kind, filled, as FHIR.
# One expects: each row of a grid, as the PHQ-9 is one, is an item with its answer; a number is valueDecimal, a choice has its code
#   (FHIR R4, QuestionnaireResponse.item); a question that is hidden has no answer; the whole is completed, as its page shows.
# Seen: a grid is one item with the answers in a row and no word on which row each belongs to: "Nearly every day" is of low interest
#   or of thoughts of death. So are the doses of a question with several fields. All are texts, a hidden answer is kept, and the
#   response is always in-progress. getResponse, from which it is made, has the rows.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @mieweb/forms-renderer@2.1.5 react@19.1.0 react-dom@19.1.0 jsdom@26.1.0 >/dev/null
cat >look.mjs <<'END'
import { JSDOM, VirtualConsole } from 'jsdom';

const { window } = new JSDOM('<div id="form"></div>', { virtualConsole: new VirtualConsole() });
Object.assign(globalThis, { window, document: window.document, IS_REACT_ACT_ENVIRONMENT: true });
Object.defineProperty(globalThis, 'navigator', { value: window.navigator, configurable: true });
const { act, createElement, createRef } = await import('react');
const { createRoot } = await import('react-dom/client');
const { QuestionnaireRenderer, toFhirQuestionnaireResponse } = await import('@mieweb/forms-renderer');

const named = (...words) => words.map((value, at) => ({ id: `${value[0]}${at}`, value }));
const fields = [
  { id: 'phq', fieldType: 'singlematrix', question: 'In two weeks', rows: named('Little interest', 'Feeling down', 'Better off dead'),
    columns: named('Not at all', 'Nearly every day'), selected: { L0: 'N0', B2: 'N1' } },
  { id: 'doses', fieldType: 'multitext', question: 'Insulin', options: [{ id: 'am', value: 'Morning', answer: '' },
    { id: 'pm', value: 'Night', answer: '12' }] },
  { id: 'temperature', fieldType: 'text', inputType: 'number', question: 'Temperature', answer: '38.9' },
  { id: 'smokes', fieldType: 'boolean', question: 'Do you smoke?', options: named('Yes', 'No'), selected: 'N1' },
  { id: 'packs', fieldType: 'text', question: 'Packs', answer: '2',
    enableWhen: { logic: 'AND', conditions: [{ targetId: 'smokes', operator: 'equals', value: 'Y0' }] } }];
const form = createRef();
const root = createRoot(document.getElementById('form'));
await act(async () => root.render(createElement(QuestionnaireRenderer, { formData: { schemaType: 'mieforms-v1.0', fields }, ref: form })));
const made = toFhirQuestionnaireResponse(form.current.getResponse(), 'q1', 'p1');
console.log(made.status, '- shown is packs:', document.body.textContent.includes('Packs'));
for (const { linkId, answer } of made.item) console.log(linkId, JSON.stringify(answer));
process.exit(0);
END
seen=$(node look.mjs 2>/dev/null)
expected=$(cat <<'END'
in-progress - shown is packs: false
phq [{"valueString":"Not at all"},{"valueString":"Nearly every day"}]
doses [{"valueString":"12"}]
temperature [{"valueString":"38.9"}]
smokes [{"valueString":"No"}]
packs [{"valueString":"2"}]
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
