// What every filler is tried on: the system's Chromium, pages that come from the disk, no other
// machine, and a clock that stands still where a filler writes the time.

export const ORIGIN = "http://form.test"; // answered from the disk: no server, no network
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const launch = (chromium, path) => chromium.launch({ executablePath: path, args: FLAGS });

/** A page whose requests `file(pathname)` answers ({contentType, body}, or nothing: 404). */
export async function open(browser, { now, file, asked, errors }) {
  const page = await browser.newPage({ viewport: { width: 1000, height: 900 } });
  page.setDefaultTimeout(60_000);
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (said) => said.type() === "error" && errors.push(said.text()));
  if (now) await page.clock.setFixedTime(now);
  await page.route("**/*", (route) => {
    const url = new URL(route.request().url());
    if (url.origin === ORIGIN) return route.fulfill(file(url.pathname) ?? { status: 404 });
    asked.push(url.href);
    return route.abort();
  });
  await page.goto(ORIGIN);
  return page;
}

export async function picture(page, path) {
  await page.mouse.move(0, 0);
  await page.screenshot({ path, fullPage: true, animations: "disabled" });
}
