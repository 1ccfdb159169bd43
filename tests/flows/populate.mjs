/* Fills in a form with @aehrc/sdc-populate: {questionnaire, records} on stdin, the responses on stdout. */
import fs from 'node:fs';
import { pathToFileURL } from 'node:url';

const engine = await import(pathToFileURL(process.argv[2]));
const { questionnaire, records } = JSON.parse(fs.readFileSync(0, 'utf8'));
const patient = { resourceType: 'Patient', id: 'p', birthDate: '1970-01-01' };
console.warn = console.error = () => {};

const responses = [];
for (const record of records) {
  const fetchResourceCallback = async (query) => {
    const type = query.split('?')[0].split('/').pop();
    const found = record.filter((one) => one.resourceType === type);
    return { resourceType: 'Bundle', type: 'searchset', entry: found.map((resource) => ({ resource })) };
  };
  const fetchResourceRequestConfig = { sourceServerUrl: 'http://localhost/fhir' };
  const asked = { questionnaire, fetchResourceCallback, fetchResourceRequestConfig, patient };
  const { populateResult } = await engine.populateQuestionnaire(asked);
  responses.push(populateResult.populatedResponse);
}
process.stdout.write(JSON.stringify(responses));
