#!/usr/bin/env bash
# brightohir 2.1.2 (PyPI): r4_to_r5 on a MedicationStatement.
# One expects: R5's shape (medication.concept; status is about the record, adherence about the taking), or an error
#   that says that this resource cannot be turned.
# Seen: it comes back as it was, with R4's element and R4's status, and without a word: R5 has neither.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check brightohir==2.1.2
seen=$("$folder/env/bin/python" - 2>/dev/null <<'END'
import brightohir

statement = {
    "resourceType": "MedicationStatement",
    "status": "stopped",
    "medicationCodeableConcept": {"text": "furosemide"},
    "subject": {"reference": "Patient/1"},
    "effectivePeriod": {"end": "2020"},
}
turned = brightohir.r4_to_r5(dict(statement))
print(turned == statement)
print("medication" in turned, turned["status"])
END
)
expected=$(cat <<'END'
True
False stopped
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
