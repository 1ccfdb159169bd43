#!/usr/bin/env bash
# pyAKI 0.0.2 (PyPI; the last for Python 3.11; 1.0.13, for 3.12 and later, gives the same): stages of acute kidney injury by
#   KDIGO. Where no earlier creatinine is known, CALCULATED takes the one that Cockcroft and Gault's formula, with an adjusted body
#   weight, has for a clearance of 72 mL/min.
# One expects: an ideal weight by Devine, 50 kg and 2.3 kg for each inch over 60 (45.5 kg in women): 70.5 kg for a man of 175 cm,
#   adjusted 74.3 kg for one of 80 kg, and at 60 years a baseline of 1.15 mg/dL. From it a creatinine of 2.0 is stage 1, of 2.4
#   stage 2, of 3.5 stage 3 (1.5, 2 and 3 times).
# Seen: 2.3 kg count for every inch, and 60 kg are taken off at the end: the ideal weight is 148.5 kg and the baseline 1.92 mg/dL.
#   Each stage is one too low or more: with 2.0 and 2.4 there is no kidney injury.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check pyAKI==0.0.2
seen=$("$folder/env/bin/python" -W ignore - <<'END'
import pandas
from pyAKI.probes import CreatinineBaselineMethod, Dataset, DatasetType, RelativeCreatinineProbe

probe = RelativeCreatinineProbe(method=CreatinineBaselineMethod.CALCULATED)
for gender, height in (("M", 175.0), ("F", 165.0)):
    patient = pandas.Series({"gender": gender, "age": 60.0, "height": height, "weight": 80.0})
    table = pandas.DataFrame({"creat": [2.0, 2.4, 3.5]}, index=pandas.date_range("2026-11-30 08:00", periods=3, freq="1h"))
    baseline = probe.creatinine_baseline(table, patient).iloc[0]
    datasets = [Dataset(DatasetType.CREATININE, table), Dataset(DatasetType.DEMOGRAPHICS, patient)]
    staged = probe.probe(datasets)[0].df
    ideal = (50.0 if gender == "M" else 45.5) + 2.3 * (height / 2.54 - 60)
    adjusted = ideal + 0.4 * (80.0 - ideal)
    devine = (140 - 60) * adjusted * (1 if gender == "M" else 0.85) / (72 * 72)
    print(f"{gender} {height:.0f} cm 80 kg: baseline {baseline:.2f} mg/dL, by Devine {devine:.2f};",
          ", ".join(f"{row.creat} is {row.creat / devine:.1f} times and stage {row.rel_creatinine_stage:.0f}"
                    for row in staged.itertuples()))
END
)
expected=$(cat <<'END'
M 175 cm 80 kg: baseline 1.92 mg/dL, by Devine 1.15; 2.0 is 1.7 times and stage 0, 2.4 is 2.1 times and stage 0, 3.5 is 3.1 times and stage 1
F 165 cm 80 kg: baseline 1.52 mg/dL, by Devine 0.87; 2.0 is 2.3 times and stage 0, 2.4 is 2.8 times and stage 1, 3.5 is 4.0 times and stage 2
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
