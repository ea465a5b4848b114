// Debian's Firefox over WebDriver BiDi, as a remote: one JSON command a line on standard input, one JSON reply a line.
//   {"until": "expression"} waits until it (or what it promises) is true
//   {"before": "script of every page that is opened from now on"}
//   {"goto": url} {"evaluate": "expression"} {"click": selector} {"type": [selector, text]} {"screenshot": path} {"close": true}
// A reply is {"value": ...} or {"error": "..."}.  Started inside the namespace where the browser must live.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const [frontEnd, executablePath] = process.argv.slice(2);
const puppeteer = createRequire(`${frontEnd}/package.json`)("puppeteer-core");

const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath,
  headless: true,
  acceptInsecureCerts: true,
  defaultViewport: { width: 1440, height: 900 },
  extraPrefsFirefox: {
    "media.navigator.streams.fake": true,
    "media.navigator.permission.disabled": true,
    "media.peerconnection.ice.loopback": true,
    "media.autoplay.default": 0,
    "media.autoplay.blocking_policy": 0,
  },
});
const page = await browser.newPage();

const actions = {
  before: (script) => page.evaluateOnNewDocument(script).then(() => null),
  goto: (url) => page.goto(url, { waitUntil: "domcontentloaded" }).then(() => null),
  evaluate: (expression) => page.evaluate(expression),
  until: (expression) => page.waitForFunction(expression, { timeout: 45_000, polling: 250 }).then(() => null),
  click: (selector) => page.waitForSelector(selector, { visible: true }).then((found) => found.click()),
  type: async ([selector, text]) => {
    const field = await page.waitForSelector(selector, { visible: true });
    await field.click({ clickCount: 3 });
    await field.type(text);
  },
  screenshot: (path) => page.screenshot({ path }).then(() => null),
};

console.log(JSON.stringify({ value: await browser.version() }));
for await (const line of createInterface({ input: process.stdin })) {
  const [[name, argument]] = Object.entries(JSON.parse(line));
  if (name === "close") break;
  try {
    console.log(JSON.stringify({ value: (await actions[name](argument)) ?? null }));
  } catch (fault) {
    console.log(JSON.stringify({ error: String(fault) }));
  }
}
await browser.close();
