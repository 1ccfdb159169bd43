#!/usr/bin/env bash
# @imranq2/fhirpatientsummary 1.0.45 (npm; Node.js 20): the narrative of an International Patient Summary.
# One expects: an onset in March 1970 is shown as a month; a refuted diagnosis is not among the problems (or is marked);
#   a result whose value is a range shows the range; a unit that stands in `code` is shown.
# Seen: the first of the month, which nobody gave; the refuted diagnosis like any other; "null" in the place of the
#   range; the number without any unit.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @imranq2/fhirpatientsummary@1.0.45
cat > show.mjs <<'END'
import { createRequire } from "module";
const { ComprehensiveIPSCompositionBuilder } = createRequire(import.meta.url)("@imranq2/fhirpatientsummary");
console.info = console.debug = console.warn = () => {};
const log = console.log;
console.log = () => {};
const subject = { reference: "Patient/p" };
const category = [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "laboratory" }] }];
const today = new Date().toISOString();
const lab = (id, code, value) => ({
  resourceType: "Observation", id, status: "final", category, subject, effectiveDateTime: today,
  code: { coding: [{ system: "http://loinc.org", code }], text: id }, ...value,
});
const active = { coding: [{ system: "http://terminology.hl7.org/CodeSystem/condition-clinical", code: "active" }] };
const refuted = { coding: [{ system: "http://terminology.hl7.org/CodeSystem/condition-ver-status", code: "refuted" }] };
const patient = { resourceType: "Patient", id: "p", name: [{ family: "Doe", given: ["Jane"] }], birthDate: "1970-03-01", gender: "female" };
const resources = [
  patient,
  { resourceType: "Condition", id: "c1", clinicalStatus: active, code: { text: "Cramp" }, subject, onsetDateTime: "1970-03" },
  { resourceType: "Condition", id: "c2", clinicalStatus: active, verificationStatus: refuted, code: { text: "Diabetes" }, subject },
  lab("Creatinine", "2160-0", { valueQuantity: { value: 1.1, system: "http://unitsofmeasure.org", code: "mg/dL" } }),
  lab("Glucose", "2345-7", { valueRange: { low: { value: 30, unit: "mg/dL" }, high: { value: 35, unit: "mg/dL" } } }),
];
const builder = new ComprehensiveIPSCompositionBuilder().setPatient(patient);
const entry = resources.map((resource) => ({ resource }));
await builder.readBundleAsync({ resourceType: "Bundle", type: "collection", entry }, "UTC");
const made = await builder.buildBundleAsync("o", "Hospital", "https://example.org/", "UTC");
const { section } = made.entry.find((one) => one.resource.resourceType === "Composition").resource;
const text = section.map((one) => one.text?.div ?? "").join(" ").replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");
log(/Cramp 0?3\/0?1\/1970/.test(text) ? "Cramp: 1 March 1970" : "Cramp: " + text.match(/Cramp.{20}/)?.[0]);
log("Diabetes listed:", text.includes("Diabetes"));
log("Glucose:", text.match(/Glucose (?:2345-7 \(LOINC\) )?(\S+)/)?.[1]);
log("Creatinine with its unit:", text.includes("1.1 mg/dL"));
END
seen=$(node show.mjs 2>/dev/null)
expected=$(cat <<'END'
Cramp: 1 March 1970
Diabetes listed: true
Glucose: null
Creatinine with its unit: false
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
