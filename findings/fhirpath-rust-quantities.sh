#!/usr/bin/env bash
# fhirpathrs 0.1.5 (PyPI): quantities and partial dates in FHIRPath.
# One expects: 1 kg = 1000 g if units are converted at all, as for >= (or an empty result for both); ofType(Quantity)
#   gives what `is Quantity` calls one; a month compared with a day within it is empty.
# Seen: >= is true and = is false for the same two quantities; ofType(Quantity) is empty for a value that is one;
#   2026-11 > 2026-11-15 is false instead of unknown.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check fhirpathrs==0.1.5
seen=$("$folder/env/bin/python" - 2>/dev/null <<'END'
from fhirpathrs import evaluate

lab = {
    "resourceType": "Observation",
    "status": "final",
    "valueQuantity": {"value": 6.5, "unit": "mmol/L"},
    "effectiveDateTime": "2026-11",
}
for expression in (
    "1 'kg' >= 1000 'g'",
    "1 'kg' = 1000 'g'",
    "Observation.value is Quantity",
    "Observation.value.ofType(Quantity).value",
    "Observation.effective > @2026-11-15",
):
    print(expression, "=>", evaluate(expression, lab))
END
)
expected=$(cat <<'END'
1 'kg' >= 1000 'g' => True
1 'kg' = 1000 'g' => False
Observation.value is Quantity => True
Observation.value.ofType(Quantity).value => []
Observation.effective > @2026-11-15 => False
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
