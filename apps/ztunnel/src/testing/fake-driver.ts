import type {
  AcceptedSocket,
  ConnectOptions,
  Driver,
  DriverTimer,
  Listener,
  ListenOptions,
  Memory,
  SocketAddress,
  SocketHandler,
  TlsContext,
  TlsSocket,
} from "@ambit/io/driver.ts";
import { WOULD_BLOCK } from "@ambit/io/driver.ts";
import { IoError } from "@ambit/io/io-error.ts";
import type { FakeClock } from "@ambit/testkit/fake-clock.ts";

const DEAF: SocketHandler = {
  onConnected: () => undefined,
  onReadable: () => undefined,
  onWritable: () => undefined,
  onError: () => undefined,
};

/** A socket whose other end is the test. */
export class FakeSocket implements AcceptedSocket {
  handler: SocketHandler = DEAF;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly originalDestination: SocketAddress | undefined;
  readonly written: Buffer[] = [];
  /** How it was ended from our side. */
  ended: "" | "closed" | "reset" = "";
  blocked = false;
  #incoming = Buffer.alloc(0);
  #atEnd = false;

  constructor(local: SocketAddress, remote: SocketAddress, originalDestination?: SocketAddress) {
    this.local = local;
    this.remote = remote;
    this.originalDestination = originalDestination;
  }

  get closed(): boolean {
    return this.ended !== "";
  }

  /** Everything that was written, as one text. */
  get text(): string {
    return Buffer.concat(this.written).toString("latin1");
  }

  /** The other end sends. */
  arrive(bytes: Uint8Array): void {
    this.#incoming = Buffer.concat([this.#incoming, bytes]);
    this.handler.onReadable(this);
  }

  /** The other end ends its direction. */
  finish(): void {
    this.#atEnd = true;
    this.handler.onReadable(this);
  }

  /** The other end resets. */
  fail(code = "ECONNRESET"): void {
    this.ended = "closed";
    this.handler.onError(this, { kind: "io", code, detail: "" });
  }

  read(into: Memory, offset: number, length: number): number {
    const count = this.#incoming.copy(into.bytes, offset, 0, length);
    this.#incoming = this.#incoming.subarray(count);
    if (count > 0) return count;
    return this.#atEnd ? 0 : WOULD_BLOCK;
  }

  write(from: Memory, offset: number, length: number): number {
    this.written.push(Buffer.from(from.bytes.subarray(offset, offset + length)));
    return length;
  }

  writev(): number {
    return WOULD_BLOCK;
  }

  shutdownWrite(): void {
    this.written.push(Buffer.from("<end>"));
  }

  close(): void {
    this.ended ||= "closed";
  }

  reset(): void {
    this.ended ||= "reset";
  }

  setReceiveLowWater(): void {
    // The fake delivers whatever arrives.
  }
}

/** One call of `listen`. */
export interface FakeListener {
  readonly options: ListenOptions;
  readonly accept: (socket: AcceptedSocket) => void;
  closed: boolean;
}

/** One call of `connect`. */
export interface FakeConnect {
  readonly options: ConnectOptions;
  readonly socket: FakeSocket;
}

/** A driver without a kernel: the test plays it. */
export class FakeDriver implements Driver {
  readonly name = "portable";
  readonly listeners: FakeListener[] = [];
  readonly connects: FakeConnect[] = [];
  /** Refuses a `listen` by throwing. */
  refuseListen: (options: ListenOptions) => string | undefined = () => undefined;
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  allocate(bytes: number): Memory {
    return { bytes: Buffer.alloc(bytes), address: 0 };
  }

  listen(options: ListenOptions, onAccept: (socket: AcceptedSocket) => void): Listener {
    const errno = this.refuseListen(options);
    if (errno !== undefined) throw new IoError("socket", `bind failed with ${errno}`, { facts: { errno } });
    const listener: FakeListener = { options, accept: onAccept, closed: false };
    this.listeners.push(listener);
    return {
      local: { ip: options.ip, port: options.port },
      fd: -1,
      close: () => {
        listener.closed = true;
      },
    };
  }

  connect(options: ConnectOptions, handler: SocketHandler): FakeSocket {
    const socket = new FakeSocket({ ip: options.sourceIp ?? "0.0.0.0", port: 40_000 }, options);
    socket.handler = handler;
    this.connects.push({ options, socket });
    return socket;
  }

  tlsContext(): TlsContext {
    return { release: () => undefined };
  }

  tlsAccept(): TlsSocket {
    throw new IoError("unsupported", "The fake driver has no TLS");
  }

  tlsConnect(): TlsSocket {
    throw new IoError("unsupported", "The fake driver has no TLS");
  }

  again(): void {
    // The fake delivers at once.
  }

  endOfTurn(flush: () => void): void {
    flush();
  }

  after(delayMs: number, run: () => void): DriverTimer {
    return this.#clock.after(delayMs, run);
  }

  now(): number {
    return this.#clock.monotonic();
  }

  start(): void {
    // Nothing turns.
  }

  stop(): void {
    // Nothing turns.
  }
}
