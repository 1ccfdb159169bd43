#!/usr/bin/env bash
# pygrowthstandards 0.1.3 (PyPI; with pandas 2.3.3, numpy 1.26.4): growth of children by the WHO and INTERGROWTH-21st. Its Patient
#   looks for its own table in the working folder, so it is shown where that is.
# One expects: both of its ways (zscore and Patient) give one z-score: 9.6 kg of a boy of a year is just under the median (WHO, 2006:
#   9.6 kg), of a girl above it (8.9 kg). Of a sex that it does not know ("male", "m", "U") none, or it is said whose table was taken.
#   A child of 26 weeks (182 days, as its newborns are counted) is not judged at two weeks by the standard of term children.
# Seen: Patient does not look at the sex: boys and girls have one score, of the boys' weight and of the girls' length and head. For
#   zscore whatever is not "M" is a girl, "male" too. The days of a gestation are compared with 28, so its table for preterm children
#   never comes up: 1.0 kg at two weeks after 26 weeks is -7.7, as after 40.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q --disable-pip-version-check --no-deps pygrowthstandards==0.1.3 pandas==2.3.3 numpy==1.26.4 \
  scipy==1.14.1 pyarrow==18.1.0 matplotlib==3.9.2 contourpy==1.3.1 cycler==0.12.1 fonttools==4.55.0 kiwisolver==1.4.7 \
  packaging==24.2 pillow==11.0.0 pyparsing==3.2.0 xarray==2024.11.0 python-dateutil==2.9.0 pytz==2024.2 tzdata==2024.2 six==1.16.0
seen=$("$folder/env/bin/python" - <<'END'
import datetime
import pathlib

import pygrowthstandards as growth

growth.Calculator.path = str(pathlib.Path(growth.__file__).parent / "data")
born = datetime.date(2025, 11, 30)
at = datetime.date(2026, 11, 30)
for sex in ("M", "F"):
    child = growth.Patient(sex=sex, birthday_date=born)
    child.add_measurements(growth.MeasurementGroup(date=at, weight=9.6, stature=75, head_circumference=46))
    child.calculate_all()
    for what, value in (("weight", 9.6), ("stature", 75), ("head_circumference", 46)):
        alone = growth.functional.zscore(what, value, sex, age_days=365)
        print(f"{sex} {what} {value}: zscore {alone:.2f}, Patient {getattr(child.z_scores[0], what):.2f}")
for sex in ("M", "male", "m", "U", "F"):
    print(f"weight 9.6 of {sex}: {growth.functional.zscore('weight', 9.6, sex, age_days=365):.2f}")
for days in (182, 280):
    print(f"1.0 kg at 14 days, born at {days} days: {growth.functional.zscore('weight', 1.0, 'F', 14, days):.2f}")
END
)
expected=$(cat <<'END'
M weight 9.6: zscore -0.04, Patient -0.04
M stature 75: zscore -0.31, Patient 0.39
M head_circumference 46: zscore -0.05, Patient 0.81
F weight 9.6: zscore 0.57, Patient -0.04
F stature 75: zscore 0.39, Patient 0.39
F head_circumference 46: zscore 0.81, Patient 0.81
weight 9.6 of M: -0.04
weight 9.6 of male: 0.57
weight 9.6 of m: 0.57
weight 9.6 of U: 0.57
weight 9.6 of F: 0.57
1.0 kg at 14 days, born at 182 days: -7.69
1.0 kg at 14 days, born at 280 days: -7.69
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
