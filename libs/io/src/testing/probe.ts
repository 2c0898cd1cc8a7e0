import { WOULD_BLOCK } from "../driver.ts";
import type {
  AcceptedSocket,
  ByteSocket,
  ConnectOptions,
  Driver,
  Listener,
  ListenOptions,
  Memory,
  PeerCertificate,
  SocketError,
  SocketHandler,
  TlsContext,
} from "../driver.ts";

const BUFFER = 256 * 1024;

/** One end of a connection under test: sends what it is told, keeps what arrives, lets a test wait for either. */
export class Probe implements SocketHandler {
  readonly driver: Driver;
  socket: ByteSocket | undefined;
  connected = false;
  readable = 0;
  /** Set to stop reading; `resume` goes on. */
  paused = false;
  ended = false;
  error: SocketError | undefined;
  peer: PeerCertificate | undefined;
  receivedBytes = 0;
  /** Bytes kept; more are only counted. */
  keep = Number.POSITIVE_INFINITY;
  /** Called with the bytes of every read. */
  onBytes: (bytes: Buffer) => void = () => undefined;
  readonly #in: Memory;
  readonly #out: Memory;
  readonly #chunks: Buffer[] = [];
  #pending = Buffer.alloc(0);
  #endAfterPending = false;
  #wakers: (() => void)[] = [];
  #readSize: number;

  constructor(driver: Driver, readSize = BUFFER) {
    this.driver = driver;
    this.#in = driver.allocate(BUFFER);
    this.#out = driver.allocate(BUFFER);
    this.#readSize = readSize;
  }

  get received(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get pendingBytes(): number {
    return this.#pending.length;
  }

  onConnected(socket: ByteSocket): void {
    this.socket = socket;
    this.connected = true;
    this.peer = (socket as { peer?: PeerCertificate }).peer;
    this.#flush();
    this.#wake();
  }

  onReadable(socket: ByteSocket): void {
    this.socket = socket;
    this.readable++;
    if (!this.paused) this.#drain(socket);
    this.#wake();
  }

  onWritable(): void {
    this.#flush();
    this.#wake();
  }

  onError(_socket: ByteSocket, error: SocketError): void {
    this.error = error;
    this.#wake();
  }

  resume(): void {
    this.paused = false;
    if (this.socket !== undefined) this.driver.again(this.socket);
  }

  /** Sends all of `bytes`, in order, as the socket takes them. */
  send(bytes: Uint8Array | string): void {
    this.#pending = Buffer.concat([this.#pending, Buffer.from(bytes)]);
    this.#flush();
  }

  /** Ends our direction once everything has been handed over. */
  end(): void {
    this.#endAfterPending = true;
    this.#flush();
  }

  /** Resolves when `condition` holds, looking after every event; rejects when the socket fails meanwhile. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.error !== undefined) throw new Error(`the socket failed: ${JSON.stringify(this.error)}`);
      await this.next();
    }
  }

  async failure(): Promise<SocketError> {
    while (this.error === undefined) await this.next();
    return this.error;
  }

  /** Resolves at the next event. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakers.push(resolve);
    });
  }

  #wake(): void {
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const wake of wakers) wake();
  }

  #drain(socket: ByteSocket): void {
    for (;;) {
      const count = socket.read(this.#in, 0, this.#readSize);
      if (count < 0) return;
      if (count === 0) {
        this.ended = true;
        return;
      }
      this.receivedBytes += count;
      const bytes = Buffer.from(this.#in.bytes.subarray(0, count));
      if (this.receivedBytes <= this.keep) this.#chunks.push(bytes);
      this.onBytes(bytes);
      if (this.paused || socket.closed) return;
      if (count < this.#readSize) return;
    }
  }

  #flush(): void {
    const { socket } = this;
    if (socket === undefined || socket.closed || !this.connected) return;
    while (this.#pending.length > 0) {
      const length = this.#pending.copy(this.#out.bytes, 0, 0, BUFFER);
      const count = socket.write(this.#out, 0, length);
      if (count === WOULD_BLOCK || count < 0) return;
      this.#pending = this.#pending.subarray(count);
      if (count < length) return;
    }
    if (this.#endAfterPending) socket.shutdownWrite();
  }
}

/** How a pair is joined. */
export interface PairOptions {
  /** Both present: TLS, server's first. */
  readonly contexts?: readonly [server: TlsContext, client: TlsContext];
  readonly ip?: string;
  readonly readSize?: number;
  readonly listen?: Partial<ListenOptions>;
  readonly connect?: Partial<ConnectOptions>;
}

/** A listener whose connections become probes, in the order they arrive. */
export class ProbeServer {
  readonly listener: Listener;
  readonly probes: Probe[] = [];
  readonly accepted: AcceptedSocket[] = [];
  #wakers: (() => void)[] = [];

  constructor(driver: Driver, options: PairOptions = {}, prepare: (probe: Probe) => void = () => undefined) {
    const { ip = "127.0.0.1", contexts } = options;
    this.listener = driver.listen({ ip, port: 0, ...options.listen }, (socket) => {
      const probe = new Probe(driver, options.readSize);
      prepare(probe);
      this.accepted.push(socket);
      this.probes.push(probe);
      if (contexts === undefined) {
        socket.handler = probe;
        probe.socket = socket;
        probe.connected = true;
      } else probe.socket = driver.tlsAccept(socket, contexts[0], probe);
      for (const wake of this.#wakers.splice(0)) wake();
    });
  }

  async accept(index = 0): Promise<Probe> {
    for (;;) {
      const probe = this.probes[index];
      if (probe !== undefined) return probe;
      await new Promise<void>((resolve) => {
        this.#wakers.push(resolve);
      });
    }
  }

  dial(driver: Driver, options: PairOptions = {}): Probe {
    const probe = new Probe(driver, options.readSize);
    const { ip, port } = this.listener.local;
    const target = ip === "0.0.0.0" ? "127.0.0.1" : ip;
    const socket = driver.connect({ ip: target, port, ...options.connect }, probe);
    probe.socket =
      options.contexts === undefined ? socket : driver.tlsConnect(socket, options.contexts[1], probe);
    return probe;
  }
}

/** A connected pair. */
export async function connectPair(
  driver: Driver,
  options: PairOptions = {},
): Promise<{ client: Probe; server: Probe; listener: Listener }> {
  const acceptor = new ProbeServer(driver, options);
  const client = acceptor.dial(driver, options);
  await client.until(() => client.connected);
  const server = await acceptor.accept();
  await server.until(() => server.connected);
  return { client, server, listener: acceptor.listener };
}
