#!/usr/bin/env bash
# @medplum/ccda 5.1.10 (npm; made for Node 22, in 20 with a stand-in for WebSocket): entries of a C-CDA document as FHIR.
# One expects: negationInd="true" says that it is not so (C-CDA R2.1: Problem Observation, Allergy - Intolerance
#   Observation, Immunization Activity): no pneumonia is a refuted Condition, no known allergy a refuted
#   AllergyIntolerance or the code for none known, a vaccine that was not given an Immunization that is not-done.
# Seen: negationInd is not read. The pneumonia that was ruled out is active and confirmed, no known allergy is a confirmed
#   and active allergy without a substance, and the vaccine that was refused is completed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @medplum/ccda@5.1.10 @medplum/core@5.1.10 >/dev/null
cat >look.js <<'END'
globalThis.WebSocket ??= class {};
const { convertCcdaToFhir, convertXmlToCcda } = require('@medplum/ccda');

const SNOMED = '2.16.840.1.113883.6.96';
const template = (end) => `<templateId root="2.16.840.1.113883.10.20.22.${end}"/>`;
const section = (end, code, entry) =>
  `<component><section>${template(end)}<code code="${code}" codeSystem="2.16.840.1.113883.6.1"/><title>Section</title>` +
  `<text>See entries.</text><entry typeCode="DRIV">${entry}</entry></section></component>`;
const concern = (outer, inner, value) =>
  `<act classCode="ACT" moodCode="EVN">${template(outer)}<id root="1.2.3"/>` +
  '<code code="CONC" codeSystem="2.16.840.1.113883.5.6"/><statusCode code="active"/>' +
  '<effectiveTime><low value="20260110"/></effectiveTime><entryRelationship typeCode="SUBJ">' +
  `<observation classCode="OBS" moodCode="EVN" negationInd="true">${template(inner)}<id root="1.2.4"/>` +
  '<code code="ASSERTION" codeSystem="2.16.840.1.113883.5.4"/><statusCode code="completed"/>' +
  `<effectiveTime><low value="20260110"/></effectiveTime>${value}</observation></entryRelationship></act>`;
const value = (code, name) => `<value xsi:type="CD" code="${code}" codeSystem="${SNOMED}" displayName="${name}"/>`;
const none =
  '<participant typeCode="CSM"><participantRole classCode="MANU"><playingEntity classCode="MMAT">' +
  '<code nullFlavor="NA"/></playingEntity></participantRole></participant>';
const vaccine =
  `<substanceAdministration classCode="SBADM" moodCode="EVN" negationInd="true">${template('4.52')}<id root="1.2.5"/>` +
  '<statusCode code="completed"/><effectiveTime value="20260110"/><consumable><manufacturedProduct classCode="MANU">' +
  `${template('4.54')}<manufacturedMaterial><code code="88" codeSystem="2.16.840.1.113883.12.292" ` +
  'displayName="Influenza"/></manufacturedMaterial></manufacturedProduct></consumable></substanceAdministration>';
const xml =
  '<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><realmCode code="US"/>' +
  `<typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>${template('1.1')}<id root="1.2.6"/>` +
  '<code code="34133-9" codeSystem="2.16.840.1.113883.6.1"/><title>Summary</title><effectiveTime value="20261130"/>' +
  '<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/><recordTarget><patientRole><id root="1.2.7"/>' +
  '<addr nullFlavor="UNK"/><telecom nullFlavor="UNK"/><patient><name><given>Ann</given><family>Example</family></name>' +
  '<administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="19700301"/></patient>' +
  '</patientRole></recordTarget><author><time value="20261130"/><assignedAuthor><id root="1.2.8"/><assignedPerson><name>' +
  '<given>Bo</given><family>Example</family></name></assignedPerson></assignedAuthor></author><custodian>' +
  '<assignedCustodian><representedCustodianOrganization><id root="1.2.9"/><name>Clinic</name>' +
  '</representedCustodianOrganization></assignedCustodian></custodian><component><structuredBody>' +
  section('2.5.1', '11450-4', concern('4.3', '4.4', value('233604007', 'Pneumonia'))) +
  section('2.6.1', '48765-2', concern('4.30', '4.7', value('419199007', 'Allergy to substance') + none)) +
  section('2.2.1', '11369-6', vaccine) +
  '</structuredBody></component></ClinicalDocument>';

for (const { resource } of convertCcdaToFhir(convertXmlToCcda(xml)).entry) {
  const code = (concept) => concept?.coding?.[0]?.code;
  const what = resource.resourceType === 'Immunization' ? resource.vaccineCode : resource.code;
  if (['Condition', 'AllergyIntolerance', 'Immunization'].includes(resource.resourceType))
    console.log(resource.resourceType, code(what) ?? 'of nothing', resource.status ?? code(resource.clinicalStatus),
      code(resource.verificationStatus) ?? '');
}
END
seen=$(node look.js | sed 's/ *$//')
expected=$(cat <<'END'
Condition 233604007 active confirmed
AllergyIntolerance of nothing active confirmed
Immunization 88 completed
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
