#!/usr/bin/env bash
# sdc-qrf 0.2.0 (npm, with react 18.3.1 as its peer): which questions enableWhen switches on while a form is answered.
# One expects: "exists" is true of any answer, a number and a yes among them; an answer equals an option of the same
#   code and the same system.
# Seen: of an integer, a decimal and a boolean answer "exists" is false, of a text it is true, so what hangs on a number
#   that was given stays hidden; a code of one system equals the same letters of another.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund sdc-qrf@0.2.0 react@18.3.1 >/dev/null
cat >look.js <<'END'
const { getEnabledQuestions } = require('sdc-qrf/lib/utils');
const shown = (operator, given, wanted) => {
  const child = { linkId: 'child', type: 'string', enableWhen: [{ question: 'parent', operator, answer: wanted }] };
  const values = { parent: [{ value: given }] };
  return getEnabledQuestions([child], [], values, {}).length === 1;
};
const yes = { boolean: true };
for (const given of [{ string: 'three' }, { integer: 3 }, { decimal: 3.5 }, { boolean: true }])
  console.log(Object.keys(given)[0], 'exists:', shown('exists', given, yes));
const coding = (system) => ({ Coding: { system, code: '1' } });
console.log('equal across systems:', shown('=', coding('http://loinc.org'), coding('http://snomed.info/sct')));
END
seen=$(node look.js)
expected=$(cat <<'END'
string exists: true
integer exists: false
decimal exists: false
boolean exists: false
equal across systems: true
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
