import {
  WOULD_BLOCK,
  type ByteSocket,
  type Driver,
  type DriverTimer,
  type Memory,
  type SocketHandler,
} from "@ambit/io/driver.ts";
import type { DnsServer } from "./dns-server.ts";

/** A connection without a whole question for this long is closed (ambient.md 10). */
const IDLE_MS = 5_000;
const MAX_MESSAGE = 4096;
const PREFIX = 2;
/** Connections at once per pod. */
const MAX_CONNECTIONS = 64;

/** DNS over TCP (RFC 7766): messages with a two-byte length, one after the other. */
export class DnsTcp {
  readonly #driver: Driver;
  readonly #server: DnsServer;
  readonly #open = new Set<ByteSocket>();

  constructor(driver: Driver, server: DnsServer) {
    this.#driver = driver;
    this.#server = server;
  }

  accept(socket: ByteSocket): void {
    if (this.#open.size >= MAX_CONNECTIONS) {
      socket.handler = IGNORE;
      socket.close();
      return;
    }
    this.#open.add(socket);
    socket.handler = new DnsStream(this.#driver, this.#server, socket, () => this.#open.delete(socket));
    this.#driver.again(socket);
  }

  close(): void {
    for (const socket of this.#open) socket.close();
    this.#open.clear();
  }
}

const IGNORE: SocketHandler = {
  onConnected: () => undefined,
  onReadable: () => undefined,
  onWritable: () => undefined,
  onError: () => undefined,
};

/** One connection: reads a message, answers it, reads the next. */
class DnsStream implements SocketHandler {
  readonly #driver: Driver;
  readonly #server: DnsServer;
  readonly #onEnd: () => void;
  readonly #input: Memory;
  readonly #output: Memory;
  #timer: DriverTimer;
  #filled = 0;
  #outgoing = 0;
  #sent = 0;
  #busy = false;

  constructor(driver: Driver, server: DnsServer, socket: ByteSocket, onEnd: () => void) {
    this.#driver = driver;
    this.#server = server;
    this.#onEnd = onEnd;
    this.#input = driver.allocate(MAX_MESSAGE + PREFIX);
    this.#output = driver.allocate(65_536 + PREFIX);
    this.#timer = driver.after(IDLE_MS, () => this.#end(socket));
  }

  onConnected(): void {
    // Accepted sockets are connected.
  }

  onReadable(socket: ByteSocket): void {
    if (this.#busy || socket.closed) return;
    for (;;) {
      const room = MAX_MESSAGE + PREFIX - this.#filled;
      const got = room === 0 ? 0 : socket.read(this.#input, this.#filled, room);
      if (got === WOULD_BLOCK) return;
      if (got <= 0) {
        this.#end(socket);
        return;
      }
      this.#filled += got;
      if (this.#take(socket)) return;
    }
  }

  onWritable(socket: ByteSocket): void {
    this.#flush(socket);
  }

  onError(socket: ByteSocket): void {
    this.#end(socket);
  }

  /** True when a message was complete (or wrong) and reading stops for now. */
  #take(socket: ByteSocket): boolean {
    if (this.#filled < PREFIX) return false;
    const length = this.#input.bytes.readUInt16BE(0);
    if (length === 0 || length > MAX_MESSAGE) {
      this.#end(socket);
      return true;
    }
    if (this.#filled < PREFIX + length) return false;
    const message = Uint8Array.from(this.#input.bytes.subarray(PREFIX, PREFIX + length));
    this.#input.bytes.copyWithin(0, PREFIX + length, this.#filled);
    this.#filled -= PREFIX + length;
    this.#busy = true;
    let answered = false;
    this.#server.handle(message, "tcp", (answer) => {
      answered = true;
      this.#reply(socket, answer);
    });
    if (!answered) this.#rearm(socket);
    return true;
  }

  #reply(socket: ByteSocket, answer: Uint8Array): void {
    if (socket.closed || answer.length > 65_535) return;
    this.#output.bytes.writeUInt16BE(answer.length, 0);
    this.#output.bytes.set(answer, PREFIX);
    this.#outgoing = answer.length + PREFIX;
    this.#sent = 0;
    this.#flush(socket);
  }

  #flush(socket: ByteSocket): void {
    while (this.#sent < this.#outgoing) {
      const wrote = socket.write(this.#output, this.#sent, this.#outgoing - this.#sent);
      if (wrote === WOULD_BLOCK) return;
      if (wrote < 0) return;
      this.#sent += wrote;
    }
    if (!this.#busy) return;
    this.#busy = false;
    this.#rearm(socket);
    // A second question may already be here, in our buffer or in the kernel's.
    if (!this.#take(socket)) this.#driver.again(socket);
  }

  #rearm(socket: ByteSocket): void {
    this.#timer.cancel();
    this.#timer = this.#driver.after(IDLE_MS, () => this.#end(socket));
  }

  #end(socket: ByteSocket): void {
    this.#timer.cancel();
    if (!socket.closed) socket.close();
    this.#onEnd();
  }
}
