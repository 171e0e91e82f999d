// Messages of the Language Server Protocol over two streams: a heading with the length, then JSON.
"use strict";

class Connection {
  /** Reads from `input`, writes to `output`. */
  constructor(input, output) {
    this.output = output;
    this.waiting = new Map();
    this.nextId = 1;
    this.received = Buffer.alloc(0);
    this.onNotification = () => {};
    input.on("data", (bytes) => this.take(bytes));
    input.on("end", () => this.close());
  }

  /** Resolves with the result, rejects with the server's error or when the connection closes. */
  request(method, params) {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.send({ jsonrpc: "2.0", id, method, params });
    });
  }

  notify(method, params) {
    this.send({ jsonrpc: "2.0", method, params });
  }

  send(message) {
    if (!this.output.writable) return;
    const body = Buffer.from(JSON.stringify(message), "utf8");
    this.output.write(`Content-Length: ${body.length}\r\n\r\n`);
    this.output.write(body);
  }

  take(bytes) {
    this.received = Buffer.concat([this.received, bytes]);
    for (;;) {
      const end = this.received.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = /content-length: *(\d+)/i.exec(this.received.toString("ascii", 0, end));
      const start = end + 4;
      const after = start + (length ? Number(length[1]) : 0);
      if (this.received.length < after) return;
      const body = this.received.toString("utf8", start, after);
      this.received = this.received.subarray(after);
      if (length) this.handle(JSON.parse(body));
    }
  }

  handle(message) {
    if (message.id === undefined) {
      this.onNotification(message.method, message.params);
      return;
    }
    const waiting = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (!waiting) return;
    if (message.error) waiting.reject(new Error(message.error.message));
    else waiting.resolve(message.result);
  }

  /** Nobody waits for an answer any more. */
  close() {
    for (const { reject } of this.waiting.values()) reject(new Error("the language server has gone"));
    this.waiting.clear();
  }
}

module.exports = { Connection };
