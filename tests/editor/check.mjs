// What an editor makes of schemas/flex.schema.json, asked from the real YAML language server.
//
//   node check.mjs NODE_MODULES WORK
//
// First every case must hold for the checked-in schema. Then each description, enum, required key,
// closed map and more is taken out of a copy, one at a time, and a case must fail: a case that
// cannot fail proves nothing.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { Server } from "./server.mjs";

const [modules, work] = process.argv.slice(2).map((folder) => path.resolve(folder));
const YAML = createRequire(path.join(modules, "yaml/package.json"))("yaml");
const root = path.resolve(import.meta.dirname, "../..");
const schemaText = readFileSync(path.join(root, "schemas/flex.schema.json"), "utf8");
const schema = JSON.parse(schemaText);
const sample = readFileSync(path.join(root, "tests/specs/valid/every-key.yaml"), "utf8");

rmSync(work, { recursive: true, force: true });

// ---- Asking the server. A document finds its schema by its first line, beside itself.

const MODELINE = "# yaml-language-server: $schema=./flex.schema.json\n";
let documents = 0;

function inFolder(folder, text, ask) {
  const name = path.join(folder, `${documents++}.yaml`);
  return server.with(name, MODELINE + text, ask);
}

function marked(text) {
  const at = text.indexOf("▮");
  const before = (MODELINE + text.slice(0, at)).split("\n");
  const position = { line: before.length - 1, character: before.at(-1).length };
  return { text: text.replace("▮", ""), position };
}

async function completions(folder, source) {
  const { text, position } = marked(source);
  const list = await inFolder(folder, text, (uri) =>
    server.request("textDocument/completion", { textDocument: { uri }, position }),
  );
  return list.items.map((item) => item.label);
}

async function hover(folder, source) {
  const { text, position } = marked(source);
  const found = await inFolder(folder, text, (uri) =>
    server.request("textDocument/hover", { textDocument: { uri }, position }),
  );
  return found?.contents.value ?? "";
}

async function messages(folder, text) {
  const found = await inFolder(folder, text, (uri) => server.diagnostics(uri));
  return found.map((diagnostic) => diagnostic.message);
}

function includes(list, wanted, what) {
  const missing = wanted.filter((one) => !list.includes(one));
  if (missing.length > 0) throw new Error(`${what}: no ${missing.join(", ")} in [${list.join(" | ")}]`);
}

// ---- The keys of the sample, with their places in the schema.

function follow(pointer) {
  const found = pointer.split("/").slice(1).reduce((at, step) => at?.[step], schema);
  const target = found?.$ref ?? found?.allOf?.[0]?.$ref;
  return target ? target.slice(1) : pointer;
}

const get = (pointer) => pointer.split("/").slice(1).reduce((at, step) => at?.[step], schema);

/** Every key of the sample that the schema names: `{ at, path, field, block }`. */
const keys = [];
/** Every map of the sample whose keys the schema names: `{ path, block }`. */
const blocks = [];

function walk(node, pointer, at) {
  pointer = follow(pointer);
  const place = get(pointer);
  if (YAML.isMap(node)) {
    if (place?.properties) blocks.push({ path: at, block: pointer });
    for (const { key, value } of node.items) {
      const here = [...at, key.value];
      if (place?.properties?.[key.value]) {
        const field = `${pointer}/properties/${key.value}`;
        keys.push({ path: here, field, block: pointer, offset: key.range[0] });
        walk(value, field, here);
      } else if (typeof place?.additionalProperties === "object") {
        walk(value, `${pointer}/additionalProperties`, here);
      }
    }
  } else if (YAML.isSeq(node) && place?.items) {
    node.items.forEach((item, index) => walk(item, `${pointer}/items`, [...at, index]));
  }
}

const parsed = YAML.parseDocument(sample);
walk(parsed.contents, "", []);

/** The sample after a change. */
function changed(change) {
  const copy = YAML.parseDocument(sample);
  change(copy);
  return copy.toString();
}

const show = (steps) => steps.join(".") || "the top";

// ---- The cases: a name and a check of a folder that holds a schema.

