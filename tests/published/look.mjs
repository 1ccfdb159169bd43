// Opens a page in a real browser, wide and narrow, and lets axe look for what keeps people out.
//
// Reads a job from standard input: {modules, chromium, page, shots}
// Writes to standard output: {violations: [text], asked: [url], errors: [message], scrolls: [width]}

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const job = JSON.parse(readFileSync(0, "utf8"));
const need = createRequire(path.join(job.modules, "any.js"));
const { chromium } = need("playwright-core");
const axe = readFileSync(need.resolve("axe-core/axe.min.js"), "utf8");

const browser = await chromium.launch({
  executablePath: job.chromium,
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
const found = { violations: [], asked: [], errors: [], scrolls: [] };
// All rules once, the colours again in the dark; a telephone must not have to scroll sideways.
const COLOURS = { runOnly: ["color-contrast"] };
const LOOKS = [[1280, "light", {}], [1280, "dark", COLOURS], [360, "light", null]];
for (const [width, colorScheme, rules] of LOOKS) {
  // The page forbids scripts; the one that looks at it is let in.
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme,
    bypassCSP: true,
  });
  const page = await context.newPage();
  page.on("request", (one) => one.url().startsWith("file:") || found.asked.push(one.url()));
  page.on("pageerror", (error) => found.errors.push(error.message));
  await page.goto(`file://${job.page}`);
  await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
  await page.screenshot({ path: path.join(job.shots, `${width}-${colorScheme}.png`) });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  if (wide > width) found.scrolls.push(width);
  if (rules) {
    await page.evaluate(axe);
    const { violations } = await page.evaluate((options) => axe.run(document, options), rules);
    found.violations.push(
      ...violations.map((one) => `${colorScheme} ${one.id}: ${one.nodes[0].html.slice(0, 200)}`),
    );
  }
  await context.close();
}
await browser.close();
process.stdout.write(JSON.stringify(found));
