#!/usr/bin/env bash
# ca.uhn.hapi.fhir:hapi-fhir-validation-resources-r4 and -r5 8.8.1 (Maven), HL7's definitions unchanged: the value set
#   http://hl7.org/fhir/ValueSet/yesnodontknow, which forms bind their yes/no questions to.
# One expects: the same codes under the same canonical in R4 and R5.
# Seen: "Y" is a code of v2-0136 in R4 and of v2-0532 in R5 (through http://terminology.hl7.org/ValueSet/v2-0136, whose
#   content changed). A stored answer is in the set of its own version of FHIR and in none of the other; a rule that
#   looks for one system misses the other.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for package in hapi-fhir-validation-resources-r4@8.8.1 hapi-fhir-validation-resources-r5@8.8.1; do
    mvn -q dependency:copy -DoutputDirectory="$folder" \
        -Dartifact="ca.uhn.hapi.fhir:${package/@/:}" > /dev/null
done
seen=$(python3 - "$folder" <<'END'
import json, sys, tarfile, zipfile
from pathlib import Path
from xml.etree import ElementTree

SET, NS = "http://terminology.hl7.org/ValueSet/v2-0136", "{http://hl7.org/fhir}"
folder = Path(sys.argv[1])
r4 = zipfile.ZipFile(next(folder.glob("*-r4-*.jar")))
tables = ElementTree.fromstring(r4.read("org/hl7/fhir/r4/model/valueset/v2-tables.xml"))
for one in tables.iter(f"{NS}ValueSet"):
    if one.find(f"{NS}url").get("value") == SET:
        print("R4", one.find(f".//{NS}include/{NS}system").get("value"))
r5 = zipfile.ZipFile(next(folder.glob("*-r5-*.jar")))
name = next(name for name in r5.namelist() if "hl7.terminology" in name)
with r5.open(name) as inner, tarfile.open(fileobj=inner) as archive:
    for member in archive:
        if member.name == "package/ValueSet-v2-0136.json":
            include = json.load(archive.extractfile(member))["compose"]["include"]
            print("R5", include[0]["system"])
END
)
expected=$(cat <<'END'
R4 http://terminology.hl7.org/CodeSystem/v2-0136
R5 http://terminology.hl7.org/CodeSystem/v2-0532
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
