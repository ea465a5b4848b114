// The first load of the meeting route, compressed as the server sends it, must stay within its budget.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET_BYTES = 240_000;
const OUT = new URL("../../collab/web/", import.meta.url);

const manifest = JSON.parse(readFileSync(new URL("assets/manifest.json", OUT), "utf8"));
const files = new Set(["index.html"]);

/** A chunk with everything that it needs to start: its static imports and styles. */
function take(key) {
  const chunk = manifest[key];
  if (!chunk) throw new Error(`${key} is not in the manifest`);
  if (files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const style of chunk.css ?? []) files.add(style);
  for (const imported of chunk.imports ?? []) take(imported);
}

take("index.html");
take("src/views/room/room-page.tsx");
take("src/views/room/meeting-view.tsx");

const size = (file) => gzipSync(readFileSync(new URL(file, OUT)), { level: 9 }).length;
const languages = ["src/i18n/zh.ts", "src/i18n/en.ts"].map((key) => manifest[key].file);
const total = [...files].reduce((sum, file) => sum + size(file), 0) + Math.max(...languages.map(size));

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
console.log(`meeting route, first load: ${kilobytes(total)} gzip (budget ${kilobytes(BUDGET_BYTES)})`);
if (total > BUDGET_BYTES) {
  for (const file of files) console.error(`  ${kilobytes(size(file))}  ${file}`);
  process.exit(1);
}
