import { describe, expect, it } from "vitest";
import { Recordings, savingUrl, sizeText } from "./recordings";

describe("recordings", () => {
  it("asks for what is wanted and leaves out what is not", async () => {
    const asked: string[] = [];
    const recordings = new Recordings({
      ask: <T>(method: string, path: string): Promise<T> => {
        asked.push(`${method} ${path}`);
        return Promise.resolve({} as T);
      },
    });
    await recordings.list("", false, "");
    await recordings.list("周会 &", true, "0a");
    await recordings.shared("a b");
    expect(asked).toEqual([
      "GET /api/recordings?limit=30",
      "GET /api/recordings?search=%E5%91%A8%E4%BC%9A+%26&trashed=true&before=0a&limit=30",
      "GET /api/shared-recording?token=a+b",
    ]);
  });

  it("says how large a film is in the unit that fits", () => {
    expect(sizeText(1_440_000_000, "en")).toBe("1.4 GB");
    expect(sizeText(25_400_000, "en")).toBe("25 MB");
    expect(sizeText(900, "en")).toBe("900 bytes");
  });

  it("saves a film by the address that shows it", () => {
    expect(savingUrl("/film")).toBe("/film?save=true");
    expect(savingUrl("/film?token=x")).toBe("/film?token=x&save=true");
  });
});
