// Fills our forms in form fillers that are React components, with the mouse and the keyboard.
//
// Reads a job from standard input:
//   {modules, chromium, forms: {id: Questionnaire}, visits: {name: {form, clicks}}, shots,
//    built: {filler: file}}   where `built` sets show(Questionnaire) and written() on the window
// Writes to standard output, per filler and visit:
//   {response, shown: [linkId], untold: [[linkId, choice]], asked: [url], errors: [message]}
// The response is what the filler holds when it is sent: by its own button, where it has one.
// `shown` are the items whose text can be read at the end; `untold` are clicks for which the
// filler had no place; `asked` are requests that would have left this machine.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { launch, open, picture } from "./stage.mjs";

const job = JSON.parse(readFileSync(0, "utf8"));
const { chromium } = createRequire(path.join(job.modules, "any.js"))("playwright-core");
const PAGE = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Form</title>
<body><div id="form"></div><script src="filler.js"></script>`;

// Where each filler puts an option's label, and the box for what a person says in own words.
const PLACES = {
  "smart-forms": {
    labels: (page, id) => page.locator(`[data-linkid="${id}"] label`),
    other: async (page, id) => {
      const item = page.locator(`[data-linkid="${id}"]`);
      await item.locator('label:has-text("Other:")').click();
      return item.locator("textarea:not([readonly])");
    },
  },
  medplum: {
    labels: (page, id) => page.locator(`label[for^="${id}-option-"]`),
    other: () => undefined,
  },
};

function* items(parent) {
  for (const item of parent.item ?? []) {
    yield item;
    yield* items(item);
  }
}

async function click(page, places, form, [linkId, choice], untold) {
  if (typeof choice !== "string") {
    const box = await places.other(page, linkId);
    await (box ? box.fill(choice.text) : untold.push([linkId, choice]));
    return;
  }
  const item = [...items(form)].find((one) => one.linkId === linkId);
  const codings = item.answerOption.map((option) => option.valueCoding);
  const { display } = codings.find((coding) => coding.code === choice);
  await places.labels(page, linkId).getByText(display, { exact: true }).click();
}

/** Fillers keep what was typed after a moment: by the clock, which must run for that. */
async function settled(page) {
  let before;
  for (let now = ""; now !== before; ) {
    before = now;
    await page.waitForTimeout(700);
    now = await page.evaluate(() => JSON.stringify(written()) + document.body.innerText);
  }
}

async function visit(browser, filler, name, { form, clicks }) {
  const [asked, errors, untold] = [[], [], []];
  const script = { contentType: "text/javascript", body: readFileSync(job.built[filler]) };
  const file = (pathname) =>
    ({ "/": { contentType: "text/html", body: PAGE }, "/filler.js": script })[pathname];
  const page = await open(browser, { file, asked, errors });
  await page.evaluate((questionnaire) => show(questionnaire), job.forms[form]);
  await page.locator("#form label").first().waitFor();
  for (const one of clicks) await click(page, PLACES[filler], job.forms[form], one, untold);
  await settled(page);
  const send = page.locator('#form button[type="submit"]');
  if (await send.count()) await send.click();
  await settled(page);
  await picture(page, `${job.shots}/${filler}-${name}.png`);
  const response = await page.evaluate(() => written());
  if (response.authored) response.authored = job.now; // the time runs, so that what is typed is kept
  const text = await page.evaluate(() => document.body.innerText);
  const shown = [...items(job.forms[form])].filter((item) => text.includes(item.text));
  await page.close();
  return { response, shown: shown.map((item) => item.linkId), untold, asked, errors };
}

const browser = await launch(chromium, job.chromium);
try {
  const made = {};
  for (const filler of Object.keys(job.built)) {
    made[filler] = {};
    for (const [name, one] of Object.entries(job.visits)) {
      made[filler][name] = await visit(browser, filler, name, one);
    }
  }
  process.stdout.write(JSON.stringify(made));
} finally {
  await browser.close();
}
