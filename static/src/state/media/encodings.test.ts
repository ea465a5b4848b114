import { describe, expect, it } from "vitest";
import { planCamera, type CameraRequest } from "./encodings";
import { EVERYTHING } from "./uplink";

const request: CameraRequest = {
  width: 1280,
  height: 720,
  encodings: 3,
  asked: null,
  carried: EVERYTHING,
  isScalable: false,
  isTimed: false,
  saves: false,
};
const plan = (more: Partial<CameraRequest>): string[] =>
  planCamera({ ...request, ...more }).map(
    ({ active, scaleResolutionDownBy, maxBitrate, scalabilityMode }) =>
      `${active ? "on" : "off"} /${scaleResolutionDownBy} ${maxBitrate / 1000}${scalabilityMode && ` ${scalabilityMode}`}`,
  );

describe("the encodings of a camera", () => {
  it("are three for a large picture, a quarter, a half and full", () => {
    expect(plan({})).toEqual(["on /4 150", "on /2 500", "on /1 1700"]);
    expect(plan({ width: 720, height: 1280 })).toEqual(plan({}));
  });

  it("are taken for those of a large picture until the capture is known", () => {
    expect(plan({ width: 0, height: 0 })).toEqual(plan({}));
  });

  it("are fewer for a small picture, from the lowest up", () => {
    expect(plan({ width: 640, height: 360 })).toEqual(["on /2 150", "on /1 500", "off /1 500"]);
    expect(plan({ width: 160, height: 120 })).toEqual(["on /1 150", "off /1 150", "off /1 150"]);
  });

  it("stop and go as the server asks", () => {
    expect(plan({ asked: ["q", "f"] })).toEqual(["on /4 150", "off /2 500", "on /1 1700"]);
    expect(plan({ asked: [] })).toEqual(["off /4 150", "off /2 500", "off /1 1700"]);
  });

  it("are no larger than the line carries, and a larger one is tried beside the one that is sure", () => {
    expect(plan({ asked: ["f"], carried: { highest: 0, sure: 0 } })).toEqual([
      "on /4 150",
      "off /2 500",
      "off /1 1700",
    ]);
    expect(plan({ asked: ["f"], carried: { highest: 1, sure: 0 } })).toEqual([
      "on /4 150",
      "on /2 500",
      "off /1 1700",
    ]);
    expect(plan({ asked: [], carried: { highest: 1, sure: 0 } })[0]).toBe("off /4 150");
    expect(plan({ width: 640, height: 360, asked: ["f"], carried: { highest: 2, sure: 1 } })).toEqual([
      "off /2 150",
      "on /1 500",
      "off /1 500",
    ]);
  });

  it("give the best there is for one that is not there", () => {
    expect(plan({ width: 640, height: 360, asked: ["f"] })[1]).toBe("on /1 500");
    expect(plan({ width: 160, height: 120, asked: ["h", "f"] })).toEqual([
      "on /1 150",
      "off /1 150",
      "off /1 150",
    ]);
    expect(plan({ asked: ["unknown"] })[0]).toBe("on /4 150");
  });

  it("are one full picture where only one was negotiated", () => {
    expect(plan({ encodings: 1 })).toEqual(["on /1 1700"]);
    expect(plan({ encodings: 1, asked: ["q"] })).toEqual(["on /1 1700"]);
    expect(plan({ encodings: 1, asked: [] })).toEqual(["off /1 1700"]);
  });

  it("have layers in time where these are asked for by name", () => {
    expect(plan({ isTimed: true })).toEqual(["on /4 150 L1T3", "on /2 500 L1T3", "on /1 1700 L1T3"]);
    expect(plan({ isTimed: true, encodings: 1 })).toEqual(["on /1 1700 L1T3"]);
  });

  it("are layers of one stream with a scalable codec", () => {
    expect(plan({ isScalable: true })).toEqual([
      "on /1 1700 L3T3_KEY",
      "off /1 1700 L3T3_KEY",
      "off /1 1700 L3T3_KEY",
    ]);
    expect(plan({ isScalable: true, encodings: 1, width: 160, height: 120 })).toEqual(["on /1 150 L1T3"]);
  });

  it("leave the largest out to save data", () => {
    expect(plan({ saves: true })).toEqual(["on /4 150", "on /2 500", "off /2 500"]);
    expect(plan({ saves: true, asked: ["f"] })).toEqual(["off /4 150", "on /2 500", "off /2 500"]);
    expect(plan({ saves: true, encodings: 1 })).toEqual(["on /2 500"]);
    expect(plan({ saves: true, width: 640, height: 360 })).toEqual(plan({ width: 640, height: 360 }));
  });
});
