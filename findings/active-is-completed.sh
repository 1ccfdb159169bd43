#!/usr/bin/env bash
# @amida-tech/blue-button 1.10.11 (npm): C-CDA documents as JSON.
# One expects: a medicine has the status of its statusCode: active while it is taken, aborted where it was stopped; the moodCode tells
#   an order from what is taken. A result has its value: of an interval its bound, of a code its name, of a number the number.
# Seen: the status is made of the moodCode alone: what is taken now is Completed, like what was stopped; a stopped order is Prescribed.
#   Potassium of less than 2.5 mmol/L (IVL_PQ), "Detected" (CD) and a number without a unit (INT, REAL) are results with status
#   completed and without any value; of 10 g/d of alcohol the unit is gone.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @amida-tech/blue-button@1.10.11 >/dev/null
cat >look.js <<'END'
const blueButton = require('@amida-tech/blue-button');
const CCDA = '2.16.840.1.113883.10.20.22';
const LOINC = 'codeSystem="2.16.840.1.113883.6.1"';
const SNOMED = 'codeSystem="2.16.840.1.113883.6.96"';
let ids = 0;
const id = () => `<id root="1.2.3" extension="${++ids}"/>`;
const section = (template, code, entries) => `<component><section><templateId root="${CCDA}.2.${template}"/>
  <code code="${code}" ${LOINC}/>${entries.map((entry) => `<entry>${entry}</entry>`).join('')}</section></component>`;
const medicine = ([name, mood, status]) => `<substanceAdministration classCode="SBADM" moodCode="${mood}">
  <templateId root="${CCDA}.4.16"/>${id()}<statusCode code="${status}"/>
  <effectiveTime xsi:type="IVL_TS"><low value="20260101"/></effectiveTime>
  <consumable><manufacturedProduct classCode="MANU"><templateId root="${CCDA}.4.23"/><manufacturedMaterial>
    <code code="197361" displayName="${name}" codeSystem="2.16.840.1.113883.6.88"/>
  </manufacturedMaterial></manufacturedProduct></consumable></substanceAdministration>`;
const observation = (template, code, value) => `<observation classCode="OBS" moodCode="EVN">
  <templateId root="${CCDA}.4.${template}"/>${id()}${code}<statusCode code="completed"/>
  <effectiveTime value="20261101"/>${value}</observation>`;
const result = (value) => `<component>${observation('2', `<code code="2823-3" displayName="Potassium" ${LOINC}/>`, value)}</component>`;
const medicines = [['taken now', 'EVN', 'active'], ['stopped', 'EVN', 'aborted'], ['ordered', 'INT', 'active'],
  ['order stopped', 'INT', 'aborted']];
const values = ['<value xsi:type="PQ" value="2.4" unit="mmol/L"/>',
  '<value xsi:type="IVL_PQ"><high value="2.5" unit="mmol/L" inclusive="false"/></value>',
  `<value xsi:type="CD" code="260373001" displayName="Detected" ${SNOMED}/>`,
  '<value xsi:type="INT" value="4"/>', '<value xsi:type="REAL" value="4.2"/>', '<value xsi:type="ST">positive</value>'];
const panel = `<organizer classCode="BATTERY" moodCode="EVN"><templateId root="${CCDA}.4.1"/>${id()}
  <code code="24326-1" displayName="Electrolytes" ${LOINC}/><statusCode code="completed"/>${values.map(result).join('')}</organizer>`;
const alcohol = observation('38', `<code code="160573003" displayName="Alcohol intake" ${SNOMED}/>`,
  '<value xsi:type="PQ" value="10" unit="g/d"/>');
const { data } = blueButton.parse(`<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <realmCode code="US"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
  <templateId root="${CCDA}.1.1"/><templateId root="${CCDA}.1.2"/>${id()}<code code="34133-9" ${LOINC}/><title>Summary</title>
  <effectiveTime value="20261130"/><confidentialityCode code="N"/>
  <recordTarget><patientRole>${id()}<patient><name><given>Ada</given><family>Example</family></name>
    <administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="19700101"/></patient></patientRole></recordTarget>
  <component><structuredBody>${section('1.1', '10160-0', medicines.map(medicine))}${section('3.1', '30954-2', [panel])}
  ${section('17', '29762-2', [alcohol])}</structuredBody></component></ClinicalDocument>`);
data.medications.forEach((one, n) => console.log(`${medicines[n].join(', ')}: ${one.status}`));
data.results[0].results.forEach((one, n) => {
  const type = values[n].match(/xsi:type="(\w+)"/)[1];
  console.log(`${type}: status ${one.status}, value ${one.value}, unit ${one.unit}, text ${one.text}`);
});
console.log(`alcohol: ${data.social_history[0].value}, unit ${data.social_history[0].unit}`);
END
seen=$(node look.js)
expected=$(cat <<'END'
taken now, EVN, active: Completed
stopped, EVN, aborted: Completed
ordered, INT, active: Prescribed
order stopped, INT, aborted: Prescribed
PQ: status completed, value 2.4, unit mmol/L, text undefined
IVL_PQ: status completed, value undefined, unit undefined, text undefined
CD: status completed, value undefined, unit undefined, text undefined
INT: status completed, value undefined, unit undefined, text undefined
REAL: status completed, value undefined, unit undefined, text undefined
ST: status completed, value undefined, unit undefined, text positive
alcohol: 10, unit undefined
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
