import { describe, expect, it } from "vitest";
import { ApiError } from "../api";
import { ManualClock } from "../clock";
import { when } from "../store";
import { BatchModel } from "./batch";
import {
  freeId,
  moved,
  newField,
  sourcesFor,
  withFields,
  emptyDefinition,
  draftFaults,
  faultsUnder,
} from "./builder";
import { promisedBy, readingOf } from "./clock";
import { Draft } from "./draft";
import { filtersOf, pathOf, scopesOf } from "./filters";
import { faultsOf, pastedRows, progressOf, shownDocuments, shownFields, storable } from "./form";
import { exportUrl } from "./requests";
import { all, NOTHING, toggled, within } from "./selection";
import type { Answers, Batch, Definition, RequestCard, RequestFile } from "./shapes";
import { refusedAtOnce } from "../upload-queue";
import { Uploads } from "./uploads";

const words = (text: string): { zh: string; en: string } => ({ zh: text, en: text });

const FORM: Definition = {
  ...emptyDefinition(),
  fields: [
    { kind: "text", id: "why", label: words("Why"), max_chars: 10 },
    {
      kind: "choice",
      id: "extent",
      label: words("Extent"),
      choices: [
        { id: "all", label: words("All") },
        { id: "part", label: words("Part") },
      ],
    },
    { kind: "number", id: "heads", label: words("Heads"), low: 1, high: 50, whole: true },
    {
      kind: "people",
      id: "people",
      label: words("Who"),
      show_if: { field: "extent", is_any: ["part"] },
    },
    {
      kind: "table",
      id: "things",
      label: words("Things"),
      required: false,
      columns: [
        { id: "name", label: words("Name") },
        { id: "count", label: words("Count"), kind: "number", required: false },
      ],
    },
    { kind: "address", id: "site", label: words("Where") },
    { kind: "file", id: "photo", label: words("Photo") },
  ],
  documents: [
    { id: "plan", name: words("Plan") },
    { id: "roster", name: words("Roster"), show_if: { field: "extent", is_any: ["part"] } },
  ],
};
const WELL: Answers = { why: "To work", extent: "all", heads: "12", site: { detail: "No. 1" } };
const BROUGHT = { fields: { photo: 1 }, documents: new Set(["plan"]) };

describe("a form", () => {
  it("asks what the choices before lead to, and nothing of what is hidden", () => {
    expect(shownFields(FORM, WELL).map((one) => one.id)).not.toContain("people");
    const part = { ...WELL, extent: "part" };
    expect(shownFields(FORM, part).map((one) => one.id)).toContain("people");
    expect(shownDocuments(FORM, part).map((one) => one.id)).toEqual(["plan", "roster"]);
  });

  it("tells what is missing or wrong, in the order of the page", () => {
    expect(faultsOf(FORM, WELL, BROUGHT)).toEqual({});
    expect(Object.keys(faultsOf(FORM, {}, { fields: {}, documents: new Set() }))).toEqual([
      "why",
      "extent",
      "heads",
      "site",
      "photo",
      "plan",
    ]);
    const wrong = faultsOf(
      FORM,
      { ...WELL, why: "更长的理由一共十一个字", heads: "2.5", site: { region: "武汉" } },
      BROUGHT,
    );
    expect(wrong).toEqual({ why: "too_long", heads: "not_whole", site: "required" });
    expect(faultsOf(FORM, { ...WELL, heads: "51" }, BROUGHT)).toEqual({ heads: "too_high" });
    expect(faultsOf(FORM, { ...WELL, heads: "many" }, BROUGHT)).toEqual({ heads: "invalid" });
  });

  it("counts rows that were only added for nothing", () => {
    const part = { ...WELL, extent: "part", people: [{ name: "" }], things: [{}] };
    expect(faultsOf(FORM, part, BROUGHT)).toEqual({ people: "required", roster: "required" });
    expect(storable(FORM, part).answers).not.toHaveProperty("people");
    const half = { ...part, people: [{ name: "", phone: "1" }], things: [{ count: "2" }] };
    expect(storable(FORM, half).left).toEqual(["people", "things"]);
    expect(storable(FORM, { ...WELL, heads: "12" }).answers["heads"]).toBe(12);
  });

  it("knows how far it is, and takes rows from a spreadsheet", () => {
    expect(progressOf(FORM, WELL, BROUGHT)).toEqual({ done: 6, total: 6 });
    expect(pastedRows("王芳\t138\r\n\r\nAnna\t139\n")).toEqual([
      ["王芳", "138"],
      ["Anna", "139"],
    ]);
    expect(pastedRows("王芳，138")).toEqual([["王芳", "138"]]);
  });
});

