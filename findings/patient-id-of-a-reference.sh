#!/usr/bin/env bash
# fhiry 5.2.2 (PyPI): a Bundle as a table, one row a resource, with the patient's id in a column of its own.
# One expects: the same id for the Patient and for an Observation that refers to it by its full address, so that rows
#   can be grouped by patient; a coding keeps its system, or the columns are told apart by it.
# Seen: only the word "Patient/" is cut out of the address: https://ehr.example/fhir/p1 is another patient than p1, so
#   grouping gives two persons. The codes of all systems are glued into one text without their systems.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check fhiry==5.2.2
seen=$("$folder/env/bin/python" - 2>/dev/null <<'END'
from fhiry.base_fhiry import BaseFhiry

table = BaseFhiry().process_bundle_dict({
    "resourceType": "Bundle", "type": "collection", "entry": [
        {"fullUrl": "https://ehr.example/fhir/Patient/p1", "resource": {"resourceType": "Patient", "id": "p1"}},
        {"fullUrl": "https://ehr.example/fhir/Observation/o1", "resource": {
            "resourceType": "Observation", "id": "o1", "status": "final",
            "subject": {"reference": "https://ehr.example/fhir/Patient/p1"},
            "code": {"coding": [
                {"system": "http://loinc.org", "code": "2823-3"},
                {"system": "https://laboratory.example/tests", "code": "K"}]},
        }},
    ],
})
print(list(table["patientId"]))
print([name for name in table.columns if name.startswith("code")], repr(table["code.coding.codes"][1]))
END
)
expected=$(cat <<'END'
['p1', 'https://ehr.example/fhir/p1']
['code.coding.codes'] '2823-3, K'
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
