#!/usr/bin/env bash
# ccda-to-fhir 0.3 (PyPI): a C-CDA result "greater than 10", which C-CDA writes as an interval whose low bound 10 is
#   not inclusive.
# One expects: comparator > for the open bound, >= for the closed one.
# Seen: >= for both (and <= for both on the other side): a value that lies beyond the limit is told as one that may
#   lie on it. A limit that is met only beyond 10 can no longer be decided.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check ccda-to-fhir==0.3
seen=$("$folder/env/bin/python" - 2>/dev/null <<'END'
import logging
logging.disable(logging.CRITICAL)
from ccda_to_fhir.convert import convert_document

NI = '<addr nullFlavor="NI"/><telecom nullFlavor="NI"/>'
LOINC = 'codeSystem="2.16.840.1.113883.6.1"'


def result(number, value):
    return f"""<component><observation classCode="OBS" moodCode="EVN">
<templateId root="2.16.840.1.113883.10.20.22.4.2" extension="2015-08-01"/><id root="1.2.3" extension="{number}"/>
<code code="2823-3" {LOINC} displayName="Potassium"/><statusCode code="completed"/>
<effectiveTime value="20261120080000+0100"/><value xsi:type="IVL_PQ">{value}</value></observation></component>"""


results = "".join(result(number, value) for number, value in enumerate([
    '<low value="10" unit="mmol/L" inclusive="false"/>',
    '<low value="10" unit="mmol/L" inclusive="true"/>',
    '<high value="1.5" unit="mmol/L" inclusive="false"/>',
]))
document = f"""<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<realmCode code="US"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
<templateId root="2.16.840.1.113883.10.20.22.1.1" extension="2015-08-01"/>
<templateId root="2.16.840.1.113883.10.20.22.1.2" extension="2015-08-01"/>
<id root="1.2.3.4" extension="d"/><code code="34133-9" {LOINC}/><title>Summary</title>
<effectiveTime value="20261120120000+0100"/><confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/>
<languageCode code="en-US"/><recordTarget><patientRole><id root="1.2.3" extension="p"/>{NI}<patient>
<name><given>Jane</given><family>Doe</family></name>
<administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="19700301"/>
</patient></patientRole></recordTarget><author><time value="20261120120000+0100"/><assignedAuthor>
<id root="1.2.3" extension="a"/>{NI}<assignedPerson><name><given>A</given><family>B</family></name></assignedPerson>
</assignedAuthor></author><custodian><assignedCustodian><representedCustodianOrganization>
<id root="1.2.3" extension="o"/><name>Hospital</name>{NI}</representedCustodianOrganization></assignedCustodian>
</custodian><component><structuredBody><component><section>
<templateId root="2.16.840.1.113883.10.20.22.2.3.1" extension="2015-08-01"/><code code="30954-2" {LOINC}/>
<title>Results</title><text>Results</text><entry typeCode="DRIV"><organizer classCode="BATTERY" moodCode="EVN">
<templateId root="2.16.840.1.113883.10.20.22.4.1" extension="2015-08-01"/><id root="1.2.3" extension="g"/>
<code code="24323-8" {LOINC}/><statusCode code="completed"/>{results}</organizer></entry></section></component>
</structuredBody></component></ClinicalDocument>"""
bundle = convert_document(document)
bundle = bundle.get("bundle", bundle)
for entry in bundle["entry"]:
    if entry["resource"]["resourceType"] == "Observation":
        value = entry["resource"]["valueQuantity"]
        print(value["comparator"], value["value"])
END
)
expected=$(cat <<'END'
>= 10
>= 10
<= 1.5
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
