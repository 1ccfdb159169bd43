#!/usr/bin/env bash
# certificate-fhir-convertor 1.3.5 (npm): a DIVOC vaccination certificate as the FHIR Bundle of a SMART Health Card.
# One expects: name, place and batch as the certificate has them; of a person whose age alone is known (40 in March 2021) no
#   birth date, or 1981 or 1980.
# Seen: they are written as for a web page: Ann O'Example is Ann O&#39;Example, batch A/1 is A&#x2F;1, in data that gets
#   signed and compared with a passport. The birth date is made up as the first of January, counted back from the day of
#   the conversion and not of the vaccination: each year the same certificate gives a person who is a year younger.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund certificate-fhir-convertor@1.3.5 >/dev/null
cat >look.cjs <<'END'
const { certificateToSmartHealthJson } = require('certificate-fhir-convertor');
const card = certificateToSmartHealthJson({
  credentialSubject: { name: "Ann O'Example", gender: 'Female', age: '40' },
  evidence: [{ vaccine: 'COVISHIELD', date: '2021-03-02', batch: 'A/1', dose: 1, totalDoses: 2,
    facility: { name: "St Mary's" } }],
});
const [person, vaccine] = card.credentialSubject.fhirBundle.entry.map((entry) => entry.resource);
console.log(person.name[0].text);
console.log(vaccine.performer[0].actor.display, '-', vaccine.lotNumber);
const [year, month, day] = person.birthDate.split('-');
console.log('born', new Date().getFullYear() - year, 'years before this year, on', `${month}-${day}`);
END
seen=$(node look.cjs)
expected=$(cat <<'END'
Ann O&#39;Example
St Mary&#39;s - A&#x2F;1
born 40 years before this year, on 01-01
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
