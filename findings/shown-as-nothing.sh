#!/usr/bin/env bash
# @medplum/core 5.2.13 (npm): results and timings as text for a person (formatObservationValue, formatTiming; Node 20).
# One expects: a result of yes or no, of none, a titre and a range are shown as what they are; a timing says how often, or that
#   there is more than can be shown.
# Seen: only quantities, concepts and texts are shown. Yes, no, 3, 0, 1:128, a range and a time of day are an empty text, like
#   a result that is not there. One to three times in one to two days is "Daily"; at bedtime and "BID" are empty.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @medplum/core@5.2.13 >/dev/null
cat >look.cjs <<'END'
globalThis.WebSocket ??= class {};
const { formatObservationValue, formatTiming } = require('@medplum/core');
const show = (of, format) => console.log(JSON.stringify(of), '->', JSON.stringify(format(of)));
for (const value of [{ valueQuantity: { value: 5, comparator: '<', unit: 'mg' } }, { valueBoolean: true }, { valueBoolean: false }, { valueInteger: 3 }, { valueInteger: 0 },
  { valueRatio: { numerator: { value: 1 }, denominator: { value: 128 } } }, { valueRange: { low: { value: 5 } } },
  { valueTime: '08:00:00' }, { dataAbsentReason: { text: 'not performed' } }]) {
  show(value, formatObservationValue);
}
const day = { period: 1, periodUnit: 'd' };
for (const timing of [{ repeat: { frequency: 3, ...day } }, { repeat: { frequency: 1, frequencyMax: 3, ...day, periodMax: 2 } },
  { repeat: { when: ['HS'] } }, { code: { text: 'BID' } }]) {
  show(timing, formatTiming);
}
END
seen=$(node look.cjs)
expected=$(cat <<'END'
{"valueQuantity":{"value":5,"comparator":"<","unit":"mg"}} -> "< 5 mg"
{"valueBoolean":true} -> ""
{"valueBoolean":false} -> ""
{"valueInteger":3} -> ""
{"valueInteger":0} -> ""
{"valueRatio":{"numerator":{"value":1},"denominator":{"value":128}}} -> ""
{"valueRange":{"low":{"value":5}}} -> ""
{"valueTime":"08:00:00"} -> ""
{"dataAbsentReason":{"text":"not performed"}} -> ""
{"repeat":{"frequency":3,"period":1,"periodUnit":"d"}} -> "3 times per day"
{"repeat":{"frequency":1,"frequencyMax":3,"period":1,"periodUnit":"d","periodMax":2}} -> "Daily"
{"repeat":{"when":["HS"]}} -> ""
{"code":{"text":"BID"}} -> ""
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
