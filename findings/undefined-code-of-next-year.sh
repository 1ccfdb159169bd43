#!/usr/bin/env bash
# icd10gm-crosswalk 0.1.0 (PyPI): ICD-10-GM codes from one year to another, chained over the yearly tables (Umsteiger) of Germany's
#   BfArM. Here two small tables of made-up changes, in the layout of these files.
# One expects: UNDEF, which stands in these tables for "no counterpart" in either column, is no code: a code that was dropped is
#   deleted, as the package has a word for it, and what is new in the next year comes from nowhere.
# Seen: UNDEF is a code like others. One that was dropped is "one_to_one" UNDEF, merged with all others that were dropped; a year
#   later it is whatever was new in that year: a dropped code of the skin becomes a new one of the eye, "one_to_one".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q --disable-pip-version-check --no-deps icd10gm-crosswalk==0.1.0
mkdir "$folder/tables"
printf '%s\n' 'A00.0;A00.0;A;A' 'L99.1;UNDEF;;' 'M99.1;UNDEF;;' >"$folder/tables/icd10gm2024syst_umsteiger_2023_2024.txt"
printf '%s\n' 'A00.0;A00.0;A;A' 'UNDEF;H99.1;;' >"$folder/tables/icd10gm2025syst_umsteiger_2024_2025.txt"
seen=$("$folder/env/bin/python" - "$folder/tables" <<'END'
import sys

from icd10gm_crosswalk import Crosswalk

crosswalk = Crosswalk.from_source(sys.argv[1])
for code in ("A00.0", "L99.1"):
    for year in (2024, 2025):
        told = crosswalk.map(code, 2023, year)
        print(f"{code} in {year}: {told.kind.value} {', '.join(told.targets)}, merged from {', '.join(told.merged_from) or 'none'}")
END
)
expected=$(cat <<'END'
A00.0 in 2024: identity A00.0, merged from none
A00.0 in 2025: identity A00.0, merged from none
L99.1 in 2024: one_to_one UNDEF, merged from M99.1
L99.1 in 2025: one_to_one H99.1, merged from M99.1
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
