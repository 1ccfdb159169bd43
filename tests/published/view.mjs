// Runs our view of SQL on FHIR over resources, with an engine that is not ours (@medplum/core).
//
// Reads a job from standard input: {modules, view, resources}
// Writes to standard output: the rows

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

// @medplum/core names it when it is loaded, and Node has none before version 22.
globalThis.WebSocket ??= class {};
const job = JSON.parse(readFileSync(0, "utf8"));
const need = createRequire(path.join(job.modules, "any.js"));
const { evalSqlOnFhir } = need("@medplum/core");
process.stdout.write(JSON.stringify(evalSqlOnFhir(job.view, job.resources)));
