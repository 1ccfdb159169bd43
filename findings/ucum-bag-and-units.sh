#!/usr/bin/env bash
# @atomic-ehr/ucum 0.2.5 (npm): arithmetic of quantities and conversion between units.
# One expects: a bag of 1000 mL at 125 mL/h lasts 8 h, and 3 mg/dL squared is 9 mg2/dL2, as terms are read from left to
#   right (UCUM, algebraic unit terms). Arbitrary units fit no other unit, not even another arbitrary one (UCUM, operations
#   on arbitrary units): anti-Xa units are not international units, and add() of this package refuses to sum them.
# Seen: the second unit is glued on as text: 8 mL/mL/h, which is 8 per hour, not 8 hours; a power falls on the last unit
#   alone. And convert() takes each arbitrary unit for 1: anti-Xa units and colonies are international units one to one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @atomic-ehr/ucum@0.2.5 >/dev/null
cat >look.mjs <<'END'
import { ucum } from '@atomic-ehr/ucum';

const lasts = ucum.divide(ucum.quantity(1000, 'mL'), ucum.quantity(125, 'mL/h'));
console.log('lasts', lasts.value, lasts.unit, 'in hours:', ucum.isConvertible(lasts.unit, 'h'),
  'per hour:', ucum.convert(lasts.value, lasts.unit, '/h'));
console.log('squared', ucum.pow(ucum.quantity(3, 'mg/dL'), 2).unit);
for (const [from, to] of [["[anti'Xa'U]/mL", '[iU]/mL'], ['[CFU]/mL', '[iU]/mL'], ['[iU]', '1']])
  console.log('1', from, 'is', ucum.convert(1, from, to), to);
try {
  ucum.add(ucum.quantity(1, "[anti'Xa'U]"), ucum.quantity(1, '[iU]'));
} catch (error) {
  console.log('add:', error.message);
}
END
seen=$(node look.mjs)
expected=$(cat <<'END'
lasts 8 mL/mL/h in hours: false per hour: 8
squared mg/dL2
1 [anti'Xa'U]/mL is 1 [iU]/mL
1 [CFU]/mL is 1 [iU]/mL
1 [iU] is 1 1
add: Cannot convert between arbitrary units: [anti'Xa'U] and [iU]
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
