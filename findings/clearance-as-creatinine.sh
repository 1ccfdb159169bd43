#!/usr/bin/env bash
# open-medicine 0.12.0 (PyPI): results of calculators as FHIR Observations, by its own to_fhir().
# One expects: a code that means what was computed, as LOINC has one for each of these, a unit, and a number as the value: a
#   clearance is no creatinine (2160-0 is "Creatinine [Mass/volume] in Serum or Plasma", 29463-7 is "Body weight").
# Seen: a clearance of 59.5 mL/min is a final creatinine of 59.5, without a unit; so is the dose of rivaroxaban, as a text; the dose
#   of metformin is a body weight whose value is a table. A sodium corrected for glucose is the measured sodium: 128 becomes 136.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check open-medicine==0.12.0
seen=$("$folder/env/bin/python" - <<'END'
from open_medicine.mcp.calculators.cockcroft_gault import CockcroftGaultParams, calculate_cockcroft_gault
from open_medicine.mcp.calculators.corrected_sodium import CorrectedSodiumParams, calculate_corrected_sodium
from open_medicine.mcp.calculators.renal_dose_adjustment import RenalDoseAdjustmentParams, calculate_renal_dose_adjustment
from open_medicine.mcp.calculators.rivaroxaban_dosing import RivaroxabanDosingParams, RivaroxabanIndication, calculate_rivaroxaban_dosing

for what, result in (
        ("clearance", calculate_cockcroft_gault(CockcroftGaultParams(age=60, weight=75, is_female=False, serum_creatinine=1.4))),
        ("rivaroxaban", calculate_rivaroxaban_dosing(RivaroxabanDosingParams(crcl=59.5, indication=RivaroxabanIndication.NVAF))),
        ("metformin", calculate_renal_dose_adjustment(RenalDoseAdjustmentParams(
            drug_name="metformin", renal_value=59.5, renal_metric="egfr"))),
        ("corrected sodium", calculate_corrected_sodium(CorrectedSodiumParams(sodium=128, glucose=600)))):
    written = result.to_fhir("Patient/1")
    coding, quantity = written["code"]["coding"][0], written["valueQuantity"]
    value = quantity["value"]
    print(f"{what}: {written['status']}, {coding['system']}|{coding['code']},", "a table" if isinstance(value, dict) else repr(value),
          f"unit {quantity.get('unit', quantity.get('code'))}")
END
)
expected=$(cat <<'END'
clearance: final, http://loinc.org|2160-0, 59.5 unit None
rivaroxaban: final, http://loinc.org|2160-0, 59.5 unit None
metformin: final, http://loinc.org|29463-7, a table unit None
corrected sodium: final, http://loinc.org|2951-2, 136.0 unit None
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
