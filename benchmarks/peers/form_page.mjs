// Opens our form and LHC-Forms with the same Questionnaire, on a CPU four times slower, and measures
// what came over the wire and when an option could be chosen. Job on standard input:
//   {modules, lforms, chromium, url, form, rounds}

import { createReadStream, existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { createGzip } from "node:zlib";

const job = JSON.parse(readFileSync(0, "utf8"));
const { chromium } = createRequire(path.join(job.modules, "any.js"))("playwright-core");
const TYPES = { ".js": "text/javascript", ".css": "text/css", ".png": "image/png", ".html": "text/html" };
const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Form</title>
<link rel="stylesheet" href="webcomponent/styles.css"><body><div id="form"></div>
<script src="webcomponent/assets/lib/zone.min.js"></script>
<script src="webcomponent/runtime.js" type="module"></script>
<script src="webcomponent/polyfills.js" type="module"></script>
<script src="webcomponent/main.js" type="module"></script>
<script src="fhir/R4/lformsFHIR.min.js" defer></script>
<script type="module">const form = ${JSON.stringify(job.form).replaceAll("<", "\\u003c")};
const wait = () => globalThis.LForms?.Util.addFormToPage && LForms.FHIR?.R4
  ? LForms.Util.addFormToPage(form, "form", { fhirVersion: "R4" }) : setTimeout(wait, 5);
wait();</script>`;

const server = createServer((request, response) => {
  const place = request.url.split("?")[0];
  const file = path.join(job.lforms, place);
  if (place === "/") return response.writeHead(200, { "content-type": "text/html" }).end(PAGE);
  if (!existsSync(file)) return response.writeHead(404).end();
  response.writeHead(200, { "content-type": TYPES[path.extname(file)] ?? "application/octet-stream", "content-encoding": "gzip" });
  return createReadStream(file).pipe(createGzip()).pipe(response);
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));

const browser = await chromium.launch({ executablePath: job.chromium, args: ["--no-sandbox", "--disable-gpu"] });

async function once(url, option, after) {
  const context = await browser.newContext({ viewport: { width: 1000, height: 900 } });
  const page = await context.newPage();
  const control = await context.newCDPSession(page);
  await control.send("Network.enable");
  await control.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  let bytes = 0;
  control.on("Network.loadingFinished", (one) => { bytes += one.encodedDataLength; });
  await page.goto(url, { waitUntil: "commit" });
  await page.locator(option).first().waitFor({ timeout: 60_000 });
  await page.waitForFunction(after, null, { polling: 5, timeout: 60_000 });
  const ready = await page.evaluate(() => performance.now());
  let alarm = null;
  if (url === job.url) {
    await page.locator('[data-link="safety.consciousness"] input[value="none"]').check();
    alarm = await page.evaluate(() => {
      const input = document.querySelector('[data-link="safety.urine"] input[value="none-new"]');
      const began = performance.now();
      input.click();
      document.getElementById("alarm").getBoundingClientRect();
      return document.getElementById("alarm").hidden ? null : performance.now() - began;
    });
  }
  await context.close();
  return { bytes, ready, alarm };
}

const best = (runs, key) => Math.min(...runs.map((one) => one[key]));
const measured = {};
const PAGES = {
  ours: [job.url, '[data-link="safety.consciousness"] input', () => Boolean(globalThis.crampCds?.decision)],
  "LHC-Forms": [`http://127.0.0.1:${server.address().port}/`, 'label[id$="|none"]', () => true],
};
for (let round = 0; round < job.rounds; round += 1) {
  for (const [name, page] of Object.entries(PAGES)) (measured[name] ??= []).push(await once(...page));
}
await browser.close();
server.close();
const result = Object.fromEntries(Object.entries(measured).map(([name, runs]) => [
  name, { bytes: best(runs, "bytes"), ready: best(runs, "ready"), alarm: best(runs, "alarm") },
]));
process.stdout.write(JSON.stringify(result));
