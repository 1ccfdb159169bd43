// Drives the form in a real browser. Reads a job from standard input:
//   {modules, chromium, url, shots, part, ...}   `part` names one of PARTS below.
// Writes one JSON value to standard output.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const job = JSON.parse(readFileSync(0, "utf8"));
const require = createRequire(path.join(job.modules, "any.js"));
const { chromium } = require("playwright-core");
const FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const said = []; // what the pages complained about, and what they asked elsewhere

const browser = await chromium.launch({ executablePath: job.chromium, args: FLAGS });

async function open(url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1000, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.on("pageerror", (error) => said.push(error.message));
  page.on("console", (one) => one.type() === "error" && said.push(one.text()));
  page.on("request", (one) => {
    const own = url.startsWith("file:") ? one.url() === url || one.url().startsWith("blob:") || one.url().startsWith("data:")
      : [new URL(url).origin, job.ehr ?? "data:", "data:"].some((origin) => one.url().startsWith(origin));
    if (!own) said.push(`asked ${one.url()}`);
  });
  await page.goto(url);
  return page;
}

const field = (page, question, value) => page.locator(`[data-link="${question}"] input[value="${value}"]`);
const shot = (page, name, fullPage = true) => page.screenshot({ path: path.join(job.shots, `${name}.png`), fullPage });

/** Random answers, set at once; what the page then says, for each. Runs in the page. */
function random({ count, seed, calmest }) {
  let state = seed;
  const chance = () => { state = (state * 1103515245 + 12345) % 2147483648; return state / 2147483648; };
  const pick = (list) => list[Math.floor(chance() * list.length)];
  const form = document.getElementById("form");
  const sets = [...form.querySelectorAll(".question fieldset")]
    .map((one) => [...one.querySelectorAll("input[type=radio], input[type=checkbox]")].filter((each) => !each.hasAttribute("data-blank")));
  const texts = [...form.querySelectorAll(".other input")];
  const made = [];
  for (let turn = 0; turn < count; turn += 1) {
    const [blank, calm] = [pick([0, 0.05, 0.4]), pick([0, 0.6, 0.95])];
    for (const input of form.querySelectorAll("#questions input")) {
      if (input.type === "radio" || input.type === "checkbox") input.checked = false;
    }
    for (const set of sets) {
      if (chance() < blank) continue;
      const alone = set.find((one) => one.hasAttribute("data-alone"));
      if (set[0].type === "radio") (alone && chance() < calm ? alone : chance() < calm ? set[0] : pick(set)).checked = true;
      else if (alone && chance() < calm) alone.checked = true;
      else {
        for (let n = 1 + Math.floor(chance() * 3); n; n -= 1) pick(set).checked = true;
        if (alone && alone.checked) for (const one of set) one.checked = one === alone;
      }
    }
    // Random answers are hardly ever calm: one set in ten is the calm one with a few changed.
    if (chance() < 0.1) {
      for (const input of sets.flat()) input.checked = calmest.some(([q, v]) => input.value === v && input.closest("[data-link]").dataset.link === q);
      for (let n = Math.floor(chance() * 3); n; n -= 1) {
        const set = pick(sets);
        const one = pick(set);
        if (one.hasAttribute("data-alone") || one.type === "radio") for (const other of set) other.checked = false;
        else for (const other of set) if (other.hasAttribute("data-alone")) other.checked = false;
        one.checked = true;
      }
    }
    for (const text of texts) text.value = chance() < 0.03 ? "words" : "";
    globalThis.crampCds.refresh();
    const { response, decision } = globalThis.crampCds;
    made.push(structuredClone({ response, decision }));
  }
  return made;
}

async function violations(page, state) {
  await page.addScriptTag({ path: path.join(job.modules, "axe-core", "axe.min.js") }).catch(() => null);
  if (!(await page.evaluate(() => "axe" in globalThis))) {
    // The page's policy takes no foreign script: it is put there by the driver.
    await page.evaluate(readFileSync(path.join(job.modules, "axe-core", "axe.min.js"), "utf8"));
  }
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const found = await page.evaluate((runOnly) => globalThis.axe.run(document, { runOnly }), tags);
  if (found.passes.length < 10) return [`${state}: hardly anything was checked`];
  return found.violations.map((one) => `${state}: ${one.id}: ${one.nodes.map((n) => n.html.slice(0, 120)).join(" | ")}`);
}