const HOVERS = [
  ["version: 1\nqueues:\n  Sales:\n    target_w▮orkers: 1==1\n", /Which workers serve the queue/],
  ["version: 1\nqueues:\n  Sales:\n    task_o▮rder: FIFO\n", /`LIFO`/],
  ["version: 1\nlints:\n  covered-fil▮ter: error\n", /a filter that no task comes to/],
  ["version: 1\nunman▮aged:\n  queues: report\n", /does not declare/],
  ["version: 1\nunmanaged:\n  que▮ues: prune\n", /`prune`: Deleted/],
  ["version: 1\ntransfers:\n  T:\n    dia▮lect: conversation\n", /workerSidsInConversation/],
  ["version: 1\nworkflows:\n  W:\n    filters:\n      - expression: a == 1\n        targets:\n          - tim▮eout: 60\n", /age of the task, in seconds/],
  ["version: 1\nworker_capacities:\n  - name: all\n    workers: 1==1\n    channels:\n      chat:\n        mo▮de: initial\n", /`initial`: As given until somebody changes it/],
];

const COMPLETIONS = [
  ["at the top", "▮", ["version", "workspace", "queues", "workflows", "transfers", "outputs", "tests"]],
  ["in the workspace", "workspace:\n  ▮", ["friendly_name", "default_activity", "prioritize_queue_order"]],
  ["in an environment", "environments:\n  staging:\n    ▮", ["account_sid", "profile", "region", "variables"]],
  ["in a queue", "queues:\n  Sales:\n    ▮", ["target_workers", "task_order", "max_reserved_workers"]],
  ["in a workflow", "workflows:\n  W:\n    ▮", ["filters", "default_filter", "task_reservation_timeout"]],
  ["in a filter", "workflows:\n  W:\n    filters:\n      - ▮", ["name", "expression", "targets", "for_each_queue"]],
  ["in a target", "workflows:\n  W:\n    filters:\n      - expression: 1==1\n        targets:\n          - ▮", ["queue", "priority", "timeout", "skip_if", "known_worker_sid"]],
  ["in a for-each", "workflows:\n  W:\n    filters:\n      - for_each_queue:\n          ▮", ["queues", "filters"]],
  ["in a capacity rule", "worker_capacities:\n  - ▮", ["name", "workers", "channels"]],
  ["in a capacity", "worker_capacities:\n  - name: all\n    channels:\n      chat:\n        ▮", ["capacity", "available", "mode", "bounds"]],
  ["in a transfer", "transfers:\n  T:\n    ▮", ["dialect", "worker", "target", "queues", "default_filter"]],
  ["in a transfer's override", "transfers:\n  T:\n    queues:\n      overrides:\n        Sales:\n          ▮", ["to", "targets"]],
  ["in a role", "conversations:\n  roles:\n    - ▮", ["type", "friendly_name", "permissions"]],
  ["in an output", "outputs:\n  - ▮", ["file", "values"]],
  ["in a test's expectation", "tests:\n  - name: a\n    expect:\n      ▮", ["filter", "queue", "worker", "outcome"]],
  ["in limits", "limits:\n  ▮", ["updates", "deletes", "from", "queues"]],
  ["in attributes", "attributes:\n  ▮", ["task", "worker"]],
  ["in lints", "lints:\n  ▮", ["warnings", "covered-filter", "mixed-and-or"]],
];

/** Values of a fixed set of words, and those of two shorthands. */
const WORDS = [
  [["workspace", "prioritize_queue_order"], ["FIFO", "LIFO"]],
  [["queues", "Everyone", "task_order"], ["FIFO", "LIFO"]],
  [["worker_capacities", 0, "channels", "chat", "mode"], ["enforce", "initial", "ignore"]],
  [["transfers", "Chat Transfer", "queues", "order"], ["by_name", "as_included"]],
  [["transfers", "Chat Transfer", "dialect"], ["conversation", "programmable_chat", "queue_sid"]],
  [["conversations", "roles", 0, "type"], ["service", "conversation"]],
  [["unmanaged", "queues"], ["report", "ignore", "prune"]],
  [["attributes", "worker", "level"], ["string", "number", "boolean", "list", "object"]],
  ...["warnings", "mixed-and-or", "undeclared-attribute"].map((lint) => [["lints", lint], ["allow", "warn", "error"]]),
  [["tests", 0, "expect", "outcome"], ["reserved", "waiting", "canceled", "unrouted"]],
];

