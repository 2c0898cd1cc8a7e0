import { systemClock } from "@ambit/base/clock.ts";
import type { ByteSocket, Driver, Memory, SocketHandler } from "@ambit/io/driver.ts";
import { WOULD_BLOCK } from "@ambit/io/driver.ts";

/** A plain client or application on the driver: collects what it reads. */
export class PlainPeer implements SocketHandler {
  receivedBytes = 0;
  ended = false;
  failed = "";
  readonly #chunks: Buffer[] = [];
  readonly #driver: Driver;
  readonly #memory: Memory;
  #socket: ByteSocket | undefined;
  #outgoing: Memory | undefined;
  #sent = 0;
  #endAfter = false;
  echo = false;

  constructor(driver: Driver) {
    this.#driver = driver;
    this.#memory = driver.allocate(64 * 1024);
  }

  get received(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get socket(): ByteSocket | undefined {
    return this.#socket;
  }

  use(socket: ByteSocket): void {
    this.#socket = socket;
    socket.handler = this;
  }

  send(bytes: Buffer, end = false): void {
    this.#outgoing = this.#driver.allocate(Math.max(1, bytes.length));
    bytes.copy(this.#outgoing.bytes);
    this.#sent = 0;
    this.#endAfter = end;
    this.#length = bytes.length;
    this.#push();
  }

  #length = 0;

  onConnected(socket: ByteSocket): void {
    this.use(socket);
    this.#push();
  }

  onReadable(socket: ByteSocket): void {
    for (;;) {
      const count = socket.read(this.#memory, 0, this.#memory.bytes.length);
      if (count === WOULD_BLOCK) return;
      if (count <= 0) {
        this.ended = count === 0;
        if (this.echo && count === 0) socket.shutdownWrite();
        return;
      }
      this.#chunks.push(Buffer.from(this.#memory.bytes.subarray(0, count)));
      this.receivedBytes += count;
      if (this.echo) {
        const written = socket.write(this.#memory, 0, count);
        if (written !== count) this.failed = `echo wrote ${written} of ${count}`;
      }
    }
  }

  onWritable(): void {
    this.#push();
  }

  onError(_socket: ByteSocket, error: { code: string }): void {
    this.failed = error.code;
  }

  #push(): void {
    const socket = this.#socket;
    const outgoing = this.#outgoing;
    if (socket === undefined || outgoing === undefined) return;
    while (this.#sent < this.#length) {
      const count = socket.write(outgoing, this.#sent, this.#length - this.#sent);
      if (count <= 0) return;
      this.#sent += count;
    }
    this.#outgoing = undefined;
    if (this.#endAfter) socket.shutdownWrite();
  }
}

/** Waits until `condition` holds, at most 15 s of real time. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`in vain: ${what}`);
    await new Promise((resolve) => {
      systemClock.after(2, () => resolve(undefined));
    });
  }
}