const PARTS = {
  /** 10,000 random answer sets. */
  async differential() {
    const page = await open(job.url);
    return page.evaluate(random, { count: job.count, seed: job.seed, calmest: job.answers });
  },

  /** The alarm: how soon after the click, where, and what has the focus; then taken back. */
  async alarm() {
    const page = await open(job.url);
    await field(page, job.first[0], job.first[1]).check();
    const times = await page.evaluate(({ question, value }) => {
      const input = document.querySelector(`[data-link="${question}"] input[value="${value}"]`);
      input.scrollIntoView();
      const began = performance.now();
      input.click();
      const took = performance.now() - began;
      const box = document.getElementById("alarm").getBoundingClientRect();
      return { took, top: box.top, bottom: box.bottom, height: innerHeight, focus: document.activeElement.id,
        role: document.getElementById("alarm").getAttribute("role"), text: document.getElementById("alarm").innerText };
    }, { question: job.sign[0], value: job.sign[1] });
    await shot(page, "alarm", false);
    await field(page, job.sign[0], job.calm).check();
    const was = await page.locator("#alarm").innerText();
    await shot(page, "alarm-taken-back", false);
    await page.waitForTimeout(700);
    await page.reload();
    const again = await page.locator("#alarm").innerText();
    const kept = page.waitForResponse((one) => one.request().method() === "POST");
    await page.locator("#alarm .was-ok button").click();
    const gone = await page.locator("#alarm").isHidden();
    await kept;
    await page.reload();
    const stays = await page.locator("#alarm").isHidden();
    await field(page, job.sign[0], job.sign[1]).check();
    const back = await page.locator("#alarm").isVisible();
    await field(page, job.sign[0], job.calm).check();
    const asks = await page.locator("#alarm .was-ok").isVisible();
    return { times, was, again, gone, stays, back, asks };
  },

  /** The whole form by the keyboard alone; the number of keys. */
  async keyboard() {
    const page = await open(job.url);
    let keys = 0;
    const press = async (key) => { keys += 1; await page.keyboard.press(key); };
    for (let n = 0; n < 400; n += 1) {
      await press("Tab");
      const at = await page.evaluate(() => {
        const one = document.activeElement;
        return { type: one.type, id: one.id, name: one.name, alone: one.hasAttribute("data-alone"),
          alones: one.closest("fieldset")?.querySelectorAll("[data-alone]").length ?? 0,
          several: one.type === "checkbox" && !one.closest("fieldset").querySelector("[type=checkbox]:checked") };
      });
      if (at.id === "send") break;
      if (at.type === "radio" && at.name !== "who") await press("Space");
      if (at.type === "checkbox" && (at.alone || (!at.alones && at.several))) await press("Space");
    }
    await press("Enter");
    await page.waitForURL("**/result");
    return { keys, level: await page.locator(".level .word").innerText(), focus: await page.evaluate(() => document.activeElement.className) };
  },

  /** On a phone: one question a screen, forth and back, and nothing lost on reload. */
  async phone() {
    const page = await open(job.url, { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
    const visible = () => page.evaluate(() => [...document.querySelectorAll(".who, .question")].filter((one) => one.offsetHeight).map((one) => one.dataset.link ?? "who"));
    const seen = [await visible()];
    await shot(page, "phone-first", false);
    await page.locator("#next").click();
    seen.push(await visible());
    await field(page, job.first[0], job.first[1]).check();
    await page.locator("#next").click();
    seen.push(await visible());
    await shot(page, "phone-question", false);
    await page.goBack();
    seen.push(await visible());
    await page.waitForTimeout(700);
    await page.reload();
    const kept = await field(page, job.first[0], job.first[1]).isChecked();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    return { seen, kept, wide };
  },

  /** axe in every state, in light, dark and forced colours, narrow and zoomed. */
  async axe() {
    const looks = { light: {}, dark: { colorScheme: "dark" }, forced: { forcedColors: "active" },
      narrow: { viewport: { width: 320, height: 640 } }, zoomed: { viewport: { width: 500, height: 450 }, deviceScaleFactor: 2 } };
    const found = [];
    const wide = [];
    for (const [look, options] of Object.entries(looks)) {
      const page = await open(job.url, options);
      const check = async (state) => {
        found.push(...await violations(page, `${look} ${state}`));
        await shot(page, `${look}-${state}`);
        wide.push(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth));
      };
      await check("empty");
      const narrow = await page.locator("#next").isVisible();
      if (narrow) await page.locator("#next").click();
      await field(page, job.first[0], job.first[1]).check();
      await check("begun");
      await page.locator("#send").evaluate((one) => one.click());
      await page.waitForSelector("#open:not([hidden])", { state: "attached" });
      await check("open");
      await page.evaluate(({ question, value }) => document.querySelector(`[data-link="${question}"] input[value="${value}"]`).click(), { question: job.sign[0], value: job.sign[1] });
      await check("alarm");
      await page.locator("#send").evaluate((one) => one.click());
      await page.waitForURL("**/result");
      await check("result");
      await page.context().close();
    }
    const plain = await open(job.url, { javaScriptEnabled: true });
    await plain.goto(`${job.url}/result`);
    found.push(...await violations(plain, "problem"));
    return { found, wide };
  },

  /** The exported page, from a file: alarm, result, downloads. */
  async alone() {
    const page = await open(job.url);
    const sets = await page.evaluate(random, { count: job.count, seed: job.seed, calmest: job.answers });
    await page.evaluate(() => document.getElementById("form").reset());
    await field(page, job.first[0], job.first[1]).check();
    await page.reload();
    const kept = await field(page, job.first[0], job.first[1]).isChecked();
    await page.locator("#send").click();
    const asked = await page.locator("#send").innerText();
    await field(page, job.sign[0], job.sign[1]).check();
    await shot(page, "exported-alarm", false);
    await page.locator("#send").click();
    const text = await page.locator("#result").innerText();
    await shot(page, "exported-result");
    const files = {};
    for (const name of ["response", "decision"]) {
      const [file] = await Promise.all([page.waitForEvent("download"), page.locator(`#result a[download$="${name}.json"]`).click()]);
      files[name] = JSON.parse(readFileSync(await file.path(), "utf8"));
    }
    const found = await violations(page, "exported result");
    return { sets, kept, asked, text, files, found };
  },

  /** Without JavaScript: what is there after the first page. */
  async still() {
    const page = await open(job.url, { javaScriptEnabled: false });
    await field(page, job.first[0], job.first[1]).check();
    await page.locator("#send").click();
    await shot(page, "no-script");
    await field(page, job.sign[0], job.sign[1]).check();
    await page.locator("#send").click();
    return { url: page.url(), text: await page.locator("main").innerText() };
  },

  /** A journey in steps: [what, ...]; `look` takes a picture, runs axe and keeps what can be read. */
  async walk() {
    const page = await open(job.url, job.options);
    const [found, texts, wide] = [[], {}, []];
    const does = {
      check: (question, value) => field(page, question, value).evaluate((one) => one.checked || one.click()),
      click: (selector) => page.locator(selector).first().evaluate((one) => one.click()),
      press: (selector) => Promise.all([page.waitForEvent("load"), page.locator(selector).first().evaluate((one) => one.click())]),
      open: (url) => page.goto(url),
      async answer() { for (const [question, value] of job.answers) await does.check(question, value); },
      async look(name) {
        await shot(page, `${job.name}-${name}`);
        texts[name] = await page.evaluate(() => document.body.innerText);
        wide.push(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth));
        if (job.options?.javaScriptEnabled !== false) found.push(...await violations(page, `${job.name} ${name}`));
      },
    };
    for (const [what, ...more] of job.steps) await does[what](...more);
    return { found, texts, wide };
  },

  /** The result as it is printed: how many pages. */
  async print() {
    const page = await open(job.url);
    for (const [question, value] of job.answers) {
      await page.evaluate(([q, v]) => document.querySelector(`[data-link="${q}"] input[value="${v}"]`).click(), [question, value]);
    }
    const tall = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.evaluate(() => scrollTo(0, 0));
    await shot(page, "desktop-all");
    await page.locator("#send").click();
    await page.waitForURL("**/result");
    await page.evaluate(() => document.activeElement.blur());
    const pdf = await page.pdf({ format: "A4", margin: { top: "12mm", bottom: "12mm", left: "12mm", right: "12mm" } });
    await page.emulateMedia({ media: "print" });
    await shot(page, "printed");
    return { pages: (pdf.toString("latin1").match(/\/Type\s*\/Page\b/g) || []).length, tall };
  },
};

try {
  const result = await PARTS[job.part]();
  process.stdout.write(JSON.stringify({ result, said }));
} finally {
  await browser.close();
}
