import { describe, expect, it } from "vitest";
import { between, RtpClock } from "./rtp-clock";

const OFFSET = 4_294_000_000;

function rtpOf(capturedMs: number): number {
  return (Math.round(capturedMs) * 90 + OFFSET) % 2 ** 32;
}

/** Plays `frames` capture times through an encoder that takes `delayMs` and leaves out every `drops`th frame. */
function play(frames: readonly number[], delayMs: number, drops = 0): RtpClock {
  const clock = new RtpClock();
  const events = frames.flatMap((capturedMs, k) => [
    { at: capturedMs + 5, run: () => clock.captured(capturedMs, capturedMs + 5) },
    ...(drops && k % drops === 0
      ? []
      : [
          {
            at: capturedMs + 5 + delayMs,
            run: () => clock.sent(rtpOf(capturedMs), capturedMs + 5 + delayMs),
          },
        ]),
  ]);
  for (const event of events.sort((a, b) => a.at - b.at)) event.run();
  return clock;
}

const steady = Array.from({ length: 60 }, (_, k) => 50_000.2 + k * 33.37);

describe("the RTP clock", () => {
  it("does not know before frames have left the encoder", () => {
    expect(new RtpClock().timestampOf(5)).toBeNull();
    expect(play(steady.slice(0, 2), 10).timestampOf(50_000)).toBeNull();
  });

  it("is exact to a millisecond, over the wrap of 32 bits too, whichever frames the encoder leaves out", () => {
    for (const drops of [0, 3]) {
      const clock = play(steady, 12, drops);
      for (const at of [steady[59] ?? 0, 62_000])
        expect(Math.abs(between(clock.timestampOf(at) ?? 0, rtpOf(at)))).toBeLessThan(180);
    }
  });

  it("knows a slow encoder by frames that do not come at a constant rate", () => {
    let at = 50_000;
    const uneven = Array.from({ length: 60 }, (_, k) => (at += k % 7 === 0 ? 66.7 : 33.3 + (k % 3)));
    const clock = play(uneven, 90);
    expect(Math.abs(between(clock.timestampOf(at) ?? 0, rtpOf(at)))).toBeLessThan(180);
  });

  it("learns from a picture by how many frames it is wrong", () => {
    const clock = play(steady, 75);
    const at = steady[59] ?? 0;
    const told = clock.timestampOf(at) ?? 0;
    clock.correct(told, rtpOf(at));
    expect(Math.abs(between(clock.timestampOf(at + 33.37) ?? 0, rtpOf(at + 33.37)))).toBeLessThan(180);
  });
});
