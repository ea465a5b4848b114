import { describe, expect, it } from "vitest";
import { PoseBuffer } from "./pose-buffer";
import type { MarkPose } from "./poses";

const FRAME_TICKS = 3_000;
const START = 2 ** 32 - 4 * FRAME_TICKS;
const mark = {
  id: "mark-0001",
  frame: { rtp_timestamp: (START + 2 ** 32 - 90_000) % 2 ** 32, width: 640, height: 480 },
  state: "ok",
} as const;

function rtp(frame: number): number {
  return (START + frame * FRAME_TICKS) % 2 ** 32;
}

function shifted(x: number, state: MarkPose["state"] = "ok"): MarkPose {
  const h = state === "lost" ? null : Float32Array.from([1, 0, x, 0, 1, 0, 0, 0, 1]);
  return { id: mark.id, state, h };
}

function told(...frames: readonly (readonly [number, MarkPose])[]): PoseBuffer {
  const buffer = new PoseBuffer();
  for (const [frame, pose] of frames) buffer.add({ rtpTimestamp: rtp(frame), poses: [pose] });
  return buffer;
}

describe("poses by frame", () => {
  it("are found by the timestamp of the frame that is shown, across the wrap of the clock", () => {
    const buffer = told([0, shifted(0)], [6, shifted(60)], [5, shifted(50)], [1, shifted(10)]);
    expect(buffer.at(mark, rtp(5))?.h?.[2]).toBe(50);
    expect(buffer.at(mark, rtp(6) + 89)?.h?.[2]).toBe(60);
    expect(buffer.at(mark, rtp(1) - 89)?.h?.[2]).toBe(10);
    expect(buffer.at(mark, null)?.h?.[2]).toBe(60);
  });

  it("lie between their neighbours for a frame that was not tracked", () => {
    const buffer = told([0, shifted(0)], [4, shifted(40, "weak")]);
    expect(buffer.at(mark, rtp(1))).toMatchObject({ state: "weak" });
    expect(buffer.at(mark, rtp(1))?.h?.[2]).toBeCloseTo(10);
  });

  it("are held for a moment and then not guessed any more", () => {
    const buffer = told([0, shifted(7)]);
    expect(buffer.at(mark, rtp(3))?.h?.[2]).toBe(7);
    expect(buffer.at(mark, rtp(5))).toBeNull();
    expect(told([0, shifted(0)], [30, shifted(9)]).at(mark, rtp(15))).toBeNull();
    expect(new PoseBuffer().at(mark, rtp(0))).toBeNull();
  });

  it("say lost where either side is lost", () => {
    const buffer = told([0, shifted(0)], [4, shifted(0, "lost")]);
    expect(buffer.at(mark, rtp(2))).toEqual({ state: "lost", h: null });
    expect(buffer.at(mark, rtp(4))).toEqual({ state: "lost", h: null });
  });

  it("are not needed on the very frame that was drawn on", () => {
    const drawn = { ...mark, frame: { ...mark.frame, rtp_timestamp: rtp(9) }, state: "placing" } as const;
    expect(new PoseBuffer().at(drawn, rtp(9))).toEqual({ state: "placing", h: null });
  });

  it("are kept for some seconds and for so many marks only", () => {
    const buffer = told([0, shifted(0)], [1_000, shifted(1)]);
    expect(buffer.at(mark, rtp(0))).toBeNull();
    buffer.forget(mark.id);
    expect(buffer.at(mark, null)).toBeNull();
    for (let k = 0; k < 600; k++)
      buffer.add({ rtpTimestamp: 1, poses: [{ ...shifted(1), id: `mark-${k}` }] });
    expect(buffer.at({ ...mark, id: "mark-599" }, null)).toBeNull();
    expect(buffer.at({ ...mark, id: "mark-1" }, null)).not.toBeNull();
  });
});
