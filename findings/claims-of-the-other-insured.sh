#!/usr/bin/env bash
# hccinfhir 0.4.0 (PyPI; with pydantic 2.11.7): the diagnoses of claims, X12 837 or FHIR's ExplanationOfBenefit, for risk scores.
# One expects: the lines of a claim are its patient's, whoever else insures them (837P, 005010X222A1: loop 2330A is the other
#   subscriber); a void (CLM05-3 is 8) takes back, a cancelled one or one entered in error (status, a modifier element) does not
#   count; the separator within an element is the one that ISA16 names.
# Seen: of a woman who is insured by her husband too, the lines have his number as patient. The void of a claim gives its diagnosis
#   once more, the cancelled one and the one in error theirs. With ">" as separator, as many payers send it, no diagnosis is left.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q --disable-pip-version-check hccinfhir==0.4.0 pydantic==2.11.7
cat >"$folder/look.py" <<'END'
from hccinfhir.extractor import extract_sld

OTHER = "SBR*S*18*******CI~OI***Y***Y~NM1*IL*1*EXAMPLE*BEN****MI*HIS-NUMBER~NM1*PR*2*OTHER PAYER*****PI*2~"


def claim(frequency="1", other="", separator=":"):
    text = ("ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261130*0830*^*00501*000000001*0*P*:~"
            "GS*HC*SENDER*RECEIVER*20261130*0830*1*X*005010X222A1~ST*837*0001*005010X222A1~BHT*0019*00*1*20261130*0830*CH~"
            "NM1*41*2*SENDER*****46*1~PER*IC*A*TE*1~NM1*40*2*RECEIVER*****46*2~HL*1**20*1~NM1*85*2*CLINIC*****XX*1234567893~"
            "HL*2*1*22*0~SBR*P*18*******MB~NM1*IL*1*EXAMPLE*ANN****MI*HER-NUMBER~NM1*PR*2*PAYER*****PI*1~"
            f"CLM*C1*150***11:B:{frequency}*Y*A*Y*Y~HI*ABK:E1152~{other}LX*1~SV1*HC:99213*150*UN*1***1~DTP*472*D8*20261130~"
            "SE*20*0001~GE*1*1~IEA*1*000000001~")
    return text.replace(":", separator)


def benefit(status):
    code = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "E1152"}]}
    return {"resourceType": "ExplanationOfBenefit", "id": "C1", "status": status,
            "patient": {"reference": "Patient/HER-NUMBER"}, "diagnosis": [{"sequence": 1, "diagnosisCodeableConcept": code}]}


def show(what, lines):
    print(what + ":", [(line.patient_id, line.claim_diagnosis_codes) for line in lines])


show("alone", extract_sld(claim(), "837"))
show("insured twice", extract_sld(claim(other=OTHER), "837"))
show("void", extract_sld(claim(frequency="8"), "837"))
show("with >", extract_sld(claim(separator=">"), "837"))
for status in ("cancelled", "entered-in-error"):
    show(status, extract_sld(benefit(status), "fhir"))
END
seen=$("$folder/env/bin/python" "$folder/look.py")
expected=$(cat <<'END'
alone: [('HER-NUMBER', ['E1152'])]
insured twice: [('HIS-NUMBER', ['E1152'])]
void: [('HER-NUMBER', ['E1152'])]
with >: [('HER-NUMBER', [])]
cancelled: [('HER-NUMBER', ['E1152'])]
entered-in-error: [('HER-NUMBER', ['E1152'])]
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
