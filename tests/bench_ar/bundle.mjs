// Builds the tracker as one ES module, as Vite will for the phone. argv: entry, output file.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [root, entry, output] = process.argv.slice(2);
const { build } = await import(pathToFileURL(createRequire(root + "/package.json").resolve("rolldown")).href);
await build({ input: entry, logLevel: "warn", output: { file: output, format: "esm", minify: true } });
