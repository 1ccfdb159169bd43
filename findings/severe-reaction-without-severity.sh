#!/usr/bin/env bash
# python-fhir-converter 0.3.0 (PyPI; with python-liquid 1.12.1): C-CDA documents as FHIR R4.
# One expects: a reaction that is mild, moderate or severe is so in FHIR too (AllergyIntolerance.reaction.severity has these three
#   codes). A result over 6.5 mmol/L, which C-CDA writes as an interval with one end, is > 6.5 mmol/L, or has a dataAbsentReason.
# Seen: of the severities beside a reaction (C-CDA R1.1) mild and fatal are there, moderate and severe are gone; of those within it
#   (R2.1) all are gone. The result is final and has no value.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check python-fhir-converter==0.3.0 python-liquid==1.12.1
seen=$("$folder/env/bin/python" -W ignore - <<'END'
import json

from fhir_converter.renderers import CcdaRenderer

LOINC, SNOMED = 'codeSystem="2.16.840.1.113883.6.1"', 'codeSystem="2.16.840.1.113883.6.96"'
ACT = 'codeSystem="2.16.840.1.113883.5.4"'
NONE = '<addr nullFlavor="NI"/><telecom nullFlavor="NI"/>'
SEVERITIES = {"Mild": "255604002", "Moderate": "6736007", "Severe": "24484000", "Fatal": "399166001"}
RESULTS = {
    "6.8 mmol/L": '<value xsi:type="PQ" value="6.8" unit="mmol/L"/>',
    "over 6.5 mmol/L": '<value xsi:type="IVL_PQ"><low value="6.5" unit="mmol/L" inclusive="false"/></value>',
}


def template(end):
    return f'<templateId root="2.16.840.1.113883.10.20.22.{end}"/>'


def observation(end, number, code, value, more=""):
    return (f'<observation classCode="OBS" moodCode="EVN">{template(end)}<id root="1.2.3" extension="{number}"/>{code}'
            f'<statusCode code="completed"/><effectiveTime value="20261120080000+0100"/>{value}{more}</observation>')


def related(kind, one):
    return f'<entryRelationship typeCode="{kind}" inversionInd="true">{one}</entryRelationship>'


def allergy(word, place):
    assertion = f'<code code="ASSERTION" {ACT}/>'
    said = f'<value xsi:type="CD" code="{SEVERITIES[word]}" {SNOMED} displayName="{word}"/>'
    severity = related("SUBJ", observation("4.8", "s", f'<code code="SEV" {ACT}/>', said))
    shown = f'<value xsi:type="CD" code="39579001" {SNOMED} displayName="Anaphylaxis"/>'
    reaction = related("MFST", observation("4.9", "r", assertion, shown, severity if place == "within" else ""))
    drug = ('<participant typeCode="CSM"><participantRole classCode="MANU"><playingEntity classCode="MMAT"><code code="7980" '
            'codeSystem="2.16.840.1.113883.6.88"/></playingEntity></participantRole></participant>')
    more = drug + reaction + (severity if place == "beside" else "")
    kind = f'<value xsi:type="CD" code="416098002" {SNOMED} displayName="Drug allergy"/>'
    return (f'<entry typeCode="DRIV"><act classCode="ACT" moodCode="EVN">{template("4.30")}<id root="1.2.3" extension="c"/>'
            f'<code code="CONC" codeSystem="2.16.840.1.113883.5.6"/><statusCode code="active"/><effectiveTime><low value="2020"/>'
            f'</effectiveTime>{related("SUBJ", observation("4.7", f"{word}, {place} the reaction", assertion, kind, more))}</act></entry>')


def section(end, code, title, entries):
    return (f'<component><section>{template(end)}<code code="{code}" {LOINC}/><title>{title}</title><text>{title}</text>{entries}'
            f'</section></component>')


potassium = f'<code code="2823-3" {LOINC} displayName="Potassium"/>'
panel = "".join(f'<component>{observation("4.2", text, potassium, value)}</component>' for text, value in RESULTS.items())
organizer = (f'<entry typeCode="DRIV"><organizer classCode="BATTERY" moodCode="EVN">{template("4.1")}<id root="1.2.3" extension="g"/>'
             f'<code code="24323-8" {LOINC}/><statusCode code="completed"/>{panel}</organizer></entry>')
allergies = "".join(allergy(word, place) for place in ("beside", "within") for word in SEVERITIES)
document = f"""<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><realmCode code="US"/>
<typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>{template("1.1")}{template("1.2")}<id root="1.2.3.4" extension="d"/>
<code code="34133-9" {LOINC}/><title>Summary</title><effectiveTime value="20261120120000+0100"/>
<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/><languageCode code="en-US"/><recordTarget><patientRole>
<id root="1.2.3" extension="p"/>{NONE}<patient><name><given>Jane</given><family>Doe</family></name><administrativeGenderCode code="F"
codeSystem="2.16.840.1.113883.5.1"/><birthTime value="19700301"/></patient></patientRole></recordTarget><author>
<time value="20261120120000+0100"/><assignedAuthor><id root="1.2.3" extension="a"/>{NONE}<assignedPerson><name><given>A</given>
<family>B</family></name></assignedPerson></assignedAuthor></author><custodian><assignedCustodian><representedCustodianOrganization>
<id root="1.2.3" extension="o"/><name>Hospital</name>{NONE}</representedCustodianOrganization></assignedCustodian></custodian><component>
<structuredBody>{section("2.6.1", "48765-2", "Allergies", allergies)}
{section("2.3.1", "30954-2", "Results", organizer)}</structuredBody></component></ClinicalDocument>"""
bundle = json.loads(CcdaRenderer().render_fhir_string("CCD", document))
for entry in bundle["entry"]:
    one = entry["resource"]
    if one["resourceType"] == "AllergyIntolerance":
        print(f"{one['identifier'][0]['value']}: severity {one['reaction'][0].get('severity')}")
    elif one["resourceType"] == "Observation":
        value = {key: held for key, held in one.items() if key.startswith(("value", "dataAbsent"))}
        print(f"potassium {one['identifier'][0]['value']}: {one['status']} {value}")
END
)
expected=$(cat <<'END'
Mild, beside the reaction: severity mild
Moderate, beside the reaction: severity None
Severe, beside the reaction: severity None
Fatal, beside the reaction: severity severe
Mild, within the reaction: severity None
Moderate, within the reaction: severity None
Severe, within the reaction: severity None
Fatal, within the reaction: severity None
potassium 6.8 mmol/L: final {'valueQuantity': {'value': 6.8, 'unit': 'mmol/L'}}
potassium over 6.5 mmol/L: final {}
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
