#!/usr/bin/env bash
# fhir 4.12.0 (npm): FHIR between XML and JSON, as objects (xmlToObj, objToXml).
# One expects: an object has what FHIR's JSON has: numbers; null where an entry of a list has only an extension; 1E3, which FHIR
#   allows, is a thousand.
# Seen: decimals are texts, integers are numbers: a potassium of "10.2" is less than "9.8", and written as JSON it is no FHIR.
#   Of the given names Ann, one that is masked, and Marie, the mask moves to Marie and the second name is gone. 1E3 is an
#   error.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund fhir@4.12.0 >/dev/null
cat >look.cjs <<'END'
const { Fhir } = require('fhir');
const fhir = new Fhir();
const result = (value) => '<Observation xmlns="http://hl7.org/fhir"><status value="final"/><code><text value="K"/></code>'
  + `<valueQuantity><value value="${value}"/></valueQuantity></Observation>`;
const [more, less] = ['10.2', '9.8'].map((value) => fhir.xmlToObj(result(value)).valueQuantity.value);
console.log(JSON.stringify(more), '>', JSON.stringify(less), 'is', more > less);
try {
  fhir.xmlToObj(result('1E3'));
} catch (error) {
  console.log(error.message);
}
const mask = { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }] };
const person = { resourceType: 'Patient', name: [{ given: ['Ann', null, 'Marie'], _given: [null, mask, null] }] };
for (const { name: [{ given, _given: hidden }] } of [person, fhir.xmlToObj(fhir.objToXml(person))]) {
  console.log(given.map((one, i) => `${one}${hidden[i] ? ' (masked)' : ''}`).join(', '));
}
END
seen=$(node look.cjs)
expected=$(cat <<'END'
"10.2" > "9.8" is false
Value should be a decimal number but got: 1E3
Ann, null (masked), Marie
Ann, Marie (masked)
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
