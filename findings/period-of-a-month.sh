#!/usr/bin/env bash
# @i4mi/fhir_r4 2.1.5 (npm): whether a time lies in a FHIR Period (isInPeriod).
# One expects: a Period that ends in 2026-09 is over on 15 October and later; one that ends in 2026-10-31 as well.
# Seen: an end that is only a month is over two months too late: 2026-09 still holds on 15 October and 15 November,
#   while the day 2026-09-30 is over at once. A medicine or a relation that ended in a month counts as current.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @i4mi/fhir_r4@2.1.5 >/dev/null
cat >look.js <<'END'
const { isInPeriod } = require('@i4mi/fhir_r4');
for (const end of ['2026-09', '2026-09-30'])
  for (const day of ['2026-10-15T12:00:00Z', '2026-11-15T12:00:00Z', '2026-12-15T12:00:00Z'])
    console.log(end, day.slice(0, 10), isInPeriod({ start: '2026-01', end }, new Date(day)));
END
seen=$(TZ=UTC node look.js)
expected=$(cat <<'END'
2026-09 2026-10-15 true
2026-09 2026-11-15 true
2026-09 2026-12-15 false
2026-09-30 2026-10-15 false
2026-09-30 2026-11-15 false
2026-09-30 2026-12-15 false
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
