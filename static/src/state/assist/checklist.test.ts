import { describe, expect, it } from "vitest";
import { ApiError } from "../api";
import { ManualClock } from "../clock";
import { Checklist, type ChecklistPort } from "./checklist";
import {
  expectedText,
  isWithin,
  judged,
  missing,
  newAnswer,
  newStep,
  readNumber,
  stepsOfMarks,
  type Answer,
  type Answered,
  type Run,
} from "./checklist-rules";

const torque = newStep("step-torque", "Tighten", { kind: "torque", low: 23, target: 25, high: 27 });
const photo = newStep("step-photo1", "Plate", { kind: "photo" });

/** The server's side of it: the later answer holds; `isAway` cuts the line. */
class Server implements ChecklistPort {
  isAway = false;
  refuses = "";
  sent: string[] = [];
  run: Run = {
    id: "run-1",
    template_id: null,
    version: 0,
    title: "By hand",
    steps: [torque, photo],
    answers: [],
  };

  runs = () => this.#online(() => ({ runs: [this.run], signatures: [] }));
  begin = () => this.#online(() => this.run);
  sign = () => this.#online(() => []);
  templates = () => this.#online(() => []);
  answer = (_run: string, step: string, answer: Answer) =>
    this.#online(() => {
      if (this.refuses) throw new ApiError("invalid", 422, 0, {});
      this.sent.push(step);
      const held = this.run.answers.find(({ step_id }) => step_id === step);
      if (held && held.answer.at_ms >= answer.at_ms) return held;
      return this.take(step, answer, "Zhou");
    });

  take(step: string, answer: Answer, name: string): Answered {
    const one = { step_id: step, answer, name };
    this.run = { ...this.run, answers: [...this.run.answers.filter(({ step_id }) => step_id !== step), one] };
    return one;
  }

  #online<T>(work: () => T): Promise<T> {
    return this.isAway
      ? Promise.reject(new ApiError("unavailable", 0, 0, {}))
      : new Promise((resolve) => resolve(work()));
  }
}

