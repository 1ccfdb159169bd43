#!/usr/bin/env bash
# cql-exec-fhir 2.2.0 (npm): the data of CQL's engine in JavaScript (cql-execution), from FHIR Bundles.
# One expects: of a Bundle with two patients each patient, with the results whose subject they are.
# Seen: the first patient has the results of both, whoever is their subject, and the second is left out without a word:
#   a measure or a rule then reads another patient's potassium.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund cql-exec-fhir@2.2.0 > /dev/null
cat > asked.js <<'END'
const { PatientSource } = require("cql-exec-fhir");
const patient = (id) => ({ resource: { resourceType: "Patient", id } });
const result = (id, who) => ({
  resource: { resourceType: "Observation", id, status: "final", code: { text: "Potassium" }, subject: { reference: who } },
});
const source = PatientSource.FHIRv401();
source.loadBundles([
  {
    resourceType: "Bundle",
    type: "collection",
    entry: [patient("a"), patient("b"), result("of-a", "Patient/a"), result("of-b", "Patient/b")],
  },
]);
for (let one = source.currentPatient(); one; one = source.nextPatient()) {
  console.log("patient", one.getId(), one.findRecords("Observation").map((found) => found.getId()).join(" "));
}
END
seen=$(node asked.js)
printf '%s\n' "$seen"
expected='patient a of-a of-b'
[ "$seen" = "$expected" ] || { echo 'This has changed.' >&2; exit 1; }
