// Runs the built tracker over one raw file of gray frames.
// argv: tracker bundle, frames file, width, height, x0,y0,x1,y1.. of the marks; prints one JSON object.
import { closeSync, openSync, readSync, fstatSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [bundle, file, w, h, marks] = process.argv.slice(2);
const { createTracker } = await import(pathToFileURL(bundle).href);
const width = Number(w);
const height = Number(h);
const size = width * height;
const input = openSync(file, "r");
const count = fstatSync(input).size / size;
const gray = new Uint8Array(size);
const read = (index) => readSync(input, gray, 0, size, index * size);
const cpuMs = () => process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000;

read(0);
// As the phone's worker does on its first camera frame: the code is compiled before a stroke needs it.
const warm = createTracker(width, height);
warm.setKeyframe(gray, Float32Array.from(marks.split(",").map(Number)));
for (let index = 0; index < 4; index++) warm.track(gray);
const tracker = createTracker(width, height);
let started = cpuMs();
let wall = performance.now();
const accepted = tracker.setKeyframe(gray, Float32Array.from(marks.split(",").map(Number)));
const keyframe = { accepted, cpu_ms: cpuMs() - started, ms: performance.now() - wall };
const frames = [];
for (let index = 0; index < count; index++) {
  read(index);
  started = cpuMs();
  wall = performance.now();
  const { state, points, uncertainty } = tracker.track(gray);
  const ms = performance.now() - wall;
  frames.push({
    state,
    x: points[0],
    y: points[1],
    sigma: Number.isFinite(uncertainty) ? uncertainty : -1,
    cpu_ms: cpuMs() - started,
    ms,
  });
}
closeSync(input);
process.stdout.write(JSON.stringify({ keyframe, frames }));
