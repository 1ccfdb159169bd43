#!/usr/bin/env bash
# libre2-reader 0.1.0 (PyPI): what the reader of a FreeStyle Libre 2 has stored, as its answer to $arresult? lists it.
# One expects: a ketone strip gives a ketone in mmol/L, in a field of its own, or none; "all glucose values are in mg/dL", as the
#   class GlucoseRecord says.
# Seen: 1.5 mmol/L of ketones is a GlucoseRecord of 1.5 mg/dL, and 0.1 one of 0.1. Only its source tells: whoever takes the lowest
#   glucose, or an alarm under 54, finds a deadly one beside the 182 of the same minute. A strip of blood has mg/dL.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q --disable-pip-version-check libre2-reader==0.1.0 freestyle-hid==1.1.0 hidapi==0.14.0.post4
cat >"$folder/look.py" <<'END'
from libre import parse_events


def row(number, minute, kind, value):
    cells = ["0"] * 44
    cells[:8] = [str(number), "2", "11", "30", "26", "8", str(minute), "0"]
    cells[9], cells[12] = str(kind), str(value)
    return cells


records = list(parse_events([row(1, 0, 0, 182), row(2, 1, 1, 27), row(3, 2, 1, 2)]))
for record in records:
    print(type(record).__name__, record.source, round(record.glucose_mg_dl, 1), "mg/dL")
print("lowest:", round(min(record.glucose_mg_dl for record in records), 1))
END
seen=$("$folder/env/bin/python" "$folder/look.py")
expected=$(cat <<'END'
GlucoseRecord blood 182.0 mg/dL
GlucoseRecord ketone 1.5 mg/dL
GlucoseRecord ketone 0.1 mg/dL
lowest: 0.1
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
