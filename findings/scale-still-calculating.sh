#!/usr/bin/env bash
# @garmin/fitsdk 21.217.0 and fit-file-parser 6.1.2 (npm): FIT files, as scales and blood pressure monitors write them.
# One expects: a weight of 65534 is FIT's own word for "calculating" (type weight of its profile), so there is no weight yet;
#   a day's blood pressures are all there.
# Seen: both read it as 655.34 kg; the profile of the first knows the word. In the second's mode "list", blood_pressure and
#   weight_scale hold the last message alone: of 152/96 and 118/76, the latter with its status data out of range, one is
#   left. All of them are under messages.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @garmin/fitsdk@21.217.0 fit-file-parser@6.1.2 >/dev/null
cat >look.mjs <<'END'
import { Decoder, Encoder, Profile, Stream } from '@garmin/fitsdk';
import FitParser from 'fit-file-parser';

const at = (minute) => new Date(Date.UTC(2026, 10, 30, 8, minute));
const writer = new Encoder();
writer.onMesg(Profile.MesgNum.FILE_ID, { type: 'weight', manufacturer: 'development', timeCreated: at(0) });
writer.onMesg(Profile.MesgNum.BLOOD_PRESSURE, { timestamp: at(0), systolicPressure: 152, diastolicPressure: 96 });
writer.onMesg(Profile.MesgNum.BLOOD_PRESSURE,
  { timestamp: at(1), systolicPressure: 118, diastolicPressure: 76, status: 'errorDataOutOfRange' });
writer.onMesg(Profile.MesgNum.WEIGHT_SCALE, { timestamp: at(2), weight: 65534 / 100 });
const file = writer.close();
console.log('65534 means', Profile.types.weight[65534]);
console.log('fitsdk', new Decoder(Stream.fromByteArray([...file])).read().messages.weightScaleMesgs[0].weight);
const Parser = FitParser.default ?? FitParser;
new Parser({ mode: 'list' }).parse(Buffer.from(file), (error, { weight_scale: scale, blood_pressure: last, messages }) => {
  console.log('fit-file-parser', scale.weight);
  console.log(last.systolic_pressure, last.diastolic_pressure, last.status, '- of', messages.blood_pressure.length);
});
END
seen=$(node look.mjs)
expected=$(cat <<'END'
65534 means calculating
fitsdk 655.34
fit-file-parser 655.34
118 76 error_data_out_of_range - of 2
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
