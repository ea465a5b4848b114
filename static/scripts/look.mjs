// Opens the fixture pages (and the plain pages) of the development server in Chromium, takes a picture of each in both
// languages and both widths, and lets axe look for accessibility violations.  npm run look [-- FOLDER [FILTER]]
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import { createServer } from "vite";

const folder = process.argv[2] ?? "../build/look";
const filter = process.argv[3] ?? "";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const PAGES = {
  landing: "/",
  "sign-in": "/sign-in",
  setup: "/setup?token=x",
  forgot: "/forgot",
  invitation: "/invitation?token=x",
  unknown: "/nowhere",
  door: "/fixture/door?x=1",
  "door-lobby": "/fixture/door?wait=1",
  "door-encrypted": "/fixture/door?encrypted=1",
  "door-impossible": "/fixture/door?encrypted=1&old=1",
  lobby: "/fixture/lobby?x=1",
  "over-left": "/fixture/over?end=left",
  "over-removed": "/fixture/over?end=removed",
  alone: "/fixture/meeting?people=1",
  two: "/fixture/meeting?people=2",
  five: "/fixture/meeting?people=5",
  undecodable: "/fixture/meeting?people=3&undecodable=cam0,cam1",
  nine: "/fixture/meeting?people=9&toasts=1&unread=1",
  thirty: "/fixture/meeting?people=30",
  sixty: "/fixture/meeting?people=60",
  "three-hundred": "/fixture/meeting?people=300&panel=people",
  speaker: "/fixture/meeting?people=7&layout=speaker",
  share: "/fixture/meeting?people=7&share=1",
  chat: "/fixture/meeting?people=5&panel=chat",
  "chat-encrypted": "/fixture/meeting?people=5&panel=chat&encrypted=1",
  people: "/fixture/meeting?people=9&panel=people&lobby=3",
  details: "/fixture/meeting?people=4&panel=details",
  lost: "/fixture/meeting?people=4&lost=1",
  "line-paused": "/fixture/meeting?people=5&line=audio_only",
  "line-reduced": "/fixture/meeting?people=5&line=reduced",
  "audio-only": "/fixture/meeting?people=5&incoming=none",
  hint: "/fixture/meeting?people=4&hint=1&blocked=1&locked=1&lobby=1",
  "expert-marks": "/fixture/expert?marks=1&asks=1",
  "expert-phones": "/fixture/expert?marks=1&phones=2",
  "expert-empty": "/fixture/expert?x=1",
  "expert-nobody": "/fixture/expert?phone=0",
  "expert-away": "/fixture/expert?marks=1&away=1",
  "expert-watching": "/fixture/expert?marks=1&role=observer&weak=1",
};
/** What is opened on a page before it is looked at: a fixture and the keys or test ids to use, in order. */
const OPENED = {
  "opened-more": ["/fixture/meeting?people=3", "more"],
  "opened-video": ["/fixture/meeting?people=3&line=audio_only", "video-chip"],
  "opened-encryption": ["/fixture/meeting?people=3&encrypted=1", "encryption"],
  "opened-leave": ["/fixture/meeting?people=3", "leave"],
  "opened-end": ["/fixture/meeting?people=3", "leave", "end-for-all"],
  "opened-help": ["/fixture/meeting?people=3", "key:?"],
  "opened-row": ["/fixture/meeting?people=4&panel=people", "row-menu"],
  "opened-remove": ["/fixture/meeting?people=4&panel=people", "row-menu", "menu-remove"],
  "opened-devices": ["/fixture/door?x=1", "pre-settings"],
  "opened-doctor": ["/fixture/door?x=1", "doctor-details"],
  "opened-expert-help": ["/fixture/expert?marks=1", "key:?"],
  "opened-expert-work": ["/fixture/expert?marks=1", "phone:more", "work"],
  "opened-expert-marks": ["/fixture/expert?marks=1", "phone:open-marks"],
  "opened-expert-more": ["/fixture/expert?marks=1", "phone:more"],
  "opened-trouble": ["/fixture/door?trouble=permission_denied", "pre-mic"],
};
const SIZES = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

const server = await createServer({ server: { port: 0 }, logLevel: "error" });
await server.listen();
const { port } = server.httpServer.address();
const browser = await chromium.launch({
  executablePath: execFileSync("which", ["chromium"], { encoding: "utf8" }).trim(),
  args: [
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
  ],
});
let faults = 0;
mkdirSync(folder, { recursive: true });
for (const [size, viewport] of Object.entries(SIZES)) {
  for (const locale of ["zh-CN", "en"]) {
    const context = await browser.newContext({
      viewport,
      locale,
      hasTouch: size === "phone",
      isMobile: size === "phone",
      reducedMotion: "reduce",
      colorScheme: locale === "en" ? "dark" : "light",
    });
    for (const [name, [path, ...steps]] of [
      ...Object.entries(PAGES).map(([name, path]) => [name, [path]]),
      ...Object.entries(OPENED),
    ]) {
      const title = `${name}-${size}-${locale}`;
      if (!title.includes(filter)) continue;
      const page = await context.newPage();
      page.on("pageerror", (error) => {
        faults += 1;
        console.error(`${title}: ${error.message}`);
      });
      await page.goto(
        `http://127.0.0.1:${port}${path}${path.startsWith("/fixture") ? `&lang=${locale === "en" ? "en" : "zh"}` : ""}`,
      );
      await page.locator("h1").first().waitFor();
      for (const step of steps)
        if (step.startsWith("key:")) await page.keyboard.press(step.slice(4));
        else if (!step.startsWith("phone:")) await page.getByTestId(step).first().click();
        else if (size === "phone") await page.getByTestId(step.slice(6)).first().click();
      await page.waitForFunction(() =>
        document
          .getAnimations()
          .every((a) => a.playState !== "running" || a.effect?.getTiming().iterations === Infinity),
      );
      await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 900)));
      await page.screenshot({ path: `${folder}/${title}.png` });
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() =>
        window.axe.run(document, { resultTypes: ["violations"] }),
      );
      for (const violation of violations) {
        faults += 1;
        console.error(`${title}: ${violation.id}: ${violation.help}`);
        for (const node of violation.nodes.slice(0, 3))
          console.error(`    ${node.html.slice(0, 160)}\n    ${node.failureSummary?.replaceAll("\n", " ")}`);
      }
      await page.close();
    }
    await context.close();
  }
}
await browser.close();
await server.close();
console.log(faults === 0 ? "nothing to complain about" : `${faults} faults`);
process.exit(faults === 0 ? 0 : 1);
