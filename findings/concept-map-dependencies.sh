#!/usr/bin/env bash
# @synanetics/fhir-translate 1.2.0 (npm): FHIR's $translate with a ConceptMap.
# One expects: a target with dependsOn holds only where the other element has that value (FHIR R4, ConceptMap,
#   group.element.target.dependsOn), and $translate is told it as a dependency: of a man the code for men alone. What
#   comes with a target (product) is in its match.
# Seen: neither dependsOn nor the dependency is read: both targets are equivalent, that for women first, with the result
#   true. The laterality, which is the product, is gone, so that left and right become one code.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @synanetics/fhir-translate@1.2.0 >/dev/null
cat >look.js <<'END'
const { conceptMapTranslate } = require('@synanetics/fhir-translate');

const when = (value) => [{ property: 'http://example.org/sex', value }];
const side = (value) => [{ property: 'http://example.org/side', value }];
const map = {
  resourceType: 'ConceptMap', status: 'active', url: 'http://example.org/map',
  group: [{
    source: 'http://example.org/old', target: 'http://example.org/new',
    element: [
      { code: 'BREAST', target: [
        { code: 'breast-of-a-woman', equivalence: 'equivalent', dependsOn: when('female') },
        { code: 'breast-of-a-man', equivalence: 'equivalent', dependsOn: when('male') }] },
      { code: 'LEFT-OVARY', target: [{ code: 'ovary', equivalence: 'wider', product: side('left') }] },
    ],
  }],
};
const translated = (code, ...more) => conceptMapTranslate({
  fhirVersion: 'r4', conceptMaps: [map],
  parameters: { resourceType: 'Parameters', parameter: [
    { name: 'coding', valueCoding: { system: 'http://example.org/old', code } }, ...more] },
}).parameter.map(({ name, valueBoolean, part }) => name === 'result' ? valueBoolean
  : part.map((one) => one.valueCode ?? one.valueCoding?.code ?? one.name).join(' ')).join(', ');
console.log(translated('BREAST', { name: 'dependency', part: [
  { name: 'element', valueUri: 'http://example.org/sex' },
  { name: 'concept', valueCodeableConcept: { coding: [{ code: 'male' }] } }] }));
console.log(translated('LEFT-OVARY'));
END
seen=$(node look.js)
expected=$(cat <<'END'
true, equivalent breast-of-a-woman, equivalent breast-of-a-man
true, wider ovary
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