describe("a clock", () => {
  const at = (due: number, left = 0, state = "submitted") =>
    readingOf({ state: state as "submitted", due_at_ms: due, left_ms: left }, 1_000_000_000);
  it("is read in the unit that one would say", () => {
    expect(at(1_000_000_000 + 52 * 60_000)).toEqual({ tone: "soon", count: 52, unit: "minute" });
    expect(at(1_000_000_000 - 3 * 3_600_000)).toEqual({ tone: "late", count: 3, unit: "hour" });
    expect(at(1_000_000_000 + 5 * 86_400_000)).toEqual({ tone: "calm", count: 5, unit: "day" });
    expect(at(0, 3_600_000, "needs_information")).toEqual({ tone: "stopped", count: 60, unit: "minute" });
    expect(at(1, 0, "done")).toBeNull();
  });
  it("says what a type promises", () => {
    expect(promisedBy({ kind: "minutes", minutes: 60, around_the_clock: true })).toEqual({
      kind: "span",
      count: 1,
      unit: "hour",
      working: false,
    });
    expect(promisedBy({ kind: "minutes", minutes: 90 })).toMatchObject({ count: 90, unit: "minute" });
  });
});

describe("the filters", () => {
  it("stand in the address and come back from it", () => {
    const scopes = scopesOf(true);
    const filters = filtersOf("?scope=owned&state=taken&search=激光&late=true&sort=due", scopes);
    expect(filtersOf(pathOf(filters, scopes).replace("/requests", ""), scopes)).toEqual(filters);
    expect(pathOf(filtersOf("", scopes), scopes)).toBe("/requests");
    expect(filtersOf("?scope=desk&state=<b>&type=../x", scopesOf(false))).toMatchObject({
      scope: "mine",
      state: "",
      type: "",
    });
  });
  it("are what an export is of, without the paging", () => {
    const url = exportUrl({ scope: "desk", late: true, before: "x", sort: "due" }, "csv", "zh-CN");
    expect(url).toBe("/api/requests/export.csv?scope=desk&late=true&language=zh");
  });
});

describe("choosing rows", () => {
  const rows = ["a", "b", "c", "d"];
  it("reaches from the last one with shift, both ways, and takes back the same", () => {
    const from = toggled(NOTHING, "b", false, rows, 500);
    const to = toggled(from, "d", true, rows, 500);
    expect([...to.ids]).toEqual(["b", "c", "d"]);
    expect([...toggled(to, "b", true, rows, 500).ids]).toEqual([]);
  });
  it("has a bound, and forgets what is not shown any more", () => {
    expect(all(rows, 3).ids.size).toBe(3);
    expect([...within(all(rows, 9), ["c"]).ids]).toEqual(["c"]);
  });
});

