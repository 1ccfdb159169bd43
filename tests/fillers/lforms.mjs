// Fills our forms in LHC-Forms as a person does, with the mouse and the keyboard.
//
// Reads a job from standard input:
//   {modules, chromium, forms: {id: Questionnaire}, visits: {name: {form, clicks}}, now, shots}
// Writes to standard output, per visit:
//   {response, shown: {linkId: {text, options}}, missing: [message], asked: [url], errors: [message]}
// `shown` is what can be seen at the end; `asked` are requests that would have left this machine.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { launch, open, picture } from "./stage.mjs";

const job = JSON.parse(readFileSync(0, "utf8"));
const { chromium } = createRequire(path.join(job.modules, "any.js"))("playwright-core");
const BUILT = path.join(job.modules, "lforms", "dist", "lforms");
const TYPES = { ".js": "text/javascript", ".css": "text/css", ".png": "image/png" };
const PAGE = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Form</title>
<link rel="stylesheet" href="webcomponent/styles.css">
<body><div id="form"></div>
<script src="webcomponent/assets/lib/zone.min.js"></script>
<script src="webcomponent/runtime.js" type="module"></script>
<script src="webcomponent/polyfills.js" type="module"></script>
<script src="webcomponent/main.js" type="module"></script>
<script src="fhir/R4/lformsFHIR.min.js" defer></script>`;

function file(pathname) {
  if (pathname === "/") return { contentType: "text/html", body: PAGE };
  const found = path.join(BUILT, pathname);
  if (!existsSync(found)) return undefined;
  return { contentType: TYPES[path.extname(found)], body: readFileSync(found) };
}

async function show(page, form) {
  await page.waitForFunction(() => globalThis.LForms?.Util.addFormToPage && LForms.FHIR?.R4);
  await page.evaluate((q) => LForms.Util.addFormToPage(q, "form", { fhirVersion: "R4" }), form);
  await page.locator("lhc-item").first().waitFor();
}

/** Click the option's label; for free text tick LHC-Forms' own "Other" and type into its field. */
async function click(page, [linkId, choice]) {
  const item = page.locator(`lhc-item[id^="item-${linkId}/"]`);
  const code = typeof choice === "string" ? choice : "_other";
  await item.locator(`label[id$="|${code}"]`).click();
  if (code === "_other") {
    await item.locator('input[id$="|_otherValue"]').pressSequentially(choice.text);
  }
}

/** The text and options of each item that can be seen, by linkId. */
function seen() {
  const words = (element) => element.innerText.trim();
  const visible = [...document.querySelectorAll("lhc-item")].filter((one) => one.offsetHeight > 0);
  return Object.fromEntries(
    visible.map((one) => {
      const linkId = one.id.replace(/^item-/, "").split("/")[0];
      const own = (labels) =>
        [...one.querySelectorAll(labels)].filter((label) => label.closest("lhc-item") === one);
      const text = own("lhc-item-question-text label").map(words).join(" ");
      return [linkId, { text, options: own("lhc-item-choice label").map(words) }];
    }),
  );
}

async function visit(browser, name, { form, clicks }) {
  const asked = [];
  const errors = [];
  const page = await open(browser, { now: job.now, file, asked, errors });
  await show(page, job.forms[form]);
  for (const one of clicks) await click(page, one);
  await picture(page, `${job.shots}/${name}.png`);
  const response = await page.evaluate(() =>
    LForms.Util.getFormFHIRData("QuestionnaireResponse", "R4"),
  );
  const missing = (await page.evaluate(() => LForms.Util.checkValidity())) ?? [];
  const shown = await page.evaluate(seen);
  await page.close();
  return { response, shown, missing, asked, errors };
}

const browser = await launch(chromium, job.chromium);
try {
  const made = {};
  for (const [name, one] of Object.entries(job.visits)) made[name] = await visit(browser, name, one);
  process.stdout.write(JSON.stringify(made));
} finally {
  await browser.close();
}
