#!/usr/bin/env bash
# minimed-connect-to-nightscout 1.5.8 (npm): glucose from an insulin pump (CareLink), with the time at which it was measured.
# One expects: the zone of the pump from its clock and the server's, to the quarter of an hour: India is at +05:30, Nepal at +05:45,
#   Newfoundland at -03:30; and the same whatever the zone of the computer is, which has nothing to do with it.
# Seen: the zone is rounded to a whole hour, so that a glucose of now is a quarter or half an hour old. On a computer in
#   New York that of a pump in New York is five hours old (with its setting for the EU it is right).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts minimed-connect-to-nightscout@1.5.8 >/dev/null
cat >look.cjs <<'END'
const say = console.log;
console.log = () => {}; // its own line about the zone it guesses
const transform = require('minimed-connect-to-nightscout/transform');

const now = Date.UTC(2026, 10, 30, 15, 0);
const show = (where, minutes, setting) => {
  const clock = new Date(now + minutes * 60000).toLocaleString('en-US',
    { timeZone: 'UTC', month: 'short', day: '2-digit', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
  const data = { currentServerTime: now, lastMedicalDeviceDataUpdateServerTime: now, medicalDeviceFamily: 'PARADIGM',
    sMedicalDeviceTime: clock, lastSGTrend: 'NONE', sgs: [{ kind: 'SG', sg: 62, datetime: clock }] };
  process.env.MMCONNECT_SERVER = setting ?? '';
  say(`${process.env.TZ}, pump in ${where}${setting ? ', ' + setting : ''}: 62 mg/dL,`, (now - transform(data).entries[0].date) / 60000, 'minutes old');
};
if (process.env.TZ === 'UTC') {
  show('Berlin', 60);
  show('India', 330);
  show('Nepal', 345);
  show('Newfoundland', -210);
} else {
  show('New York', -300);
  show('New York', -300, 'EU');
}
END
seen=$(TZ=UTC node look.cjs; TZ=America/New_York node look.cjs)
expected=$(cat <<'END'
UTC, pump in Berlin: 62 mg/dL, 0 minutes old
UTC, pump in India: 62 mg/dL, 30 minutes old
UTC, pump in Nepal: 62 mg/dL, 15 minutes old
UTC, pump in Newfoundland: 62 mg/dL, 30 minutes old
America/New_York, pump in New York: 62 mg/dL, 300 minutes old
America/New_York, pump in New York, EU: 62 mg/dL, 0 minutes old
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
