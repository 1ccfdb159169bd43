#!/usr/bin/env bash
# cvd-risk 0.1.48 (PyPI): SCORE2, the ten-year risk of heart attack and stroke in Europe, in words "by age, ESC 2021".
# One expects: the words of that guideline: under 50 years 2.5 % and more is high, 7.5 % and more very high; from 50 to 69 years 5 %
#   and 10 %. Below that it is low to moderate, and there is no moderate of its own.
# Seen: the numbers are SCORE2's, the words are a step too mild: what is high is "moderate", where lifestyle is enough, and what is
#   very high is "high"; "very_high" begins at twice the guideline's limit, so that 14 % at 50 years is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check cvd-risk==0.1.48
seen=$("$folder/env/bin/python" -W ignore - 2>/dev/null <<'END'
from cvd_risk import PatientData, SCORE2

for age, region, limits in ((45, "low", (2.5, 7.5)), (45, "very_high", (2.5, 7.5)), (50, "low", (5, 10)), (50, "very_high", (5, 10))):
    result = SCORE2().calculate(PatientData(age=age, sex="male", systolic_bp=140, total_cholesterol=5.5, hdl_cholesterol=1.3,
                                            smoking=True, region=region))
    guideline = ("low-to-moderate", "high", "very high")[sum(result.risk_score >= limit for limit in limits)]
    print(f"smoker of {age}, region {region}: {result.risk_score:.1f} %, {guideline} by the guideline, told {result.risk_category}")
END
)
expected=$(cat <<'END'
smoker of 45, region low: 4.8 %, high by the guideline, told moderate
smoker of 45, region very_high: 11.2 %, very high by the guideline, told high
smoker of 50, region low: 5.9 %, high by the guideline, told moderate
smoker of 50, region very_high: 14.0 %, very high by the guideline, told high
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
