/** Browsers whose permission screens differ enough to need instructions of their own. */
export type Browser = "chrome" | "edge" | "safari" | "safari_ios" | "firefox" | "wechat" | "other";

export function browserOf(userAgent: string): Browser {
  if (/MicroMessenger/i.test(userAgent)) return "wechat";
  if (/\bEdg(e|A|iOS)?\//.test(userAgent)) return "edge";
  if (/Firefox\/|FxiOS\//.test(userAgent)) return "firefox";
  if (/Chrome\/|CriOS\/|Chromium\//.test(userAgent)) return "chrome";
  if (/iPhone|iPad|iPod/.test(userAgent)) return "safari_ios";
  if (/Safari\//.test(userAgent)) return "safari";
  return "other";
}

export function isTouchFirst(matches: (query: string) => boolean): boolean {
  return matches("(pointer: coarse)");
}
