#!/usr/bin/env bash
# nodehl7 2.0.0 (npm): an HL7 v2 message, with its segments by name.
# One expects: PID-3 has two repetitions, separated by ~ (HL7 v2.5.1, 2.5.3): a hospital number and a national one; \S\ is
#   the component separator ^ and \F\ the field separator | (2.7), so the unit is 10^3/uL.
# Seen: a repetition in a field with components is not cut: the type of the first identifier is MR~456, and the second has
#   lost its number into it. The two escapes are swapped: the unit is 10|3/uL, and \F\ comes out as ^.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund nodehl7@2.0.0 >/dev/null
cat >look.js <<'END'
const lib = require('nodehl7');

const message = [
  String.raw`MSH|^~\&|LAB|HOSP|EHR|HOSP|202611201500||ORU^R01|1|P|2.5.1`,
  'PID|1||123^^^HOSP^MR~456^^^STATE^NI||Example^Ann||19700301|F',
  'OBR|1|||58410-2^CBC^LN|||20261120',
  String.raw`OBX|1|NM|6690-2^Leukocytes^LN||7.1|10\S\3/uL|||||F`,
  String.raw`NTE|1|L|seen by A\F\B`,
  '',
].join('\r');
new (lib.default || lib)().parse(message, '1').then((read) => {
  console.log('PID-3', JSON.stringify(read.get('PID').parts[2]));
  console.log('OBX-6', JSON.stringify(read.get('OBX').parts[5]));
  console.log('NTE-3', JSON.stringify(read.get('NTE').parts[2]));
});
END
seen=$(node look.js)
expected=$(cat <<'END'
PID-3 ["123","","","HOSP","MR~456","","","STATE","NI"]
OBX-6 "10|3/uL"
NTE-3 "seen by A^B"
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
