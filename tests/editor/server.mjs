// A client of yaml-language-server over stdio: as much of the protocol as the checks need.

import { spawn } from "node:child_process";
import { pathToFileURL } from "node:url";

/** What takes so long, in milliseconds, never comes. */
const HANG = 300_000;

export class Server {
  #process;
  #buffer = Buffer.alloc(0);
  #next = 1;
  #waiting = new Map();
  #diagnostics = new Map();

  /** Starts the server; `schemas` is the `yaml.schemas` setting. */
  static async start(program, schemas) {
    const server = new Server();
    server.schemas = schemas;
    server.#process = spawn(process.execPath, [program, "--stdio"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    server.#process.stdout.on("data", (data) => server.#receive(data));
    await server.request("initialize", {
      processId: process.pid,
      rootUri: null,
      workspaceFolders: null,
      capabilities: {
        workspace: { configuration: true, didChangeConfiguration: { dynamicRegistration: true } },
        textDocument: {
          completion: { completionItem: { snippetSupport: true, documentationFormat: ["markdown"] } },
          hover: { contentFormat: ["markdown"] },
          publishDiagnostics: {},
        },
      },
    });
    server.#send({ method: "initialized", params: {} });
    server.#send({ method: "workspace/didChangeConfiguration", params: { settings: null } });
    return server;
  }

  request(method, params) {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer to ${method}`)), HANG);
      this.#waiting.set(id, (message) => {
        clearTimeout(timer);
        message.error ? reject(new Error(message.error.message)) : resolve(message.result);
      });
      this.#send({ id, method, params });
    });
  }

  /** Opens a document and closes it again after `work`. */
  async with(path, text, work) {
    const uri = pathToFileURL(path).href;
    this.#diagnostics.delete(uri);
    this.#send({
      method: "textDocument/didOpen",
      params: { textDocument: { uri, languageId: "yaml", version: 1, text } },
    });
    try {
      return await work(uri);
    } finally {
      this.#send({ method: "textDocument/didClose", params: { textDocument: { uri } } });
    }
  }

  /** The diagnostics of an open document, once the server has published them. */
  async diagnostics(uri) {
    for (const until = Date.now() + HANG; Date.now() < until; ) {
      const found = this.#diagnostics.get(uri);
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error(`no diagnostics for ${uri}`);
  }

  stop() {
    this.#process.kill();
  }

  #send(message) {
    const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
    this.#process.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
    this.#process.stdin.write(body);
  }

  #receive(data) {
    this.#buffer = Buffer.concat([this.#buffer, data]);
    for (;;) {
      const end = this.#buffer.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.#buffer.toString("ascii", 0, end))[1]);
      if (this.#buffer.length < end + 4 + length) return;
      const body = this.#buffer.toString("utf8", end + 4, end + 4 + length);
      this.#buffer = this.#buffer.subarray(end + 4 + length);
      this.#handle(JSON.parse(body));
    }
  }

  #handle(message) {
    if (message.method === "workspace/configuration") {
      const yaml = {
        schemas: this.schemas,
        schemaStore: { enable: false },
        validate: true,
        hover: true,
        completion: true,
      };
      const result = message.params.items.map((item) => (item.section === "yaml" ? yaml : {}));
      this.#send({ id: message.id, result });
    } else if (message.method === "textDocument/publishDiagnostics") {
      this.#diagnostics.set(message.params.uri, message.params.diagnostics);
    } else if (message.method && message.id !== undefined) {
      this.#send({ id: message.id, result: null });
    } else if (message.id !== undefined) {
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
    }
  }
}
