#!/usr/bin/env bash
# @atomic-ehr/fhirpath 0.1.4 (npm): FHIRPath, without a model as in its quick start.
# One expects: a date of the data compares with a date, or it is refused, as "is" is without a model; the value of an extension is
#   found by where() as by extension(). 1 mg/dL is 10 mg/L (FHIRPath's equality of quantities), 0.7 g is not less than 700 mg,
#   38 Cel is 100.4 [degF].
# Seen: a date of the data compares with nothing and has no years added unless toDate() is asked for it: each such condition is
#   empty, so it does not hold. The value after extension(url) is there, after extension.where(url = ...) there is none. Equal
#   amounts in two units are compared as floating numbers: 1.2 mg/dL is less than 12 mg/L, 0.7 g is less than 700 mg, 38 Cel is
#   not as much as 100.4 [degF].
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @atomic-ehr/fhirpath@0.1.4 >/dev/null
cat >look.mjs <<'END'
import { evaluate } from '@atomic-ehr/fhirpath';

const measured = (value, unit) => ({ value, unit, system: 'http://unitsofmeasure.org', code: unit });
const observation = {
  resourceType: 'Observation', status: 'final', code: { text: 'Creatinine' }, effectiveDateTime: '2026-11-05',
  valueQuantity: measured(1.2, 'mg/dL'), extension: [{ url: 'https://example.org/fasting', valueBoolean: true }],
};
const patient = { resourceType: 'Patient', birthDate: '1970-05-01' };
const asked = [
  [observation, 'effective'], [observation, 'effective >= @2026-01-01'], [observation, 'effective.toDate() >= @2026-01-01'],
  [patient, 'birthDate < @1980-01-01'], [patient, 'birthDate + 18 years'],
  [observation, "extension('https://example.org/fasting').value"],
  [observation, "extension.where(url = 'https://example.org/fasting').value"],
  [observation, "value = 12 'mg/L'"], [observation, "value < 12 'mg/L'"], [observation, "1 'g/L' = 100 'mg/dL'"],
  [observation, "0.7 'g' < 700 'mg'"], [observation, "38 'Cel' >= 100.4 '[degF]'"], [observation, "0.1 + 0.2 = 0.3"],
];
for (const [input, expression] of asked)
  console.log(`${expression}: ${JSON.stringify(await evaluate(expression, { input }))}`);
END
seen=$(node look.mjs)
expected=$(cat <<'END'
effective: ["2026-11-05"]
effective >= @2026-01-01: []
effective.toDate() >= @2026-01-01: [true]
birthDate < @1980-01-01: []
birthDate + 18 years: []
extension('https://example.org/fasting').value: [true]
extension.where(url = 'https://example.org/fasting').value: []
value = 12 'mg/L': [false]
value < 12 'mg/L': [true]
1 'g/L' = 100 'mg/dL': [false]
0.7 'g' < 700 'mg': [true]
38 'Cel' >= 100.4 '[degF]': [false]
0.1 + 0.2 = 0.3: [false]
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
