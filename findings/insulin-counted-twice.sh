#!/usr/bin/env bash
# nightscout-connect 0.0.12 (npm): meals and insulin as a patient noted them in Glooko, as treatments for Nightscout (a store of
#   continuous glucose monitoring, from which the insulin still at work is computed).
# One expects: each dose of insulin is in the treatments once, with or without a meal: 4 units are 4 units, 6 and 3 are 9.
# Seen: a dose is copied into each meal within 45 minutes of it, so that 4 units with a main dish and a dessert are 8; of two doses
#   near one meal the first is kept and the second is nowhere: 6 and 3 are 6. Without a meal, the sum is right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund nightscout-connect@0.0.12 >/dev/null
cat >look.cjs <<'END'
const { generate_nightscout_treatments: treatments } = require('nightscout-connect/lib/sources/glooko/convert');

const say = console.log;
console.log = () => {}; // its own line about each conversion
const at = (time) => `2026-11-30T${time}:00.000Z`;
const food = (time, carbs) => ({ timestamp: at(time), carbs });
const dose = (time, value) => ({ timestamp: at(time), value });
const show = (what, foods, insulins) => {
  const made = treatments({ foods, insulins }, 0);
  const sum = (list, key) => list.reduce((total, one) => total + (one[key] || 0), 0);
  say(`${what}: ${sum(insulins, 'value')} units noted, ${sum(made, 'insulin')} in`, made.map((one) => [one.eventType, one.insulin]));
};
show('dish and dessert', [food('12:00', 60), food('12:30', 20)], [dose('12:00', 4)]);
show('two doses', [food('12:00', 60)], [dose('12:00', 6), dose('12:20', 3)]);
show('no meal', [], [dose('12:00', 6), dose('12:20', 3)]);
END
seen=$(node look.cjs)
expected=$(cat <<'END'
dish and dessert: 4 units noted, 8 in [ [ 'Meal Bolus', 4 ], [ 'Meal Bolus', 4 ] ]
two doses: 9 units noted, 6 in [ [ 'Meal Bolus', 6 ] ]
no meal: 9 units noted, 9 in [ [ 'Correction Bolus', 6 ], [ 'Correction Bolus', 3 ] ]
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
