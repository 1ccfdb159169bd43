// A SMART app built on npm's fhirclient, the second client of the tests' authorization server.
// Reads a job from standard input: {modules, clientId, scope, pkceMode?}; writes {"url"} once it listens.
//   /launch?iss=…&launch=…   sends the browser to the authorization server
//   /app?code=…&state=…      takes the token, reads the patient, answers {patient, scope, name} or {fault}

import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const job = JSON.parse(readFileSync(0, "utf8"));
const require = createRequire(path.join(job.modules, "any.js"));
const smart = require("fhirclient");

const kept = new Map(); // one browser
const storage = {
  get: async (key) => kept.get(key),
  set: async (key, value) => { kept.set(key, value); return value; },
  unset: async (key) => kept.delete(key),
};

const server = createServer(async (request, response) => {
  const app = smart(request, response, storage);
  try {
    if (request.url.startsWith("/launch")) {
      const { clientId, scope, pkceMode = "required" } = job;
      await app.authorize({ clientId, scope, pkceMode, redirectUri: "/app" });
      return;
    }
    const client = await app.ready();
    const patient = await client.patient.read();
    const { scope } = client.state.tokenResponse;
    response.end(JSON.stringify({ patient: client.patient.id, scope, name: patient.name[0].family }));
  } catch (error) {
    response.statusCode = 500;
    response.end(JSON.stringify({ fault: String(error.message) }));
  }
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` })}\n`);
});
