import { describe, expect, it } from "vitest";
import { ApiError } from "../api";
import { chainText, Reports, sessionReports, type Report, type ReportPort } from "./reports";

const report = (id: string): Report => ({
  id,
  number: `R-${id}`,
  language: "zh",
  chain: "ab".repeat(32),
  name: "Li",
  made_at_ms: 1,
  pdf_url: `/${id}/pdf`,
  html_url: `/${id}/html`,
});

function port(given: Partial<ReportPort> = {}): ReportPort {
  return {
    list: () => Promise.resolve({ reports: [report("1")] }),
    make: () => Promise.resolve(report("2")),
    file: null,
    ...given,
  };
}

describe("the reports of a session", () => {
  it("are listed, and a new one comes first", async () => {
    const reports = new Reports(port());
    await reports.load();
    const made = reports.make("zh", "Asia/Shanghai");
    expect(reports.state.get().making).toBe("zh");
    await reports.make("en", ""); // one at a time
    await made;
    expect(reports.state.get()).toMatchObject({ making: null, fault: "" });
    expect(reports.state.get().reports.map(({ id }) => id)).toEqual(["2", "1"]);
  });

  it("stay when one cannot be made or loaded, and say why", async () => {
    const refusal = new ApiError("too_many", 409, 0, {});
    const reports = new Reports(
      port({ make: () => Promise.reject(refusal), file: () => Promise.reject(new Error()) }),
    );
    await reports.load();
    await reports.make("en", "");
    expect(reports.state.get()).toMatchObject({ making: null, fault: "too_many" });
    expect(await reports.read("/1/pdf")).toBeNull();
    expect(reports.state.get().fault).toBe("internal");
    expect(reports.state.get().reports).toHaveLength(1);
  });

  it("are fetched with the bearer by who has no account", async () => {
    const asked: unknown[][] = [];
    const api = {
      ask: <T>(...all: unknown[]) => {
        asked.push(all);
        return Promise.resolve({} as T);
      },
      file: (url: string, bearer: string) => Promise.resolve(new Blob([url, bearer])),
    };
    expect(sessionReports(api, "s1", "").file).toBeNull();
    const guest = sessionReports(api, "s1", "token");
    await guest.make("en", "Europe/Berlin");
    expect(asked).toEqual([
      ["POST", "/api/assist/sessions/s1/reports", { language: "en", time_zone: "Europe/Berlin" }, "token"],
    ]);
    expect(await (await guest.file?.("/x"))?.text()).toBe("/xtoken");
  });

  it("show the end of their chain in groups", () => {
    expect(chainText("ab".repeat(32))).toBe(Array(8).fill("abababab").join(" "));
    expect(chainText("")).toBe("");
  });
});
