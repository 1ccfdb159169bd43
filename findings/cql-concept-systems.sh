#!/usr/bin/env bash
# cqlpy 0.3.1 (PyPI; with python-dateutil, which it imports and does not bring): CQL's ~ on two CodeableConcepts.
# One expects: two concepts are equivalent where they share a code of one system; a local code that happens to be spelt
#   like one of LOINC is another code. A comparison with a value that is not there is null, neither true nor false.
# Seen: the system is not looked at, so the local code is equivalent to LOINC's; and both "less" and "greater" of an
#   absent value are false, so that "not less" reads as settled where nothing was measured.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check cqlpy==0.3.1 python-dateutil==2.9.0.post0
seen=$("$folder/env/bin/python" - <<'END'
from cqlpy.operators import equivalent, greater, less
from cqlpy.types import Concept, Decimal, Null

loinc = Concept.parse_fhir_json({"coding": [{"system": "http://loinc.org", "code": "2823-3"}]})
local = Concept.parse_fhir_json({"coding": [{"system": "http://hospital.example/tests", "code": "2823-3"}]})
print("equivalent:", equivalent(loinc, local))
print("absent is less:", less(Null(), Decimal(3)), "greater:", greater(Null(), Decimal(3)))
END
)
expected=$(cat <<'END'
equivalent: True
absent is less: False greater: False
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
