#!/usr/bin/env bash
# cvd-risk 0.1.48 (PyPI): the ten-year risk of heart attack and stroke by the Pooled Cohort Equations of ACC and AHA, as its class
#   ASCVD gives it; its page lists it as ready for production.
# One expects: the risks that the guideline of 2013 gives for its example, 55 years, total cholesterol 213 and HDL 50 mg/dL, untreated
#   120 mmHg, no smoking, no diabetes: 2.1 % of white women, 3.0 % of black women, 5.3 % of white men, 6.1 % of black men.
# Seen: 0.0 % of the white and 100 % of the black. A white man of 70 who smokes, with 160 mmHg, is at no risk and "low", until the
#   pressure is treated, which makes it 100 %; the healthiest black woman of 40 falls ill for certain and is "high".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check cvd-risk==0.1.48
seen=$("$folder/env/bin/python" -W ignore - 2>/dev/null <<'END'
from cvd_risk import PatientData
from cvd_risk.models.ascvd import ASCVD


def told(what, sex, race, age=55, pressure=120, total=213, hdl=50, smoking=False, treated=False):
    result = ASCVD().calculate(PatientData(age=age, sex=sex, race=race, systolic_bp=pressure, total_cholesterol=total / 38.67,
                                           hdl_cholesterol=hdl / 38.67, smoking=smoking, diabetes=False, antihypertensive=treated))
    print(f"{what}: {result.risk_score:.1f} %, {result.risk_category}")


for sex, race, published in (("female", "white", 2.1), ("female", "black", 3.0), ("male", "white", 5.3), ("male", "black", 6.1)):
    told(f"{race} {sex} of 55, published {published} %", sex, race)
told("white male of 70 who smokes, 160 mmHg", "male", "white", 70, 160, 250, 40, True)
told("the same with treatment", "male", "white", 70, 160, 250, 40, True, True)
told("black female of 40, 100 mmHg", "female", "black", 40, 100, 150, 70)
END
)
expected=$(cat <<'END'
white female of 55, published 2.1 %: 0.0 %, low
black female of 55, published 3.0 %: 100.0 %, high
white male of 55, published 5.3 %: 0.0 %, low
black male of 55, published 6.1 %: 100.0 %, high
white male of 70 who smokes, 160 mmHg: 0.0 %, low
the same with treatment: 100.0 %, high
black female of 40, 100 mmHg: 100.0 %, high
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
