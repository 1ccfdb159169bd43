#!/usr/bin/env bash
# dicom2fhir 0.1.25 (PyPI; with fhir.resources 8.0.0, fhir-core 1.0.1 and annotated-types 0.7.0 of its time, as it fails
#   with the newest): DICOM files of two hospitals as FHIR.
# One expects: a Patient ID is unique within its issuer (DICOM PS3.3, C.2.2, Issuer of Patient ID), so 123 of one hospital
#   and 123 of another are two Patients; a folder with a study of each makes two ImagingStudies. The name is Example, Ann.
#   08:30 may be written 0830 (PS3.5, 6.2, TM).
# Seen: both are the same Patient id, of a PUT, so that the second replaces the first. One folder is one ImagingStudy: the
#   series of one person is in the study of the other, and that Patient is not there. The name has the braces and quotes
#   of its JSON form. A time without seconds is midnight.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check dicom2fhir==0.1.25 fhir.resources==8.0.0 \
  fhir-core==1.0.1 annotated-types==0.7.0 pydicom==3.0.1
seen=$(cd "$folder" && env/bin/python -W ignore - 2>/dev/null <<'END'
import asyncio
import json
from pathlib import Path

from dicom2fhir.dicom2fhir import from_directory
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian


def image(folder, number, issuer, name, born, time):
    one = Dataset()
    one.SOPClassUID, one.SOPInstanceUID, one.Modality = CTImageStorage, f"1.2.3.{number}.1.1", "CT"
    one.StudyInstanceUID, one.SeriesInstanceUID = f"1.2.3.{number}", f"1.2.3.{number}.1"
    one.StudyDate, one.StudyTime, one.SeriesNumber, one.InstanceNumber = "20261120", time, 1, 1
    one.PatientID, one.IssuerOfPatientID, one.PatientName, one.PatientBirthDate = "123", issuer, name, born
    one.file_meta = FileMetaDataset()
    one.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    Path(folder).mkdir(exist_ok=True)
    one.save_as(f"{folder}/{number}.dcm", enforce_file_format=True)


for folder in ("north", "both"):
    image(folder, 1, "North", "Example^Ann", "19700301", "0830")
for folder in ("south", "both"):
    image(folder, 2, "South", "Sample^Bo", "19500115", "083000")
ids = {}
for folder in ("north", "south"):
    made = asyncio.run(from_directory(Path(folder), {"dicom_timezone": "UTC"}))
    for entry in json.loads(made.model_dump_json(exclude_none=True))["entry"]:
        one = entry["resource"]
        if one["resourceType"] == "Patient":
            ids[folder] = one["id"]
            print(folder, entry["request"]["method"], "Patient born", one["birthDate"], json.dumps(one["name"][0]))
        if one["resourceType"] == "ImagingStudy":
            print(folder, "study started", one["started"])
made = asyncio.run(from_directory(Path("both"), {"dicom_timezone": "UTC"}))
there = [entry["resource"] for entry in json.loads(made.model_dump_json(exclude_none=True))["entry"]]
series = [sorted(one["uid"] for one in study["series"]) for study in there if study["resourceType"] == "ImagingStudy"]
print("both: Patients", [one["resourceType"] for one in there].count("Patient"), "series of each study", series)
print("one id:", ids["north"] == ids["south"])
END
)
expected=$(cat <<'END'
north study started 2026-11-20T00:00:00Z
north PUT Patient born 1970-03-01 {"family": "{\n  \"Alphabetic\": \"Example", "given": ["Ann\"\n}"]}
south study started 2026-11-20T08:30:00Z
south PUT Patient born 1950-01-15 {"family": "{\n  \"Alphabetic\": \"Sample", "given": ["Bo\"\n}"]}
both: Patients 1 series of each study [['1.2.3.1.1', '1.2.3.2.1']]
one id: True
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
