#!/usr/bin/env bash
# sqlonfhir 0.0.2 and fhirpathpy 2.2.4 (PyPI): extensions that repeat, in views of SQL on FHIR and in FHIRPath.
# One expects: extension(url) gives every extension of that url, as FHIR defines it; so a column with
#   `collection` holds both races of a patient who has two (US Core writes each as an ombCategory).
# Seen: extension('ombCategory') gives the first alone, and the second race is in no row; where(url = …) gives both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for package in sqlonfhir==0.0.2 fhirpathpy==2.2.4; do # the former brings an earlier fhirpathpy
    python3 -m venv "$folder/$package"
    "$folder/$package/bin/pip" install --quiet --disable-pip-version-check "$package"
done
cat > "$folder/patient.py" <<'END'
race = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race"
categories = [
    {"url": "ombCategory", "valueCoding": {"system": "urn:oid:2.16.840.1.113883.6.238", "code": code}}
    for code in ("2028-9", "2106-3")
]
patient = {
    "resourceType": "Patient",
    "id": "p",
    "extension": [{"url": race, "extension": [*categories, {"url": "text", "valueString": "Asian, White"}]}],
}
value = "value.ofType(Coding).code"
short = f"extension('{race}').extension('ombCategory').{value}"
long = f"extension('{race}').extension.where(url = 'ombCategory').{value}"
END
cat > "$folder/view.py" <<'END'
from patient import long, patient, short
from sqlonfhir import evaluate

columns = [
    {"name": name, "path": path, "type": "code", "collection": True}
    for name, path in (("short", short), ("long", long))
]
view = {
    "resourceType": "ViewDefinition",
    "status": "draft",
    "resource": "Patient",
    "select": [{"column": columns}],
}
print("view", evaluate([patient], view))
END
cat > "$folder/path.py" <<'END'
import fhirpathpy
from fhirpathpy.models import models
from patient import long, patient, short

for path in (short, long):
    print("path", fhirpathpy.evaluate(patient, path, {}, models["r4"]))
END
seen=$("$folder/sqlonfhir==0.0.2/bin/python" "$folder/view.py"
    "$folder/fhirpathpy==2.2.4/bin/python" "$folder/path.py")
expected=$(cat <<'END'
view [{'short': ['2028-9'], 'long': ['2028-9', '2106-3']}]
path ['2028-9']
path ['2028-9', '2106-3']
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
