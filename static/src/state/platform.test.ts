import { expect, it } from "vitest";
import { browserOf } from "./platform";

const SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
const CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0";

it.each([
  ["chrome", `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36`],
  ["edge", `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36 Edg/126.0.0.0`],
  ["firefox", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"],
  ["safari", `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${SAFARI} Version/17.5 Safari/605.1.15`],
  [
    "safari_ios",
    `Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) ${SAFARI} Version/17.5 Mobile/15E148 Safari/604.1`,
  ],
  ["wechat", `Mozilla/5.0 (Linux; Android 14) ${CHROME} Mobile Safari/537.36 MicroMessenger/8.0.49`],
  ["other", "curl/8"],
])("knows %s", (browser, userAgent) => {
  expect(browserOf(userAgent)).toBe(browser);
});