/** As sessionStorage. */
function storage() {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

const card = (id: string, answers: Answers): RequestCard =>
  ({ request: { id, changed_at_ms: 1, state: "draft" }, answers }) as unknown as RequestCard;

/** The server's side of a draft, with what it was sent. */
class DraftServer {
  readonly sent: Answers[] = [];
  refusal: ApiError | null = null;
  file = (body: { answers?: Answers }) => this.take(body.answers ?? {});
  change = (_id: string, body: { answers: Answers }) => this.take(body.answers);
  private take(answers: Answers) {
    if (this.refusal) return Promise.reject(this.refusal);
    this.sent.push(answers);
    return Promise.resolve(card("one", answers));
  }
}

describe("a draft", () => {
  it("saves itself after a pause, leaving out what is wrong, and keeps that for a reload", async () => {
    const clock = new ManualClock();
    const server = new DraftServer();
    const tab = storage();
    const draft = new Draft(server, "type", FORM, clock, tab, "me", null);
    draft.set("why", "To work");
    draft.set("heads", "99");
    expect(server.sent).toEqual([]);
    clock.advance(1_000);
    const view = await when(draft.view, (now) => now.saving === "partly");
    expect(server.sent).toEqual([{ why: "To work" }]);
    expect(view.id).toBe("one");

    const again = new Draft(server, "type", FORM, clock, tab, "me", card("one", { why: "To work" }));
    expect(again.view.get().answers).toEqual({ why: "To work", heads: "99" });
    const other = new Draft(server, "type", FORM, clock, tab, "somebody", card("one", {}));
    expect(other.view.get().answers).toEqual({});
    again.set("heads", "9");
    clock.advance(1_000);
    await when(again.view, (now) => now.saving === "saved");
    expect(server.sent.at(-1)).toEqual({ why: "To work", heads: 9 });
    expect(tab.kept.size).toBe(0);
  });

  it("tries again while the server is away, and shows what it refuses at its field", async () => {
    const clock = new ManualClock();
    const server = new DraftServer();
    const draft = new Draft(server, "type", FORM, clock, null, "me", null);
    server.refusal = new ApiError("unavailable", 0, 0, {});
    draft.set("why", "To work");
    clock.advance(1_000);
    await when(draft.view, (now) => now.saving === "failed");
    server.refusal = new ApiError("invalid", 422, 0, { why: "too_long" });
    clock.advance(5_000);
    const refused = await when(draft.view, (now) => now.saving === "partly");
    expect(refused.faults).toEqual({ why: "too_long" });
    server.refusal = null;
    draft.set("why", "Work");
    expect(draft.view.get().faults).toEqual({});
    expect(await draft.settle()).toBe("one");
  });
});

describe("uploads", () => {
  const pdf = (name: string) => new File(["%PDF-1.7"], name, { type: "application/pdf" });
  it("go one after the other, are tried again, and refuse at once what the server would", async () => {
    const kept: string[] = [];
    let isAway = true;
    const uploads = new Uploads(
      {
        putFile: (_id, key, _place, name) =>
          isAway
            ? Promise.reject(new ApiError("unavailable", 0, 0, {}))
            : Promise.resolve({ key, file_name: name } as RequestFile),
      },
      () => Promise.resolve("one"),
      () => fetch,
      (file) => kept.push(file.file_name),
    );
    uploads.add([pdf("plan.pdf"), new File(["x"], "a.exe", { type: "application/x-msdownload" })], {
      document: "plan",
    });
    const [plan, program] = await when(uploads.list, (now) => now.every((one) => one.state === "failed"));
    expect([plan?.code, program?.code]).toEqual(["unavailable", "bad_file"]);
    expect(plan && uploads.canRetry(plan)).toBe(true);
    expect(program && uploads.canRetry(program)).toBe(false);
    isAway = false;
    uploads.retry(plan?.key ?? "");
    await when(uploads.list, (now) => now.length === 1);
    expect(kept).toEqual(["plan.pdf"]);
    expect(refusedAtOnce({ size: 31_000_000, type: "application/pdf" })).toBe("too_large");
  });
});

describe("a batch", () => {
  const items = [
    { id: "a", name: "A" },
    { id: "b", name: "B" },
  ];
  const state = (key: string, done: number, refused: number): Batch => ({
    key,
    action: "approve",
    total: 2,
    done,
    refused,
    created_at_ms: 1,
    finished_at_ms: done + refused === 2 ? 5 : 0,
    items: [
      { request_id: "a", result: done > 0 ? "done" : "waiting", code: "" },
      { request_id: "b", result: refused > 0 ? "refused" : "waiting", code: refused > 0 ? "conflict" : "" },
    ],
  });
  it("is asked about until it is over, and taken up again after a reload", async () => {
    const clock = new ManualClock();
    const tab = storage();
    let now = [1, 0];
    const server = {
      startBatch: (key: string) => Promise.resolve(state(key, 0, 0)),
      batch: (key: string) => Promise.resolve(state(key, now[0] ?? 0, now[1] ?? 0)),
    };
    let over = 0;
    const first = new BatchModel(server, clock, tab, () => (over += 1));
    await first.start("approve", "", items);
    clock.advance(700);
    await when(first.run, (run) => run?.batch?.done === 1);
    first.leave();

    const second = new BatchModel(server, clock, tab, () => (over += 1));
    now = [1, 1];
    second.resume();
    const run = await when(second.run, (shown) => (shown?.batch?.finished_at_ms ?? 0) > 0);
    expect(run?.names.get("b")).toBe("B");
    expect(second.refused()).toEqual(["b"]);
    expect([over, tab.kept.size]).toEqual([1, 0]);
  });

  it("says so when it is refused", async () => {
    const server = {
      startBatch: () => Promise.reject(new ApiError("forbidden", 403, 0, {})),
      batch: () => Promise.reject(new ApiError("not_found", 404, 0, {})),
    };
    const tab = storage();
    const model = new BatchModel(server, new ManualClock(), tab, () => undefined);
    await model.start("reject", "No", items);
    expect(model.run.get()?.code).toBe("forbidden");
    expect(tab.kept.size).toBe(0);
  });
});

describe("the builder", () => {
  it("drops conditions on what is gone or stands behind now", () => {
    const fields = FORM.fields;
    const later = withFields(FORM, moved(fields, 1, 6));
    expect(later.fields.find((one) => one.id === "people")?.show_if).toBeNull();
    expect(later.documents?.[1]?.show_if).toEqual({ field: "extent", is_any: ["part"] });
    const gone = withFields(
      { ...FORM, title_field: "why" },
      fields.filter((one) => one.id !== "extent" && one.id !== "why"),
    );
    expect(gone.documents?.[1]?.show_if).toBeNull();
    expect(gone.title_field).toBe("");
    expect(sourcesFor(FORM, 1)).toEqual([]);
    expect(sourcesFor(FORM, 2).map((one) => one.id)).toEqual(["extent"]);
  });
  it("gives ids that nothing else has", () => {
    expect(freeId("text", ["text", "text_2"])).toBe("text_3");
    expect(newField("choice", ["choice"]).id).toBe("choice_2");
  });
  it("knows what cannot even be kept, and which faults belong to a place", () => {
    expect(draftFaults(FORM)).toEqual({});
    expect(draftFaults({ ...FORM, code: "X", clock: { kind: "working_days", days: NaN } })).toEqual({
      code: "invalid",
      clock: "invalid",
    });
    const faults = { "fields.2.label": "required", "fields.20.label": "required", "fields.2": "taken" };
    expect(faultsUnder(faults, "fields.2")).toEqual({ label: "required", "": "taken" });
  });
});
