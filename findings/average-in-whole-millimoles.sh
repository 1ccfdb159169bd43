#!/usr/bin/env bash
# @diakem/libre-link-up-api-client 0.6.1 (npm; with @babel/runtime 7.26.10): glucose of FreeStyle Libre sensors from LibreLinkUp, here
#   with the service's answers made by an adapter of axios in place of the network.
# One expects: readAveraged gives the mean of the readings in their unit, which the service says (GlucoseUnits 0 is mmol/L, with
#   ValueInMgPerDl beside it): 3.8 of 3.8 and 3.8; and no trend, or that of the others, where one could not be computed.
# Seen: the mean is rounded to a whole number whatever the unit is: 3.8 and 3.8 mmol/L, a low glucose, are 4, in range from 3.9 on;
#   4.4 and 4.4 are 4. Which unit it was is not told. A trend that could not be computed counts as lower than falling: with one that
#   rises slowly it is FortyFiveDown.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @diakem/libre-link-up-api-client@0.6.1 axios@0.27.2 @babel/runtime@7.26.10 >/dev/null
cat >look.js <<'END'
const axios = require('axios');
const { LibreLinkUpClient } = require('@diakem/libre-link-up-api-client');
const UP_SLOWLY = 4, NOT_COMPUTED = 6, STABLE = 3;
let readings = [];
let asked = 0;
const answers = {
  '/llu/auth/login': () => ({ authTicket: { token: 'none' } }),
  '/llu/connections': () => [{ patientId: 'one', firstName: 'Ada', lastName: 'Example' }],
  '/llu/connections/one/graph': () => {
    const [mmol, TrendArrow] = readings[asked % readings.length];
    asked += 1;
    const FactoryTimestamp = `11/30/2026 8:0${asked}:00 AM`;
    const glucoseMeasurement = { Value: mmol, ValueInMgPerDl: Math.round(mmol * 18.016), GlucoseUnits: 0, TrendArrow,
      isHigh: false, isLow: mmol < 3.9, FactoryTimestamp };
    return { connection: { glucoseMeasurement }, graphData: [] };
  },
};
axios.defaults.adapter = async (config) =>
  ({ data: { status: 0, data: answers[config.url]() }, status: 200, statusText: 'OK', headers: {}, config });
const averaged = (set) => new Promise(async (done) => {
  [readings, asked] = [set, 0];
  const { readAveraged } = LibreLinkUpClient({ username: 'ada@example.org', password: 'none' });
  const stop = await readAveraged(set.length, (mean, all) => { stop(); done([mean, all]); }, 20);
});
(async () => {
  for (const set of [[[3.8, STABLE], [3.8, STABLE]], [[4.4, STABLE], [4.4, STABLE]], [[5.5, NOT_COMPUTED], [5.5, UP_SLOWLY]]]) {
    const [mean, all] = await averaged(set);
    console.log(`${all.map((one) => `${one.value} ${one.trend}`).join(', ')}: ${mean.value} ${mean.trend}, low ${mean.isLow}`);
  }
})();
END
seen=$(node look.js)
expected=$(cat <<'END'
3.8 Flat, 3.8 Flat: 4 Flat, low true
4.4 Flat, 4.4 Flat: 4 Flat, low false
5.5 NotComputable, 5.5 FortyFiveUp: 6 FortyFiveDown, low false
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
