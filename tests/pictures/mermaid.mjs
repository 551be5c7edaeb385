// Parses each picture with the real Mermaid, and holds the texts of its boxes against ours.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [modules, ...pictures] = process.argv.slice(2);
const require = createRequire(`${modules}/x.js`);
const { JSDOM } = require("jsdom");
const { window } = new JSDOM("<!doctype html><body></body>", { pretendToBeVisual: true });
Object.assign(globalThis, { window, document: window.document });
const path = `${modules}/mermaid/dist/mermaid.core.mjs`;
const mermaid = (await import(pathToFileURL(path))).default;
mermaid.initialize({ startOnLoad: false });

// Character entities, as Mermaid keeps them until it draws, and as we write them.
const read = text =>
  text.replace(/ﬂ°°(\d+)¶ß|#(\d+);/g, (_, a, b) => String.fromCodePoint(a ?? b))
    .replace(/<br ?\/?>/g, "\n");
let failed = false;
for (const picture of pictures) {
  const text = readFileSync(picture, "utf8");
  const fail = reason => { failed = true; console.error(`${picture}: ${reason}`); };
  try {
    await mermaid.parse(text);
    const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
    const found = [...db.getVertices().values()];
    const ours = new Map();
    for (const [, id, label] of text.matchAll(/^ {4}(\w+)[[(>{]+"(.*)"[\])}]+(?::::\w+)?$/gm)) {
      ours.set(id, read(label));
    }
    if (found.length !== ours.size) fail(`${found.length} boxes of ${ours.size}`);
    for (const { id, text } of found) {
      if (read(text) !== ours.get(id)) fail(`${id} is ${read(text)}, not ${ours.get(id)}`);
    }
    const lines = text.split("\n").filter(line => / -.*-> | --> /.test(line)).length;
    if (db.getEdges().length !== lines) fail(`${db.getEdges().length} lines of ${lines}`);
    console.log(`${picture}: ${found.length} boxes, ${lines} lines`);
  } catch (error) {
    fail(error.message);
  }
}
process.exit(failed ? 1 : 0);