class Drawer {
  readonly kept = new Map<string, string>();
  getItem = (key: string): string | null => this.kept.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.kept.set(key, value);
  removeItem = (key: string): void => void this.kept.delete(key);
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

async function opened(server: Server, drawer = new Drawer(), clock = new ManualClock()) {
  const list = new Checklist(server, drawer, "list", clock, "Zhou");
  await list.open();
  return { list, drawer, clock };
}

const step = (list: Checklist, index = 0) => list.state.get().runs[0]?.steps[index];

describe("a checklist", () => {
  it("shows an answer at once and sends it", async () => {
    const server = new Server();
    const { list, drawer } = await opened(server);
    list.answer("run-1", "step-torque", "done", { number: 25.5 });
    expect(step(list)).toMatchObject({ state: "done", isWaiting: true, name: "Zhou" });
    await settled();
    expect(step(list)).toMatchObject({ state: "done", isWaiting: false });
    expect(server.sent).toEqual(["step-torque"]);
    expect(drawer.kept.size).toBe(0);
    expect(list.state.get().runs[0]?.progress).toEqual({ done: 1, failed: 0, all: 2, next: "step-photo1" });
  });

  it("goes on without a line, outlives a reload, and sends all when the line is back", async () => {
    const server = new Server();
    const drawer = new Drawer();
    const first = await opened(server, drawer);
    server.isAway = true;
    first.list.answer("run-1", "step-torque", "done", { number: 30 });
    first.list.answer("run-1", "step-photo1", "done", { still_ids: ["still-001"] });
    first.list.answer("run-1", "step-torque", "done", { number: 26 });
    await settled();
    expect(first.list.state.get()).toMatchObject({ isOffline: true, waiting: 2 });
    expect(step(first.list)).toMatchObject({ state: "done", answer: { number: 26 } });
    first.list.close();

    const later = await opened(server, drawer, new ManualClock());
    expect(later.list.state.get().waiting).toBe(2);
    server.isAway = false;
    later.clock.advance(5_000);
    await settled();
    expect(later.list.state.get()).toMatchObject({ isOffline: false, waiting: 0, isLoaded: true });
    expect(server.run.answers.map(({ answer }) => answer.number)).toEqual([null, 26]);
    expect(drawer.kept.size).toBe(0);
  });

  it("gives way to a later answer from elsewhere, and overrules it when it is corrected here", async () => {
    const server = new Server();
    const { list, clock } = await opened(server);
    server.take("step-torque", newAnswer("done", clock.now() + 60_000, { number: 24 }), "Li");
    await list.sync();
    expect(step(list)).toMatchObject({ name: "Li", answer: { number: 24 } });
    list.answer("run-1", "step-torque", "done", { number: 25 }); // though this device's clock is a minute behind
    await settled();
    expect(step(list)).toMatchObject({ name: "Zhou", answer: { number: 25 }, isWaiting: false });
  });

  it("reads again what changed while it was being read", async () => {
    const server = new Server();
    const { list } = await opened(server);
    const read = server.runs;
    let tell = (): void => undefined;
    server.runs = async () => {
      const former = await read();
      await new Promise<void>((resolve) => (tell = resolve));
      return former;
    };
    const syncing = list.sync();
    await settled();
    server.take("step-photo1", newAnswer("done", 2, { still_ids: ["still-0001"] }), "Li");
    await list.sync();
    server.runs = read;
    tell();
    await syncing;
    expect(list.state.get().runs[0]?.progress.done).toBe(1);
  });

  it("says what the server refuses for good, and does not send it again", async () => {
    const server = new Server();
    const { list, clock } = await opened(server);
    server.refuses = "invalid";
    list.answer("run-1", "step-torque", "done");
    await settled();
    expect(list.state.get()).toMatchObject({ refused: "invalid", waiting: 0, isOffline: false });
    server.refuses = "";
    clock.advance(20_000);
    await settled();
    expect(server.sent).toEqual([]);
  });

  it("takes nonsense from storage for nothing", async () => {
    const drawer = new Drawer();
    drawer.setItem("list", '[{"run_id":1},null,"x"]');
    expect((await opened(new Server(), drawer)).list.state.get().waiting).toBe(0);
    drawer.setItem("list", "{");
    expect((await opened(new Server(), drawer)).list.state.get().waiting).toBe(0);
  });
});

describe("the rules of a step", () => {
  it("say what is expected as a drawing does", () => {
    expect(expectedText(torque)).toBe("25 ± 2 N·m");
    expect(expectedText({ ...torque, kind: "value", unit: "℃", low: 20, target: 22, high: 35 })).toBe(
      "20 … 35 ℃",
    );
    expect(expectedText({ ...torque, low: null, target: null })).toBe("≤ 27 N·m");
    expect(expectedText({ ...torque, low: 0.2, target: 0.3, high: 0.4 })).toBe("0.3 ± 0.1 N·m");
    expect(expectedText(photo)).toBe("");
  });

  it("know what is missing and what has failed", () => {
    expect(missing(torque, newAnswer("done", 1))).toBe("number");
    expect(missing(photo, newAnswer("done", 1))).toBe("still_ids");
    expect(missing(torque, newAnswer("skipped", 1, { note: " " }))).toBe("note");
    expect(missing({ ...torque, required: false }, newAnswer("skipped", 1))).toBeNull();
    expect(missing(torque, newAnswer("failed", 1))).toBeNull();
    expect(isWithin(torque, 27)).toBe(true);
    expect(judged(torque, newAnswer("done", 1, { number: 27.1 }))).toBe("failed");
    expect(judged(newStep("s", "t", { kind: "yes_no" }), newAnswer("done", 1, { yes: false }))).toBe(
      "failed",
    );
  });

  it("read numbers as people type them", () => {
    expect(["25,5", " -3 ", ".5", "\u22122", "1e5", "", "x", "1.2.3"].map(readNumber)).toEqual([
      25.5,
      -3,
      0.5,
      -2,
      null,
      null,
      null,
      null,
    ]);
  });

  it("make steps of numbered marks, in their order", () => {
    const marks = [
      { id: "mark-0002", number: 2, text: " Tighten ", still_id: "still-002" },
      { id: "mark-0001", number: 1, text: "", still_id: "" },
    ];
    expect(
      stepsOfMarks(marks, (number) => `Mark ${number}`).map(({ title, mark }) => [title, mark?.number]),
    ).toEqual([
      ["Mark 1", 1],
      ["Tighten", 2],
    ]);
  });
});
