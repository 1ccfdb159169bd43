#!/usr/bin/env bash
# hl7v2-fhir-bridge 0.1.0 (PyPI): a corrected radiology result (ORU^R01) as a DiagnosticReport.
# One expects: a line whose OBX-11 is W (posted as wrong, say for another patient) or D (deletes the record) is not in
#   the report any more (HL7 v2.5.1, 7.4.2.11 and table 0085): the conclusion is that there is no embolism and no mass.
# Seen: OBX-11 is not read, and there is no warning. The corrected report says that there is an embolism, a mass, and
#   neither of them, in this order; a coded finding that was posted as wrong is its only conclusionCode.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check hl7v2-fhir-bridge==0.1.0
seen=$("$folder/env/bin/python" - <<'END'
from v2fhir.config import Config
from v2fhir.convert import convert
from v2fhir.hl7.parser import parse

message = "\r".join([
    r"MSH|^~\&|RIS|HOSP|EHR|HOSP|202611201500-0500||ORU^R01|1|P|2.5.1",
    "PID|1||123^^^HOSP^MR||Example^Ann||19700301|F",
    "OBR|1|A1|B1|71275^CTA chest^C4|||202611201400-0500|||||||||||||||202611201500-0500||CT|C",
    "OBX|1|TX|71275&IMP^Impression||Pulmonary embolism.||||||W",
    "OBX|2|TX|71275&IMP^Impression||Mass in the left lung.||||||D",
    "OBX|3|TX|71275&IMP^Impression||No embolism, no mass.||||||C",
    "OBX|4|CE|71275&IMP^Impression||59282003^Pulmonary embolism^SCT||||||W",
    "",
])
done = convert(parse(message), Config())
for resource in (entry["resource"] for entry in done.bundle["entry"]):
    if resource["resourceType"] == "DiagnosticReport":
        print(resource["status"], "-", resource["conclusion"].replace("\n", " "))
        print(resource["conclusionCode"][0]["coding"][0]["code"], "- warnings:", len(done.warnings))
END
)
expected=$(cat <<'END'
corrected - Pulmonary embolism. Mass in the left lung. No embolism, no mass.
59282003 - warnings: 0
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