const VALUES = [
  ["truth values", "activities:\n  Lunch:\n    available: ▮", ["true", "false"]],
  ["permissions", "conversations:\n  roles:\n    - permissions:\n        - ▮", ["createConversation", "sendMessage"]],
  ["a default", "queues:\n  Sales:\n    target_workers: ▮", ["1==1"]],
];

const SNIPPETS = [
  ["queues", "queues:\n  ▮", ["queue"]],
  ["filters", "workflows:\n  W:\n    filters:\n      - ▮", ["filter", "filters for each queue"]],
  ["targets", "workflows:\n  W:\n    filters:\n      - expression: 1==1\n        targets:\n          - ▮", ["target", "target for a known worker"]],
  ["transfers", "transfers:\n  ▮", ["transfer (conversation)", "transfer (programmable_chat)", "transfer (queue_sid)"]],
  ["capacity rules", "worker_capacities:\n  - ▮", ["capacity rule"]],
];

/** What may not be left out, by a place in the sample. */
const REQUIRED = [
  [[], ["version"]],
  [["worker_capacities", 0], ["name", "workers", "channels"]],
  [["workflows", "Inbound", "filters", 0], ["expression", "targets"]],
  [["workflows", "Inbound", "filters", 1, "for_each_queue"], ["filters"]],
  [["workflows", "Inbound", "filters", 1, "for_each_queue", "filters", 0], ["expression", "targets"]],
  [["workflows", "Inbound", "default_filter"], ["queue"]],
  [["transfers", "Chat Transfer"], ["dialect"]],
  [["transfers", "Chat Transfer", "worker"], ["queue"]],
  [["transfers", "Chat Transfer", "default_filter"], ["queue"]],
  [["conversations", "roles", 0], ["type", "friendly_name", "permissions"]],
  [["conversations", "roles", 0, "permissions"], ["include"]],
  [["unmanaged", "workflows"], ["prune"]],
  [["outputs", 0], ["file", "values"]],
  [["tests", 0], ["name", "workflow", "task", "expect"]],
  [["tests", 0, "later", 0], ["at", "expect"]],
];

const WRONG = [
  [["queues", "Everyone", "max_reserved_workers"], "many", /a whole number, or a variable/],
  [["queues", "Everyone", "max_reserved_workers"], 51, /50/],
  [["queues", "Everyone", "target_workers"], 1, /Incorrect type/],
  [["activities", "Offline", "available"], "perhaps", /true or false, or a variable/],
  [["queues"], "Sales", /Incorrect type/],
  [["workflows", "Inbound", "filters", 0, "targets", 0, "priority"], -1, /0/],
  [["worker_capacities", 0, "channels", "chat"], 51, /50/],
  [["limits", "updates"], "130%", /a share from 0% to 100%/],
  [["queues", "Everyone", "sid"], "WW00000000000000000000000000000001", /WQ and 32/],
];

const cases = { hover: [], key: [], completion: [], word: [], value: [], snippet: [], required: [], unknown: [], wrong: [] };
const add = (kind, name, check, guards) => cases[kind].push({ name: `${kind}: ${name}`, check, guards });

for (const [source, expected] of HOVERS) {
  const name = source.replace("▮", "").trim().split("\n").at(-1).trim();
  add("hover", name, async (folder) => {
    const text = await hover(folder, source);
    if (!expected.test(text)) throw new Error(`${expected} is not in ${JSON.stringify(text)}`);
  });
}

