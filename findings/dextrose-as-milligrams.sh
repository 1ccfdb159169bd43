#!/usr/bin/env bash
# drugdose 0.1.2 (PyPI): doses and pump rates for emergency care, "any rate unit" among them.
# One expects: 0.5 to 1 g/kg of dextrose, at most 25 g, is 25 g for 70 kg, which is 50 mL of the 500 mg/mL (D50W); 2 g of calcium
#   gluconate is 20 mL of its 100 mg/mL; 100 mEq of bicarbonate is 100 mL of 8.4 %. A pump rate is above a maximum of
#   1 or 3 mcg/kg/min, or 4 mg/min, by what it is for this weight.
# Seen: a dose in g or mEq is taken for mg: 70 mg of dextrose, 0.14 mL, without a warning; 2 mg of calcium, 0.02 mL. Rates are
#   compared by their number alone: 1 mg/min of epinephrine, fourteen times the most, is within it; 10 mcg/min of norepinephrine
#   (0.14 mcg/kg/min) and 20 mcg/kg/min of lidocaine (1.4 mg/min) exceed it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q --disable-pip-version-check --no-deps drugdose==0.1.2
seen=$("$folder/env/bin/python" - <<'END'
from drugdose import Patient, calculate_dose, calculate_drip

adult = Patient(weight_kg=70, age_years=40)
for drug in ("dextrose", "calcium gluconate", "sodium bicarbonate", "magnesium sulfate"):
    dose = calculate_dose(drug, adult, "IV")
    print(f"{drug} in {dose.dose_unit}: {dose.dose_mg:g} mg, {dose.volume_ml:.2f} mL")
for drug, rate, unit in [("epinephrine", 1, "mg/min"), ("norepinephrine", 10, "mcg/min"), ("lidocaine", 20, "mcg/kg/min")]:
    drip = calculate_drip(drug, adult, rate, unit)
    print(f"{drug} {rate} {unit}: {'too much' if drip.rate_exceeded else 'not too much'}")
END
)
expected=$(cat <<'END'
dextrose in g/kg: 70 mg, 0.14 mL
calcium gluconate in g: 2 mg, 0.02 mL
sodium bicarbonate in mEq/kg: 100 mg, 1.19 mL
magnesium sulfate in mg/kg: 2000 mg, 10.00 mL
epinephrine 1 mg/min: not too much
norepinephrine 10 mcg/min: too much
lidocaine 20 mcg/kg/min: too much
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
