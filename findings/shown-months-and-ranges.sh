#!/usr/bin/env bash
# @bonfhir/core 2.22.1 (npm): FHIR values as text for a person (Formatter of R4B, its default settings).
# One expects: a month is shown as a month, a Period from January to March with both of them, a Range without an upper
#   end as "from 6.5 mmol/L" or the like.
# Seen: the month is left out, so that 2026-11 is "2026" and January to March is "2026 - 2026"; a Range with one end is
#   an empty text, while one with two is shown: a laboratory's "6.5 and above" cannot be seen.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @bonfhir/core@2.22.1 >/dev/null
cat >look.cjs <<'END'
const { Formatter } = require('@bonfhir/core/r4b');
const show = (type, value) => console.log(JSON.stringify(Formatter.default.format(type, value)));
show('date', '2026-11');
show('Period', { start: '2026-01', end: '2026-03' });
show('Range', { low: { value: 6.5, unit: 'mmol/L' } });
show('Range', { low: { value: 3.5, unit: 'mmol/L' }, high: { value: 5, unit: 'mmol/L' } });
END
seen=$(TZ=UTC LANG=en_US.UTF-8 node look.cjs)
expected=$(cat <<'END'
"2026"
"2026 - 2026"
""
"3.5 … 5 mmol/L"
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
