// Opens our form, LHC-Forms and Smart Forms with the same Questionnaire, on a CPU four times slower,
// and measures what came over the wire and when an option could be chosen. Job on standard input:
//   {modules, lforms, smart, chromium, url, form, rounds}
//
// "Ready" is the time to interactive, alike for all: the option of the first safety question can be
// seen, what the page needs to act upon it is there, and no task of more than 50 ms follows within
// QUIET_MS. Its moment is the end of the last such task, or the frame, whichever is later.

import { createReadStream, existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { createGzip } from "node:zlib";

const job = JSON.parse(readFileSync(0, "utf8"));
const { chromium } = createRequire(path.join(job.modules, "any.js"))("playwright-core");
const QUIET_MS = 2000;
const TYPES = { ".js": "text/javascript", ".css": "text/css", ".png": "image/png", ".html": "text/html" };
const FORM = JSON.stringify(job.form).replaceAll("<", "\\u003c");
const LFORMS = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Form</title>
<link rel="stylesheet" href="webcomponent/styles.css"><body><div id="form"></div>
<script src="webcomponent/assets/lib/zone.min.js"></script>
<script src="webcomponent/runtime.js" type="module"></script>
<script src="webcomponent/polyfills.js" type="module"></script>
<script src="webcomponent/main.js" type="module"></script>
<script src="fhir/R4/lformsFHIR.min.js" defer></script>
<script type="module">const form = ${FORM};
const wait = () => globalThis.LForms?.Util.addFormToPage && LForms.FHIR?.R4
  ? LForms.Util.addFormToPage(form, "form", { fhirVersion: "R4" }) : setTimeout(wait, 5);
wait();</script>`;
const SMART = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Form</title>
<body><div id="form"></div><script src="filler.js"></script><script>show(${FORM})</script>`;
const PAGES = { "/": LFORMS, "/smart": SMART };

const server = createServer((request, response) => {
  const place = request.url.split("?")[0];
  const packed = (type) => response.writeHead(200, { "content-type": type, "content-encoding": "gzip" });
  const send = (type, from) => { packed(type); from.pipe(createGzip()).pipe(response); };
  if (PAGES[place]) {
    packed("text/html");
    const gzip = createGzip();
    gzip.pipe(response);
    return gzip.end(PAGES[place]);
  }
  const file = place === "/filler.js" ? job.smart : path.join(job.lforms, place);
  if (!existsSync(file)) return response.writeHead(404).end();
  return send(TYPES[path.extname(file)] ?? "application/octet-stream", createReadStream(file));
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));

const browser = await chromium.launch({ executablePath: job.chromium, args: ["--no-sandbox", "--disable-gpu"] });

/** Runs in the page, before anything of it: looks once a frame whether the option is there. */
function watch({ option, needs }) {
  const seen = { at: null, busy: 0 };
  globalThis.measured = seen;
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) seen.busy = Math.max(seen.busy, one.startTime + one.duration);
  }).observe({ type: "longtask", buffered: true });
  const look = () => {
    const there = document.querySelector(option);
    const can = !needs || needs.split(".").reduce((at, key) => at?.[key], globalThis);
    if (there && there.getBoundingClientRect().height > 0 && can) seen.at = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

async function once(url, option, needs) {
  const context = await browser.newContext({ viewport: { width: 1000, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(watch, { option, needs });
  const control = await context.newCDPSession(page);
  await control.send("Network.enable");
  await control.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  let bytes = 0;
  control.on("Network.loadingFinished", (one) => { bytes += one.encodedDataLength; });
  await page.goto(url, { waitUntil: "commit", timeout: 120_000 });
  // Asked directly: what Playwright puts into a page to wait in it is a long task of its own.
  const look = async () => JSON.parse((await control.send("Runtime.evaluate", {
    expression: "JSON.stringify({ ...globalThis.measured, now: performance.now() })",
  })).result.value);
  let seen = await look();
  while (!(seen.at && seen.now - Math.max(seen.at, seen.busy) > QUIET_MS)) {
    if (seen.now > 120_000) throw new Error(`${url} was never ready`);
    await new Promise((done) => { setTimeout(done, 250); });
    seen = await look();
  }
  const { at, busy } = seen;
  const result = { bytes, shown: at, ready: Math.max(at, busy), alarm: null };
  if (url === job.url) {
    await page.locator('[data-link="safety.consciousness"] input[value="none"]').check();
    result.alarm = await page.evaluate(() => {
      const input = document.querySelector('[data-link="safety.urine"] input[value="none-new"]');
      const began = performance.now();
      input.click();
      document.getElementById("alarm").getBoundingClientRect();
      return document.getElementById("alarm").hidden ? null : performance.now() - began;
    });
  }
  await context.close();
  return result;
}

const own = `http://127.0.0.1:${server.address().port}`;
const SIDES = {
  ours: [job.url, '[data-link="safety.consciousness"] label', "crampCds.decision"],
  "LHC-Forms": [`${own}/`, 'label[id$="|none"]', ""],
  "Smart Forms": [`${own}/smart`, '[data-linkid="safety.consciousness"] label', ""],
};
const measured = {};
for (let round = 0; round < job.rounds; round += 1) {
  for (const [name, side] of Object.entries(SIDES)) (measured[name] ??= []).push(await once(...side));
}
await browser.close();
server.close();
const best = (runs, key) => Math.min(...runs.map((one) => one[key]));
const result = Object.fromEntries(Object.entries(measured).map(([name, runs]) => [
  name, Object.fromEntries(["bytes", "shown", "ready", "alarm"].map((key) => [key, best(runs, key)])),
]));
process.stdout.write(JSON.stringify(result));
