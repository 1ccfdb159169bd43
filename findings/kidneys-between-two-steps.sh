#!/usr/bin/env bash
# open-medicine 0.12.0 (PyPI): the dose of a medicine by a clearance or an eGFR. Its own calculators give these with one decimal.
# One expects: steps that leave nothing out, as in the labels that it names: below 60 mL/min is below 60. With an eGFR of 44.6
#   metformin is a matter of the step below 45 (at most 1000 mg a day), or of the one above it if the value is rounded.
# Seen: a step ends with a whole number (45 and more, 30 to 44, 0 to 29), and what lies between two of them counts as the last and
#   worst step: metformin, lithium and methotrexate are contraindicated with 44.6 and 59.6 mL/min, and with 44 and 59 they are not;
#   levofloxacin is given as to who has a clearance under 20. The renal_category that it tells is that step's, not the patient's.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check open-medicine==0.12.0
seen=$("$folder/env/bin/python" - <<'END'
from open_medicine.mcp.calculators.ckd_epi import CKDEPIParams, calculate_ckd_epi
from open_medicine.mcp.calculators.cockcroft_gault import CockcroftGaultParams, calculate_cockcroft_gault
from open_medicine.mcp.calculators.renal_dose_adjustment import RenalDoseAdjustmentParams, calculate_renal_dose_adjustment

egfr = calculate_ckd_epi(CKDEPIParams(age=69, is_female=True, serum_creatinine=1.3)).value
clearance = calculate_cockcroft_gault(CockcroftGaultParams(age=63, weight=78, is_female=False, serum_creatinine=1.4)).value
for drug, metric, values in (("metformin", "egfr", (egfr, 44)), ("lithium", "crcl", (clearance, 59)),
                             ("methotrexate", "crcl", (clearance, 59)), ("levofloxacin", "crcl", (49.6, 49))):
    for value in values:
        asked = RenalDoseAdjustmentParams(drug_name=drug, renal_value=value, renal_metric=metric)
        dose = calculate_renal_dose_adjustment(asked).value
        print(f"{drug}, {metric} {value}: {dose['renal_category']}, {dose['adjustment_type']}: {dose['adjusted_dose'].split(';')[0]}")
END
)
expected=$(cat <<'END'
metformin, egfr 44.5: eGFR 0-29, contraindicated: Contraindicated
metformin, egfr 44: eGFR 30-44, dose_reduction: Maximum 1000 mg PO daily
lithium, crcl 59.6: CrCl 0-29, contraindicated: Not recommended
lithium, crcl 59: CrCl 30-59, dose_reduction: 150-300 mg PO daily
methotrexate, crcl 59.6: CrCl 0-14, contraindicated: Contraindicated
methotrexate, crcl 59: CrCl 30-59, dose_reduction: 50% dose reduction
levofloxacin, crcl 49.6: CrCl 0-19, dose_reduction: 750 mg once, then 500 mg PO/IV q48h
levofloxacin, crcl 49: CrCl 20-49, interval_extension: 750 mg PO/IV q48h
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
