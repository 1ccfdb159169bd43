#!/usr/bin/env bash
# fhir-react 2.1.1 (npm; with react 18.3.1, and base64-js, ieee754 and isarray, which it imports and does not bring; in
#   jsdom 26.1.0): its components for FHIR R4.
# One expects: what changes the meaning is shown: status and doNotPerform of a MedicationRequest, verificationStatus of a
#   Condition and an AllergyIntolerance are modifier elements, which must be checked (FHIR R4, isModifier), and so is the
#   comparator of a Quantity.
# Seen: but for its view of the raw JSON, a stopped or erroneous order and one not to give a medicine look like the active
#   order; a refuted diagnosis is active, a refuted allergy an allergy (only a display, which is optional, would show); and
#   less than 2.5 is 2.5. An allergy that has only a text has no name.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts fhir-react@2.1.1 react@18.3.1 react-dom@18.3.1 \
  base64-js@1.5.1 ieee754@1.2.1 isarray@2.0.5 jsdom@26.1.0 >/dev/null
cat >look.js <<'END'
const { window } = new (require('jsdom').JSDOM)('<html><body></body></html>');
Object.assign(globalThis, { window, document: window.document, navigator: window.navigator });
const { createElement } = require('react');
const { renderToStaticMarkup } = require('react-dom/server');
const { FhirResource, fhirVersions } = require('fhir-react');

const shown = (fhirResource) =>
  renderToStaticMarkup(createElement(FhirResource, { fhirResource, fhirVersion: fhirVersions.R4 }))
    .replace(/<[^>]*>|&nbsp;/g, ' ').split(' RAW ')[0].replace(/\s+/g, ' ').trim();
const told = (name, resources) => {
  const texts = resources.map(shown);
  console.log(name + ':', new Set(texts).size === 1 ? 'all are' : 'different,', JSON.stringify(texts[0]));
};
const subject = { reference: 'Patient/1' };
const coded = (code) => ({ coding: [{ code }] });
const order = { resourceType: 'MedicationRequest', status: 'active', intent: 'order', subject,
  medicationCodeableConcept: { coding: [{ code: '11289', display: 'warfarin' }] } };
told('orders', [order, { ...order, status: 'stopped' }, { ...order, status: 'entered-in-error' },
  { ...order, doNotPerform: true }]);
told('diagnoses', ['confirmed', 'refuted'].map((status) => ({ resourceType: 'Condition', subject,
  code: { text: 'Pneumonia' }, clinicalStatus: coded('active'), verificationStatus: coded(status) })));
const allergy = (code, status) => ({ resourceType: 'AllergyIntolerance', patient: subject, code,
  clinicalStatus: coded('active'), verificationStatus: coded(status) });
told('allergies', ['confirmed', 'refuted'].map((one) => allergy({ coding: [{ display: 'Penicillin' }] }, one)));
told('results', [undefined, '<', '>'].map((comparator) => ({ resourceType: 'Observation', status: 'final',
  code: { text: 'Glucose' }, valueQuantity: { value: 2.5, unit: 'mmol/L', comparator } })));
told('only a text', [allergy({ text: 'Peanut' }, 'confirmed')]);
process.exit(0);
END
seen=$(node look.js 2>/dev/null)
expected=$(cat <<'END'
orders: all are "Medication request Medication warfarin (11289) Type of request order"
diagnoses: all are "Pneumonia active"
allergies: all are "Penicillin Patient Patient/1"
results: all are "Glucose 2.5 mmol/L final"
only a text: all are "Patient Patient/1"
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
