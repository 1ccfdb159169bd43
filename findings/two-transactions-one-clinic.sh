#!/usr/bin/env bash
# kw-x12-parser 0.1.6 (PyPI): claims of X12 837P, with the clinic and the insured of each.
# One expects: a file may hold several transactions (ST to SE, in one GS or several), and the levels (HL01) are numbered anew in
#   each, beginning with 1 (005010X222A1, HL): a child in the first is its own mother's, and its claim the first clinic's.
# Seen: levels are looked up by their number across the whole file, so the last transaction wins: both claims are the second
#   clinic's, the first has none, and the first child is insured by a stranger. One transaction alone is right; of its second
#   HI segment, where diagnoses go on, nothing is read.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q --disable-pip-version-check --no-deps kw-x12-parser==0.1.6
cat >"$folder/look.py" <<'END'
from kw_x12_parser.x837p.utils.hierarchical_parser import parse_837p_string


def transaction(number, clinic, insured, child, more=""):
    return (f"ST*837*{number}*005010X222A1~BHT*0019*00*{number}*20261130*0830*CH~NM1*41*2*SENDER*****46*1~PER*IC*A*TE*1~"
            f"NM1*40*2*RECEIVER*****46*2~HL*1**20*1~NM1*85*2*{clinic}*****XX*1234567893~HL*2*1*22*1~SBR*P********CI~"
            f"NM1*IL*1*{insured}*X****MI*1~NM1*PR*2*PAYER*****PI*1~HL*3*2*23*0~PAT*19~NM1*QC*1*{child}*X~"
            f"CLM*{child}*150***11:B:1*Y*A*Y*Y~HI*ABK:E109~{more}LX*1~SV1*HC:99213*150*UN*1***1~DTP*472*D8*20261130~SE*21*{number}~")


def show(*transactions):
    parsed = parse_837p_string(
        "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261130*0830*^*00501*000000001*0*P*:~"
        "GS*HC*SENDER*RECEIVER*20261130*0830*1*X*005010X222A1~" + "".join(transactions) + "GE*1*1~IEA*1*000000001~")
    for provider in parsed.billing_providers:
        print(provider.name, [(claim.patient_name, "insured by", claim.subscriber_name, claim.diagnosis_codes) for claim in provider.claims])


first = transaction("0001", "CLINIC A", "MOTHER-A", "CHILD-A", more="HI*ABF:Z9104~")
show(first)
print("two transactions:")
show(first, transaction("0002", "CLINIC B", "MOTHER-B", "CHILD-B"))
END
seen=$("$folder/env/bin/python" "$folder/look.py")
expected=$(cat <<'END'
CLINIC A [('X CHILD-A', 'insured by', 'X MOTHER-A', ['E109'])]
two transactions:
CLINIC A []
CLINIC B [('X CHILD-A', 'insured by', 'X MOTHER-B', ['E109']), ('X CHILD-B', 'insured by', 'X MOTHER-B', ['E109'])]
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
