#!/usr/bin/env bash
# abg-interpreter 0.1 (PyPI): arterial blood gases, step by step.
# One expects: acidemia with a high PaCO2 and the bicarbonate of its chronic formula (24 + 0.35 x 20 = 31) is a chronic respiratory
#   acidosis, which it has a word for; likewise a chronic respiratory alkalosis. What is not in its ranges is not "within" them.
#   85 mmHg of oxygen on pure oxygen is no normal oxygenation: the ratio is 85, under 100 (Berlin definition, 2012: severe).
# Seen: where the bicarbonate is high too it is "Acidemia (unspecified)" with "no clear CO2/HCO3 change", although kidneys that
#   compensate make it so: of its two patterns the chronic one never comes up for a compensated patient. With a pH in range a PaCO2 of
#   47 alone is "All values within normal range". The oxygen is judged as if it were room air.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q --disable-pip-version-check --no-deps abg-interpreter==0.1
seen=$("$folder/env/bin/python" - <<'END'
from abg_interpreter import ABGInterpreter

for text, gases in [
    ("acute acidosis", dict(pH=7.21, PaCO2=65, HCO3=25)),
    ("chronic acidosis", dict(pH=7.32, PaCO2=60, HCO3=30)),
    ("acute alkalosis", dict(pH=7.51, PaCO2=28, HCO3=22)),
    ("chronic alkalosis", dict(pH=7.47, PaCO2=28, HCO3=20)),
    ("PaCO2 above its range", dict(pH=7.36, PaCO2=47, HCO3=25.8)),
    ("on pure oxygen", dict(pH=7.40, PaCO2=40, HCO3=24, PaO2=85, FiO2=1.0)),
]:
    told = ABGInterpreter().interpret(**gases)
    second = next(n for n, step in enumerate(told.steps) if "[Step 2]" in step)
    why = told.steps[second + 1].strip().replace("→ ", "").split("  ")[0]
    print(f"{text}: {told.primary_disorder} ({why})")
    for also in filter(None, (told.compensation_adequacy, told.oxygenation_status)):
        print(f"  {also.replace('✓ ', '')}")
END
)
expected=$(cat <<'END'
acute acidosis: Respiratory Acidosis (PaCO2 high + Acidemia)
  Compensation matches Acute pattern
chronic acidosis: Acidemia (unspecified) (Acidemia with no clear CO2/HCO3 change — review values)
acute alkalosis: Respiratory Alkalosis (PaCO2 low + Alkalemia)
  Compensation matches Acute pattern
chronic alkalosis: Alkalemia (unspecified) (Alkalemia with no clear CO2/HCO3 change — review values)
PaCO2 above its range: Normal ABG (All values within normal range)
on pure oxygen: Normal ABG (All values within normal range)
  PaO2 = 85 mmHg  Normal oxygenation
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
