#!/usr/bin/env bash
# @ahryman40k/ts-fhir-types 4.0.39 (npm, with fp-ts 2.16.11 and io-ts 2.2.22): FHIR R4 checked when it comes in.
# One expects: a result below or above what a device can measure to pass, with FHIR's own signs (< <= >= >) as
#   comparator, as those of a form's enableWhen do.
# Seen: it is refused, with all that stands around it; what passes is the comparator "Lower", which no other software
#   writes. A result without the status that FHIR requires passes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @ahryman40k/ts-fhir-types@4.0.39 fp-ts@2.16.11 io-ts@2.2.22 > /dev/null
cat > asked.js <<'END'
const { R4 } = require("@ahryman40k/ts-fhir-types");
const code = { text: "Troponin" };
const result = (more) => ({ resourceType: "Observation", code, ...more });
const limited = (comparator) => result({ status: "final", valueQuantity: { value: 3, comparator } });
const form = (operator) => ({
  resourceType: "Questionnaire",
  status: "active",
  item: [{ linkId: "2", type: "string", enableWhen: [{ question: "1", operator, answerInteger: 3 }] }],
});
const tell = (title, kind, value) => console.log(title, R4["RTTI_" + kind].decode(value)._tag === "Right" ? "passes" : "is refused");
tell("below 3", "Observation", limited("<"));
tell("Lower 3", "Observation", limited("Lower"));
tell("if > 3", "Questionnaire", form(">"));
tell("no status", "Observation", result({}));
END
seen=$(node asked.js)
printf '%s\n' "$seen"
expected='below 3 is refused
Lower 3 passes
if > 3 passes
no status passes'
[ "$seen" = "$expected" ] || { echo 'This has changed.' >&2; exit 1; }
