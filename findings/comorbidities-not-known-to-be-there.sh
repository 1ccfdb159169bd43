#!/usr/bin/env bash
# elixhauser-ahrq 2026.1.3 (PyPI): the comorbidities of AHRQ's Elixhauser software, and its index of mortality, from diagnoses.
# One expects: what the page of the package shows for diagnoses without a word on whether they were there on admission, heart and renal
#   failure, and a score of 7; or that these cannot be told (missing, not absent). I69.351, a paralysis after a stroke, counts: its
#   code is exempt from that word, which a claim (X12 837, version 5010) then leaves empty (ICD-10-CM guidelines, appendix I).
# Seen: without that word neither failure is there, and the score is -7, which its page calls a low risk; an empty one for the
#   exempt code takes the paralysis and the stroke away. All of them are plain False. The first code never counts.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q --disable-pip-version-check elixhauser-ahrq==2026.1.3 pandas==2.2.3 numpy==2.2.1 openpyxl==3.1.5
cat >"$folder/look.py" <<'END'
from elixhauser_ahrq import ElixhauserMapper, ElixhauserScorer

mapper, scorer = ElixhauserMapper(), ElixhauserScorer(index_type="mortality")


def show(codes, on_admission=None):
    flags = mapper.map_patient_diagnoses(codes, on_admission)
    there = sorted(name for name, flag in flags.items() if flag)
    print(scorer.calculate_score(flags), " ".join(there), "| HF is", flags["HF"])


example = ["I509", "E119", "I10", "N183", "E6601"]
show(example)
show(["S72001A", *example])
show(["S72001A", *example], ["Y"] * 6)
show(["S72001A", "I69351"], ["Y", ""])
show(["S72001A", "I69351"], ["Y", "Y"])
END
seen=$("$folder/env/bin/python" "$folder/look.py")
expected=$(cat <<'END'
-7 DIAB_UNCX HTN_UNCX OBESE | HF is False
-7 DIAB_UNCX HTN_UNCX OBESE | HF is False
10 DIAB_UNCX HF HTN_UNCX OBESE RENLFL_MOD | HF is True
0  | HF is False
9 CBVD PARALYSIS | HF is False
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
