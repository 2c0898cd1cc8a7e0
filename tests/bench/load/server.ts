/** `node server.ts IP PORT COUNT`: sinks, sources and echoes on COUNT ports from PORT. */
import { createEngineDriver } from "@ambit/io/engine/engine-driver.ts";
import { WOULD_BLOCK, type AcceptedSocket, type ByteSocket, type Memory } from "@ambit/io/driver.ts";
import { HEAD_BYTES, readHead } from "./protocol.ts";

const CHUNK = 256 * 1024;

const driver = createEngineDriver();
const shared = driver.allocate(CHUNK);

/** One load connection: reads its head, then does what it says. */
class ServerConnection {
  readonly #head = Buffer.alloc(HEAD_BYTES);
  #headBytes = 0;
  #mode = "";
  #left = 0;
  #pending: Memory | undefined;
  #pendingFrom = 0;
  #pendingTo = 0;

  onConnected(): void {
    // Accepted sockets are connected from the start.
  }

  onReadable(socket: ByteSocket): void {
    if (this.#pending !== undefined) return;
    for (;;) {
      const count = socket.read(shared, 0, CHUNK);
      if (count === WOULD_BLOCK) return;
      if (count <= 0) {
        socket.close();
        return;
      }
      this.#take(socket, count);
      if (socket.closed || this.#pending !== undefined || count < CHUNK) return;
    }
  }

  onWritable(socket: ByteSocket): void {
    if (this.#mode === "D") this.#source(socket);
    else this.#flush(socket);
  }

  onError(): void {
    this.#pending = undefined;
  }

  #take(socket: ByteSocket, count: number): void {
    let from = 0;
    if (this.#headBytes < HEAD_BYTES) {
      from = Math.min(count, HEAD_BYTES - this.#headBytes);
      shared.bytes.copy(this.#head, this.#headBytes, 0, from);
      this.#headBytes += from;
      if (this.#headBytes < HEAD_BYTES) return;
      const head = readHead(this.#head, 0);
      this.#mode = head.mode;
      this.#left = head.count;
      if (this.#mode === "D") {
        this.#source(socket);
        return;
      }
    }
    if (this.#mode === "S") {
      this.#left -= count - from;
      if (this.#left <= 0) socket.write(shared, 0, 1);
    } else if (count > from) this.#echo(socket, from, count);
  }

  #echo(socket: ByteSocket, from: number, to: number): void {
    const written = Math.max(0, socket.write(shared, from, to - from));
    if (written === to - from || socket.closed) return;
    this.#pending = driver.allocate(to - from - written);
    shared.bytes.copy(this.#pending.bytes, 0, from + written, to);
    this.#pendingFrom = 0;
    this.#pendingTo = to - from - written;
  }

  #flush(socket: ByteSocket): void {
    if (this.#pending === undefined) return;
    const written = socket.write(this.#pending, this.#pendingFrom, this.#pendingTo - this.#pendingFrom);
    if (written > 0) this.#pendingFrom += written;
    if (this.#pendingFrom < this.#pendingTo) return;
    this.#pending = undefined;
    driver.again(socket);
  }

  #source(socket: ByteSocket): void {
    while (this.#left > 0) {
      const written = socket.write(shared, 0, Math.min(CHUNK, this.#left));
      if (written <= 0) return;
      this.#left -= written;
    }
  }
}

const [ip = "127.0.0.1", port = "9000", count = "1"] = process.argv.slice(2);
for (let index = 0; index < Number(count); index++) {
  driver.listen({ ip, port: Number(port) + index, backlog: 8192 }, (socket: AcceptedSocket) => {
    socket.handler = new ServerConnection();
  });
}
driver.start();
process.stdout.write("ready\n");