for (const key of keys) {
  const at = key.offset + 1;
  const source = `${sample.slice(0, at)}▮${sample.slice(at)}`;
  add("key", show(key.path), async (folder) => {
    const text = await hover(folder, source);
    // Without the schema's title, the allowed values, the examples and the source.
    const sentence = text.replace(/^#+ .*$/gm, "").split(/Allowed Values:|Examples?:|Source:/)[0].trim();
    if (!/^[A-Z`{].{10,}[.)]$/s.test(sentence)) throw new Error(`says ${JSON.stringify(text)}`);
  }, key.field);
}

for (const [name, source, wanted] of COMPLETIONS) {
  add("completion", name, async (folder) => includes(await completions(folder, source), wanted, name), wanted);
}
for (const [name, source, wanted] of VALUES) {
  add("value", name, async (folder) => includes(await completions(folder, source), wanted, name));
}
for (const [name, source, wanted] of SNIPPETS) {
  add("snippet", name, async (folder) => includes(await completions(folder, source), wanted, name));
}

for (const [steps, words] of WORDS) {
  add("word", show(steps), async (folder) => {
    const place = changed((copy) => copy.setIn(steps, "PLACE")).replace("PLACE", "▮");
    includes(await completions(folder, place), words, "completion");
    const told = (await messages(folder, changed((copy) => copy.setIn(steps, "nonsense")))).join("\n");
    for (const word of words) {
      if (!told.includes(`"${word}"`)) throw new Error(`a wrong word is told ${JSON.stringify(told)}`);
    }
  });
}

for (const [steps, names] of REQUIRED) {
  for (const name of names) {
    const text = changed((copy) => copy.deleteIn([...steps, name]));
    add("required", `${name} in ${show(steps)}`, async (folder) => {
      includes(await messages(folder, text), [`Missing property "${name}".`], "diagnostics");
    }, name);
  }
}

for (const { path: steps, block } of blocks) {
  const text = changed((copy) => copy.setIn([...steps, "unknown_key"], 1));
  add("unknown", show(steps), async (folder) => {
    includes(await messages(folder, text), ["Property unknown_key is not allowed."], "diagnostics");
  }, block);
}

for (const [steps, value, expected] of WRONG) {
  const text = changed((copy) => copy.setIn(steps, value));
  add("wrong", `${show(steps)}: ${value}`, async (folder) => {
    const told = (await messages(folder, text)).join("\n");
    if (!expected.test(told)) throw new Error(`is told ${JSON.stringify(told)}`);
  }, steps);
}

// ---- The mutations: what is taken out, and the cases of which one must notice.

const mutations = [];

function mutate(name, change, watchers) {
  mutations.push({ name, change, watchers });
}

/** Every schema in the schema, by its place. */
function* places(value = schema, pointer = "") {
  if (typeof value !== "object" || value === null) return;
  yield [pointer, value];
  for (const [key, inner] of Object.entries(value)) {
    if (key === "properties" || key === "definitions") {
      for (const [name, one] of Object.entries(inner)) yield* places(one, `${pointer}/${key}/${name}`);
    } else if (["items", "additionalProperties", "then", "else"].includes(key)) {
      yield* places(inner, `${pointer}/${key}`);
    }
  }
}

const within = (copy, pointer) => pointer.split("/").slice(1).reduce((at, step) => at[step], copy);
const described = new Set(keys.map((key) => key.field));

// Lints are all alike: those of the sample stand for the others.
const stoodFor = (pointer) => pointer.startsWith("/properties/lints/properties/") && !described.has(pointer);

for (const [pointer, place] of places()) {
  if (stoodFor(pointer)) continue;
  if (described.has(pointer)) {
    // The description of the block that a key leads to is shown when the key has none.
    const behind = follow(pointer);
    mutate(`the description of ${pointer}`, (copy) => {
      for (const one of [pointer, behind]) {
        delete within(copy, one).description;
        delete within(copy, one).markdownDescription;
      }
    }, cases.key.filter((one) => one.guards === pointer));
  }
  if (place.enum) {
    mutate(`the enum of ${pointer}`, (copy) => delete within(copy, pointer).enum, cases.word);
  }
  for (const name of place.required ?? []) {
    mutate(`${name} as required in ${pointer || "the top"}`, (copy) => {
      const there = within(copy, pointer);
      there.required = there.required.filter((one) => one !== name);
    }, cases.required.filter((one) => one.guards === name));
  }
  if (place.properties && place.additionalProperties === false) {
    const watchers = cases.unknown.filter((one) => one.guards === pointer);
    mutate(`the end of ${pointer || "the top"}`, (copy) => delete within(copy, pointer).additionalProperties, watchers);
  }
  if (place.defaultSnippets && ["/properties/queues", "/properties/transfers", "/definitions/Rule", "/definitions/Target", "/definitions/CapacityRule", "/definitions/Policy"].includes(pointer)) {
    mutate(`the snippets of ${pointer}`, (copy) => delete within(copy, pointer).defaultSnippets, [...cases.snippet, ...cases.word]);
  }
}
for (const pointer of ["/definitions/Target/properties/timeout", "/definitions/Override/properties/to", "/definitions/ChannelCapacity/properties/bounds", "/definitions/Environment/properties/account_sid", "/definitions/Output/properties/values", "/definitions/Transfer/properties/dialect"]) {
  mutate(`the key ${pointer}`, (copy) => {
    const name = pointer.split("/").at(-1);
    delete within(copy, pointer.slice(0, -name.length - 1))[name];
  }, cases.completion);
}
for (const [pointer, keyword] of [
  ["/definitions/Queue/properties/max_reserved_workers", "pattern"],
  ["/definitions/Queue/properties/max_reserved_workers", "maximum"],
  ["/definitions/Queue/properties/target_workers", "type"],
  ["/definitions/Activity/properties/available", "pattern"],
  ["/properties/queues", "type"],
  ["/definitions/Target/properties/priority", "minimum"],
  ["/definitions/ChannelCapacity", "maximum"],
  ["/definitions/Share", "pattern"],
  ["/definitions/Queue/properties/sid", "pattern"],
]) {
  mutate(`the ${keyword} of ${pointer}`, (copy) => delete within(copy, pointer)[keyword], cases.wrong);
}

// ---- The run.

const folderFor = (name, text) => {
  const folder = path.join(work, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "flex.schema.json"), text);
  return folder;
};

const settingFolder = folderFor("setting", schemaText);
const bySetting = pathToFileURL(path.join(settingFolder, "by-setting.yaml")).href;
const server = await Server.start(
  path.join(modules, "yaml-language-server/bin/yaml-language-server"),
  { [pathToFileURL(path.join(settingFolder, "flex.schema.json")).href]: [bySetting] },
);
const faults = [];
const fault = (text) => {
  faults.push(text);
  console.error(`FAILED ${text}`);
};

/** Whether the case holds; why not otherwise. */
const verdict = (one, folder) => one.check(folder).then(() => null, (error) => error);

const good = folderFor("good", schemaText);
const all = Object.values(cases).flat();
for (const one of all) {
  const error = await verdict(one, good);
  if (error) fault(`${one.name}: ${error.message}`);
}

// A spec without a first line of its own is checked by the setting.
const told = await server.with(path.join(settingFolder, "by-setting.yaml"), "version: 1\nqueue: {}\n", (uri) =>
  server.diagnostics(uri),
);
if (!told.some(({ message }) => message === "Property queue is not allowed.")) fault("the setting yaml.schemas");

// The spec at the top, the examples and the sample raise nothing.
for (const text of [sample, ...process.env.SPECS.split("\n").map((file) => readFileSync(path.join(root, file), "utf8"))]) {
  const found = await messages(good, text);
  if (found.length > 0) fault(`a good spec: ${found.join("; ")}\n${text.slice(0, 200)}`);
}

// The sample has every key of the schema.
for (const [pointer, place] of places()) {
  if (pointer.endsWith("/then")) continue;
  for (const name of Object.keys(place.properties ?? {})) {
    const field = `${pointer}/properties/${name}`;
    if (!described.has(field) && !stoodFor(field)) fault(`every-key.yaml has no ${pointer}/properties/${name}`);
  }
}

let caught = 0;
const queue = mutations.map((mutation, index) => ({ ...mutation, index }));
async function worker() {
  for (let next = queue.shift(); next; next = queue.shift()) {
    const copy = JSON.parse(schemaText);
    next.change(copy);
    const folder = folderFor(`mutation-${next.index}`, JSON.stringify(copy));
    let noticed = false;
    for (const one of next.watchers) {
      noticed = (await verdict(one, folder)) !== null;
      if (noticed) break;
    }
    if (noticed) caught += 1;
    else fault(`nothing notices that ${next.name} is taken out (${next.watchers.length} cases asked)`);
  }
}
await Promise.all(Array.from({ length: 8 }, worker));
server.stop();

const count = Object.entries(cases).map(([kind, list]) => `${list.length} ${kind}`).join(", ");
console.log(`${all.length} cases (${count}); ${caught} of ${mutations.length} mutations caught`);
process.exitCode = faults.length > 0 ? 1 : 0;
