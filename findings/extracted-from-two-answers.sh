#!/usr/bin/env bash
# @aehrc/sdc-template-extract 1.0.16 (npm): resources from the answers to a form, by the templates of SDC 4.0.
# One expects: of two quantities in a template for one (less than 5 mg, and 200 g) one of them, or an error; nothing from a
#   response that was entered in error; the templates of the form itself, which SDC says always make a resource.
# Seen: each part is taken from the last answer that has it, so less than 5 mg and 200 g is less than 200 g, which nobody
#   said. A response entered in error makes a final Observation. The templates of the form itself make nothing. Each time
#   the extraction counts as a success, without an issue.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @aehrc/sdc-template-extract@1.0.16 >/dev/null
cat >look.cjs <<'END'
const { inAppExtract } = require('@aehrc/sdc-template-extract');
const sdc = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-templateExtract';
const part = (name) => ({ extension: [{ url: `${sdc}Value`,
  valueString: `%resource.descendants().where(linkId = 'dose').answer.value.${name}` }] });
const template = { resourceType: 'Observation', id: 'dose', status: 'final', code: { text: 'dose' },
  valueQuantity: { _value: part('value'), _comparator: part('comparator'), _unit: part('unit') } };
const extension = [{ url: sdc, extension: [{ url: 'template', valueReference: { reference: '#dose' } }] }];

async function show(what, ofForm, ofGroup, status, answers) {
  const form = { resourceType: 'Questionnaire', url: 'http://example.org/q', status: 'active', contained: [template],
    ...ofForm, item: [{ linkId: 'group', type: 'group', ...ofGroup,
      item: [{ linkId: 'dose', type: 'quantity', repeats: true }] }] };
  const answer = answers.map((valueQuantity) => ({ valueQuantity }));
  const { extractSuccess, extractResult } = await inAppExtract({ resourceType: 'QuestionnaireResponse', status,
    questionnaire: form.url, item: [{ linkId: 'group', item: [{ linkId: 'dose', answer }] }] }, form);
  console.log(what, extractSuccess, extractResult.issues,
    JSON.stringify(extractResult.extractedBundle.entry.map(({ resource }) => [resource.status, resource.valueQuantity])));
}

(async () => {
  const little = { value: 5, comparator: '<', unit: 'mg' };
  await show('two', {}, { extension }, 'completed', [little, { value: 200, unit: 'g' }]);
  await show('error', {}, { extension }, 'entered-in-error', [little]);
  await show('form', { extension }, {}, 'completed', [little]);
})();
END
seen=$(node look.cjs)
expected=$(cat <<'END'
two true null [["final",{"value":200,"comparator":"<","unit":"g"}]]
error true null [["final",{"value":5,"comparator":"<","unit":"mg"}]]
form true null []
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
