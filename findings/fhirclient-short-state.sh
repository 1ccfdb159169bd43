#!/usr/bin/env bash
# fhirclient 2.6.3 (npm): the state of a SMART launch, as the library makes it by itself.
# One expects: at least 122 bits of chance, as SMART App Launch 2 asks of an app's state.
# Seen: sixteen letters and digits, 95 bits at most. A server that holds apps to the guide's figure refuses the launch of
#   every app that leaves it to the library; one that hands in a `stateKey` of its own is launched.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --legacy-peer-deps --omit=optional fhirclient@2.6.3
cat > app.js <<'END'
const http = require("http");
const smart = require("fhirclient");
const kept = new Map();
const storage = {
  get: async (key) => kept.get(key),
  set: async (key, value) => { kept.set(key, value); return value; },
  unset: async (key) => kept.delete(key),
};
const server = http.createServer(async (request, response) => {
  const base = `http://127.0.0.1:${server.address().port}`;
  if (request.url.endsWith("smart-configuration")) {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ authorization_endpoint: `${base}/authorize`, token_endpoint: `${base}/token`,
      code_challenge_methods_supported: ["S256"] }));
    return;
  }
  await smart(request, response, storage).authorize({ clientId: "app", scope: "launch", redirectUri: "/app" });
});
server.listen(0, "127.0.0.1", async () => {
  const base = `http://127.0.0.1:${server.address().port}`;
  const states = [];
  for (let turn = 0; turn < 20; turn += 1) {
    const answer = await fetch(`${base}/launch?iss=${base}/fhir&launch=x`, { redirect: "manual" });
    states.push(new URL(answer.headers.get("location")).searchParams.get("state"));
  }
  const lengths = [...new Set(states.map((one) => one.length))].join(", ");
  const plain = states.every((one) => /^[A-Za-z0-9]+$/.test(one));
  console.log(`characters: ${lengths}; letters and digits only: ${plain}`);
  console.log(`bits at most: ${Math.floor(Math.max(...states.map((one) => one.length)) * Math.log2(62))}`);
  process.exit(0);
});
END
seen=$(node app.js)
printf '%s\n' "$seen"
expected='characters: 16; letters and digits only: true
bits at most: 95'
[ "$seen" = "$expected" ] || { echo 'This has changed.' >&2; exit 1; }
