#!/usr/bin/env bash
# @andes/fhir 1.11.1 (npm): records of the health system ANDES as FHIR, among them those of a patient summary.
# One expects: what the record does not say is not said: no severity, no criticality and no category of an allergy, no timing of a
#   medicine, no onset (FHIR R4: each 0..1 or 0..*); and the dose that a prescription has is in its MedicationRequest.
# Seen: an allergy to peanuts is a medication's and of high criticality; each condition is confirmed and moderate, with the year in
#   which it was recorded as its onset, as a number; each medicine is taken daily, each vaccinated person is health personnel. The
#   dose of a prescription is null, beside "doNotPerform" and "priority" that nobody gave.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @andes/fhir@1.11.1 >/dev/null
cat >look.cjs <<'END'
const { AllergyIntolerance, Condition, Immunization, MedicationRequest, MedicationStatement } = require('@andes/fhir');

const told = (...parts) => console.log(...parts.map((part) => (typeof part === 'string' ? part : JSON.stringify(part))));
const record = (term, valor) => ({ _id: '1', nombre: term, createdAt: new Date('2026-11-30T12:00:00Z'), valor,
  concepto: { conceptId: '1', term, fsn: term, semanticTag: 'x' } });

const allergy = AllergyIntolerance.encode('Patient/1', record('Alergia al cacahuete', {}));
told(allergy.code.coding[0].display, allergy.category, allergy.criticality);
const condition = Condition.encode('Patient/1', record('Diabetes', { estado: 'active', fechaInicio: '2009-03-01' }));
told(condition.code.coding[0].display, condition.verificationStatus.coding[0].code, condition.severity.coding[0].display,
  condition.onsetDateTime);
const weekly = MedicationStatement.encode('Patient/1', 'Medication/1', record('Metotrexato', { estado: 'activo' }));
told(weekly.medicationCodeableConcept.coding[0].display, weekly.status, weekly.dosage[0].timing.coding.code);
const vaccine = Immunization.encode('Patient/1', { idvacuna: 1, vacuna: 'Gripe', dosis: '1' });
told(vaccine.vaccineCode.coding[0].display, vaccine.extension[1].valueCoding.display);
const request = MedicationRequest.encode('Patient/1', 'Practitioner/1', { id: 'm', code: { text: 'Metotrexato' } },
  { registro: record('Metotrexato', { dosis: '10 mg' }), prestacion: { id: '2', estadoActual: { tipo: 'validada' } } });
const { doNotPerform, priority, dosageInstruction } = request;
told({ doNotPerform, priority, dosageInstruction });
END
seen=$(node look.cjs)
expected=$(cat <<'END'
Alergia al cacahuete ["medication"] high
Diabetes confirmed Moderate 2026
Metotrexato active QD
Gripe Personal de Salud
{"doNotPerform":false,"priority":"routine","dosageInstruction":null}
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
