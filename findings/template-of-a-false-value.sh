#!/usr/bin/env bash
# handlebars-helpers-fhir 1.0.0 (npm; with handlebars 4.7.8): blocks of a template that hang on a FHIRPath expression.
# One expects: if-fhir of a false value, or of exists() where nothing exists, shows the else block; so do the conditions of
#   FHIRPath itself, where only true is true (FHIRPath 2.0, singleton evaluation of collections, and iif).
# Seen: an expression counts as met unless it is empty, so false is met: a living patient is shown as deceased, and
#   whoever has no contact has one. Each exists(), not() or comparison is always met. unless-fhir has no else.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund handlebars-helpers-fhir@1.0.0 handlebars@4.7.8 >/dev/null
cat >look.js <<'END'
const Handlebars = require('handlebars');
require('handlebars-helpers-fhir').registerWith(Handlebars);

const patient = { resourceType: 'Patient', active: true, deceasedBoolean: false };
const shown = (name, expression) =>
  Handlebars.compile(`{{#if-fhir this expression="${expression}"}}${name}{{else}}not ${name}{{/if-fhir}}`)(patient);
console.log(shown('deceased', 'Patient.deceasedBoolean'));
console.log(shown('deceased', 'Patient.deceasedBoolean = true'));
console.log(shown('with a contact', 'Patient.contact.exists()'));
console.log(shown('with a contact', 'Patient.contact'));
console.log('[' + Handlebars.compile(
  '{{#unless-fhir this expression="Patient.active"}}inactive{{else}}active{{/unless-fhir}}')(patient) + ']');
END
seen=$(node look.js)
expected=$(cat <<'END'
deceased
deceased
with a contact
not with a contact
[]
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
