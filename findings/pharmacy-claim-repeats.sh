#!/usr/bin/env bash
# dzero-python 1.0.2 (PyPI): pharmacy claims of NCPDP's telecommunication standard, version D.0.
# One expects: fields that the standard lets repeat within a segment are a list: each ingredient of a compound, each
#   diagnosis, each alert of the drug check; or reading says that it cannot hold them. The counts say how many there are.
# Seen: only the last of each is kept, and the count beside it still says two: of lidocaine and morphine one ingredient is
#   left, of an alert on an allergy (DA) and one on a double prescription (TD) the second. Written again, the first is gone.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check dzero-python==1.0.2
seen=$("$folder/env/bin/python" - <<'END'
from dzero_python import Request

header = "999999D0B1" + " " * 10 + "101" + "1111111111     " + "20261130" + " " * 10
segments = (
    ("AM07", "EM1", "D21234567", "D62"),
    ("AM10", "EF05", "EG3", "EC02", "RE03", "TE00000000001", "ED5000", "RE03", "TE00000000002", "ED1000"),
    ("AM08", "7E1", "E4DA", "7E2", "E4TD"),
    ("AM13", "VE2", "WE02", "DOI2699", "WE02", "DOE119"),
)
message = header + "\x1d" + "".join("\x1e" + "".join("\x1c" + field for field in fields) for fields in segments)
group = Request.parse(message).transaction_groups[0]
for segment, count, field in (
    (group.compound_segment, "compound_ingredient_component_count", "compound_product_id"),
    (group.dur_pps_segment, "dur_pps_code_counter", "reason_for_service_code"),
    (group.clinical_segment, "diagnosis_code_count", "diagnosis_code")):
    print(count, segment[count], "-", field, segment[field])
print(group.dur_pps_segment.to_s().replace("\x1c", " ").strip("\x1e"))
END
)
expected=$(cat <<'END'
compound_ingredient_component_count 02 - compound_product_id 00000000002
dur_pps_code_counter 2 - reason_for_service_code TD
diagnosis_code_count 2 - diagnosis_code E119
 AM08 7E2 E4TD
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
