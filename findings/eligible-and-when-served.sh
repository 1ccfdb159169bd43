#!/usr/bin/env bash
# x12-edi-tools 0.1.2 (PyPI): X12 271, whether a patient is covered, and X12 835, what was paid for (both 005010).
# One expects: EB01 2 to 5 say active as 1 does; EB02 is the coverage level (IND), EB03 the service (30), EB01 B a co-payment whose
#   amount is EB07. Of a service line in an 835 the date is its DTM*472; BPR04 is the way of payment (ACH), and a CAS holds up to
#   six reasons with their amounts (X279 and X221, the guides of both).
# Seen: active by 3 is not eligible and has no status; the service is "IND", which is unknown, and there is no co-payment. A claim
#   whose dates stand at its lines was served in the moment in which it is read; it was paid by "150", and of the patient's deductible of
#   100 and co-insurance of 20 the first alone is left.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q --disable-pip-version-check --no-deps x12-edi-tools==0.1.2
cat >"$folder/look.py" <<'END'
from datetime import datetime

from x12_edi_tools.eligibility_checker import EligibilityChecker
from x12_edi_tools.remittance_advise_parser import RemittanceAdviceParser

for benefits in ("EB*1*IND*30**GOLD~EB*B*IND*98****27*25~", "EB*3*IND*30**GOLD~"):
    answer = EligibilityChecker().process_271_response("NM1*IL*1*EXAMPLE*ANN****MI*123~" + benefits)
    print(answer.is_eligible, repr(answer.plan_status), answer.service_type_code, answer.service_type_name, answer.copay)

advice = RemittanceAdviceParser().parse(
    "ST*835*0001~BPR*I*150*C*ACH*CCP*01*999999992*DA*123456*1512345678**01*999988880*DA*98765*20260913~"
    "TRN*1*12345*1512345678~N1*PR*PAYER~N1*PE*CLINIC*XX*1234567893~LX*1~CLP*A1*1*270*150*120*12*C1~NM1*QC*1*EXAMPLE*ANN~"
    "SVC*HC:99213*270*150~DTM*472*20260810~CAS*PR*1*100**2*20~SE*11*0001~")
claim = advice.claims[0]
print(advice.payment_method, [(one["reason_code"], str(one["amount"])) for one in claim.adjustment_reasons])
print("served in this minute:", abs((datetime.now() - claim.service_date).total_seconds()) < 60)
END
seen=$("$folder/env/bin/python" "$folder/look.py")
expected=$(cat <<'END'
True 'Active' IND Unknown Service Type None
False '' IND Unknown Service Type None
150 [('1', '100')]
served in this minute: True
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
