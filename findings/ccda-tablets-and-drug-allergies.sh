#!/usr/bin/env bash
# @medplum/ccda 5.1.10 (npm; made for Node 22, in 20 with a stand-in for WebSocket): what C-CDA leaves open or says in
#   another of its codes, as FHIR.
# One expects: a dose without a unit counts what is given, two tablets of 25 mg (C-CDA R2.1, Medication Activity,
#   doseQuantity); an allergy to a drug (416098002, in the value set of its type) is of the category medication, or of
#   none; a birth time of 196805 is the month, 1968-05.
# Seen: two tablets are 2 [IU], international units of UCUM; each type that the package has not listed is an allergy to
#   food; and a month is the first of January of its year.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @medplum/ccda@5.1.10 @medplum/core@5.1.10 >/dev/null
cat >look.js <<'END'
globalThis.WebSocket ??= class {};
const { convertCcdaToFhir, convertXmlToCcda } = require('@medplum/ccda');

const template = (end) => `<templateId root="2.16.840.1.113883.10.20.22.${end}"/>`;
const section = (end, code, entry) =>
  `<component><section>${template(end)}<code code="${code}" codeSystem="2.16.840.1.113883.6.1"/><title>Section</title>` +
  `<text>See entries.</text><entry typeCode="DRIV">${entry}</entry></section></component>`;
const rxnorm = (code, name) => `<code code="${code}" codeSystem="2.16.840.1.113883.6.88" displayName="${name}"/>`;
const allergy =
  `<act classCode="ACT" moodCode="EVN">${template('4.30')}<id root="1.2.3"/>` +
  '<code code="CONC" codeSystem="2.16.840.1.113883.5.6"/><statusCode code="active"/>' +
  '<effectiveTime><low value="20260110"/></effectiveTime><entryRelationship typeCode="SUBJ">' +
  `<observation classCode="OBS" moodCode="EVN">${template('4.7')}<id root="1.2.4"/>` +
  '<code code="ASSERTION" codeSystem="2.16.840.1.113883.5.4"/><statusCode code="completed"/>' +
  '<effectiveTime><low value="20260110"/></effectiveTime><value xsi:type="CD" code="416098002" ' +
  'codeSystem="2.16.840.1.113883.6.96" displayName="Allergy to drug"/><participant typeCode="CSM"><participantRole ' +
  `classCode="MANU"><playingEntity classCode="MMAT">${rxnorm('7980', 'Penicillin G')}</playingEntity>` +
  '</participantRole></participant></observation></entryRelationship></act>';
const medicine =
  `<substanceAdministration classCode="SBADM" moodCode="INT">${template('4.16')}<id root="1.2.5"/>` +
  '<statusCode code="active"/><effectiveTime xsi:type="IVL_TS"><low value="20260110"/></effectiveTime>' +
  '<effectiveTime xsi:type="PIVL_TS" institutionSpecified="true" operator="A"><period value="12" unit="h"/></effectiveTime>' +
  `<doseQuantity value="2"/><consumable><manufacturedProduct classCode="MANU">${template('4.23')}<manufacturedMaterial>` +
  `${rxnorm('866924', 'metoprolol tartrate 25 MG Oral Tablet')}</manufacturedMaterial></manufacturedProduct></consumable>` +
  '</substanceAdministration>';
const xml =
  '<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><realmCode code="US"/>' +
  `<typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>${template('1.1')}<id root="1.2.6"/>` +
  '<code code="34133-9" codeSystem="2.16.840.1.113883.6.1"/><title>Summary</title><effectiveTime value="20261130"/>' +
  '<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/><recordTarget><patientRole><id root="1.2.7"/>' +
  '<addr nullFlavor="UNK"/><telecom nullFlavor="UNK"/><patient><name><given>Ann</given><family>Example</family></name>' +
  '<administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="196805"/></patient>' +
  '</patientRole></recordTarget><author><time value="20261130"/><assignedAuthor><id root="1.2.8"/><assignedPerson><name>' +
  '<given>Bo</given><family>Example</family></name></assignedPerson></assignedAuthor></author><custodian>' +
  '<assignedCustodian><representedCustodianOrganization><id root="1.2.9"/><name>Clinic</name>' +
  '</representedCustodianOrganization></assignedCustodian></custodian><component><structuredBody>' +
  section('2.6.1', '48765-2', allergy) +
  section('2.1.1', '10160-0', medicine) +
  '</structuredBody></component></ClinicalDocument>';

for (const { resource } of convertCcdaToFhir(convertXmlToCcda(xml)).entry) {
  if (resource.resourceType === 'Patient') console.log('born', resource.birthDate);
  if (resource.resourceType === 'AllergyIntolerance') console.log(resource.code.text, 'is', resource.category.join());
  if (resource.resourceType === 'MedicationRequest')
    console.log(JSON.stringify(resource.dosageInstruction[0].doseAndRate[0].doseQuantity));
}
END
seen=$(node look.js)
expected=$(cat <<'END'
born 1968-01-01
Penicillin G is food
{"system":"http://unitsofmeasure.org","value":2,"code":"[IU]","unit":"[IU]"}
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
