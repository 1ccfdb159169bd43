#!/usr/bin/env bash
# @imranq2/fhir-to-csv 1.0.15 (npm; with xlsx 0.18.5 of npm for the one that it names elsewhere): a FHIR R4 Bundle as tables.
# One expects: the answers of a QuestionnaireResponse, which stand in item.answer.value[x]; a result whatever its type (value[x]
#   of an Observation has eleven), a zero among them, with its comparator, and what was measured, if its code is only a text.
# Seen: each answer is read from the item itself, where FHIR has none, so every completed form has empty answers. Of results only
#   quantities and texts are kept: a positive test, a score of 7 and zero cigarettes a day are empty; less than 2.5 is 2.5; and
#   none says what it is a result of. An order not to give a medicine looks like one to give it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"dependencies": {"@imranq2/fhir-to-csv": "1.0.15"}, "overrides": {"xlsx": "0.18.5"}}' >package.json
npm install --silent --no-audit --no-fund >/dev/null # @imranq2/fhir-to-csv@1.0.15
cat >look.cjs <<'END'
const { FHIRBundleConverter } = require('@imranq2/fhir-to-csv/lib/fhir_bundle_converter');

const of = { status: 'final', subject: { reference: 'Patient/p1' } };
const result = (text, value) => ({ resourceType: 'Observation', ...of, code: { text }, ...value });
const resources = [
  { resourceType: 'QuestionnaireResponse', status: 'completed', item: [
    { linkId: 'chest-pain', answer: [{ valueBoolean: true }] },
    { linkId: 'pain', answer: [{ valueInteger: 9 }] }] },
  result('Pregnancy test', { valueCodeableConcept: { text: 'Positive' } }),
  result('Coma scale', { valueInteger: 7 }),
  result('Cigarettes', { valueQuantity: { value: 0, unit: '/d' } }),
  result('Potassium', { valueQuantity: { value: 2.5, comparator: '<', unit: 'mmol/L' } }),
  { resourceType: 'MedicationRequest', ...of, status: 'active', intent: 'order', doNotPerform: true,
    medicationCodeableConcept: { text: 'Ibuprofen' } }];
const tables = new FHIRBundleConverter().convertBundleToDictionaries(
  { resourceType: 'Bundle', type: 'collection', entry: resources.map((resource) => ({ resource })) });
for (const [type, rows] of Object.entries(tables)) {
  for (const row of rows) {
    console.log(type, JSON.stringify(Object.fromEntries(Object.entries(row).filter(([, cell]) => cell !== ''))));
  }
}
END
seen=$(node look.cjs)
expected=$(cat <<'END'
QuestionnaireResponse {"status":"completed"}
Observation {"patientId":"p1","status":"final"}
Observation {"patientId":"p1","status":"final"}
Observation {"patientId":"p1","status":"final","valueUnit":"/d"}
Observation {"patientId":"p1","status":"final","value":2.5,"valueUnit":"mmol/L"}
MedicationRequest {"patientId":"p1","status":"active","intent":"order","medication":"Ibuprofen","medicationText":"Ibuprofen"}
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
