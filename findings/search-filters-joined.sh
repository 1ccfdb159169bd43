#!/usr/bin/env bash
# fhirsearchhelper 0.4.1 (PyPI): filters a Bundle by search parameters that a server does not know.
# One expects: several parameters all have to hold, and a token with a system asks for both (FHIR R4, Search: joining of
#   parameters by AND, and token): of four diagnoses one is active hypertension of SNOMED CT. [system]|active finds what active finds.
# Seen: what one filter takes is added to what the next takes: resolved hypertension and asthma are in the list of active
#   hypertension, and what fits both is there twice, with the total 5 of 4. A code in another system is taken too. With its
#   system before it, active finds nothing at all: a patient without active diagnoses.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check fhirsearchhelper==0.4.1
seen=$("$folder/env/bin/python" -W ignore - 2>/dev/null <<'END'
from fhir.resources.R4B.bundle import Bundle
from fhirsearchhelper.helpers.fhirfilter import filter_bundle
from fhirsearchhelper.models.models import QuerySearchParams

SNOMED, STATUS = "http://snomed.info/sct", "http://terminology.hl7.org/CodeSystem/condition-clinical"


def condition(name, system, code, status):
    return {"resource": {
        "resourceType": "Condition", "id": name, "subject": {"reference": "Patient/1"},
        "clinicalStatus": {"coding": [{"system": STATUS, "code": status}]},
        "code": {"coding": [{"system": system, "code": code}]},
    }}


bundle = Bundle.model_validate({"resourceType": "Bundle", "type": "searchset", "entry": [
    condition("active-hypertension", SNOMED, "38341003", "active"),
    condition("resolved-hypertension", SNOMED, "38341003", "resolved"),
    condition("active-asthma", SNOMED, "195967001", "active"),
    condition("same-code-elsewhere", "http://example.org/local", "38341003", "resolved"),
]})
for params in (
    {"code": f"{SNOMED}%7C38341003", "clinical-status": "active"},
    {"clinical-status": "active"},
    {"clinical-status": f"{STATUS}|active"},
):
    found = filter_bundle(bundle, QuerySearchParams(resourceType="Condition", searchParams=params), list(params))
    print(found.total, *[entry.resource.id for entry in found.entry or []])
END
)
expected=$(cat <<'END'
5 active-hypertension resolved-hypertension same-code-elsewhere active-hypertension active-asthma
2 active-hypertension active-asthma
0
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
