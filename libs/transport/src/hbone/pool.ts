import type { ByteSocket, ConnectOptions, Driver, TlsContext } from "@ambit/io/driver.ts";
import { encodeHeaders } from "../h2/hpack-encoder.ts";
import type { HeaderField } from "../h2/hpack-decoder.ts";
import { H2_CODE } from "../h2/h2-code.ts";
import type { Relay, RelayEnd, RelayEvents } from "../relay.ts";
import { TransportError } from "../transport-error.ts";
import { TunnelConnection, type ConnectionEvents } from "./connection.ts";
import type { EarlyBytes } from "./early-bytes.ts";
import { TunnelStream } from "./stream.ts";
import { tunnelRoom, type TunnelRoom } from "./tunnel-room.ts";

export interface HbonePoolOptions {
  /** Streams on one connection at most; the peer may allow fewer. @default 100 */
  readonly maxStreams?: number;
  /** A connection without streams is let go after this. @default 300000 */
  readonly idleReleaseMs?: number;
}

export interface PoolDestination {
  /** Tunnels are shared by equal keys only: source identity, expected names, address, source address. */
  readonly key: string;
  /** SPIFFE URIs the server may prove; an empty list matches nobody. */
  readonly expectedIdentities: readonly string[];
  readonly context: TlsContext;
  readonly connect: ConnectOptions;
}

export interface ConnectRequest {
  readonly authority: string;
  readonly headers: readonly HeaderField[];
}

/** Times that a request is sent again after the peer did not look at it. */
const MAX_UNPROCESSED = 3;

interface Waiting {
  readonly stream: { current: TunnelStream | undefined; cut: string | undefined };
  readonly destination: PoolDestination;
  /** How often the request was sent without being looked at. */
  unprocessed: number;
  readonly request: ConnectRequest;
  readonly downstream: ByteSocket;
  /** What of the downstream's bytes was sent with a request that was not looked at. */
  early: EarlyBytes | undefined;
  readonly events: RelayEvents;
}

/** One pooled connection and those who wait for its handshake. */
interface Pooled {
  readonly key: string;
  readonly connection: TunnelConnection;
  readonly expected: readonly string[];
  waiting: Waiting[];
  /** It is to go: nobody is placed on it any more. */
  retired: boolean;
  /** How it ended; undefined while it stands. */
  end: RelayEnd | undefined;
  opened: number;
  /** When its last stream ended; undefined while there are any. */
  idleSince: number | undefined;
  idle: { cancel(): void } | undefined;
}

/** Client ends of HBONE tunnels, shared per destination key; one handshake at a time per key. */
export class HbonePool {
  readonly #room: TunnelRoom;
  readonly #options: Required<HbonePoolOptions>;
  readonly #byKey = new Map<string, Pooled[]>();
  readonly #byConnection = new Map<TunnelConnection, Pooled>();
  #draining = false;

  constructor(driver: Driver, options: HbonePoolOptions = {}) {
    this.#room = tunnelRoom(driver);
    this.#options = { maxStreams: 100, idleReleaseMs: 300_000, ...options };
  }

  /** Connections that are open, handshakes included. */
  get sessions(): ReadonlySet<TunnelConnection> {
    return new Set(this.#byConnection.keys());
  }

  /** Opens a tunnel for a downstream socket, over a shared connection or a new one. */
  open(
    destination: PoolDestination,
    request: ConnectRequest,
    downstream: ByteSocket,
    events: RelayEvents,
  ): Relay {
    const stream = { current: undefined, cut: undefined };
    const early = undefined;
    const waiting: Waiting = { stream, destination, unprocessed: 0, request, downstream, early, events };
    this.#place(waiting);
    return new PooledRelay(waiting, this.#failed);
  }

  #place(waiting: Waiting): void {
    const { destination, downstream } = waiting;
    const pooled = this.#find(destination.key) ?? this.#dial(destination);
    downstream.handler = pendingHandler(waiting);
    if (pooled instanceof Error) {
      const detail = pooled.message;
      this.#room.driver.after(0, () =>
        this.#fail(waiting, { kind: "error", code: "connect-failed", detail }),
      );
    } else if (pooled.connection.secured) this.#start(pooled, waiting);
    else pooled.waiting.push(waiting);
  }

  /** The peer did not look at the request: it is sent again, on another connection when this one takes no more. */
  #placeAgain(waiting: Waiting, early: EarlyBytes | undefined): void {
    waiting.early = early;
    waiting.stream.current = undefined;
    waiting.unprocessed++;
    waiting.downstream.handler = pendingHandler(waiting);
    this.#room.driver.endOfTurn(() => {
      if (waiting.stream.cut !== undefined || waiting.downstream.closed) return;
      if (waiting.unprocessed <= MAX_UNPROCESSED) this.#place(waiting);
      else this.#fail(waiting, REFUSED);
    });
  }

  /** Connections end with their last tunnel. Who comes still was taken before the drain, and is carried by one of its own. */
  drain(): void {
    this.#draining = true;
    for (const pooled of [...this.#byConnection.values()]) this.#letGo(pooled);
  }

  /** Lets the connections there are finish; what comes next is carried by new ones. */
  retire(): void {
    for (const pooled of [...this.#byConnection.values()]) {
      pooled.retired = true;
      this.#leave(pooled);
      this.#letGo(pooled);
    }
  }

  // Who waits for a handshake came before: the connection is told to go once it carries them.
  #letGo(pooled: Pooled): void {
    if (pooled.waiting.length === 0) pooled.connection.drain();
  }

  #find(key: string): Pooled | undefined {
    const list = this.#byKey.get(key);
    if (list === undefined) return undefined;
    return list.findLast(
      (pooled) => !pooled.connection.session.closing && this.#load(pooled) < this.#capacity(pooled),
    );
  }

  #load(pooled: Pooled): number {
    return pooled.connection.session.streams.size + pooled.waiting.length;
  }

  #capacity(pooled: Pooled): number {
    return Math.min(this.#options.maxStreams, pooled.connection.session.peer.maxConcurrentStreams);
  }

  #dial(destination: PoolDestination): Pooled | Error {
    const { driver } = this.#room;
    const connection = new TunnelConnection("client", this.#room, this.#connectionEvents);
    const pooled: Pooled = {
      key: destination.key,
      connection,
      expected: destination.expectedIdentities,
      waiting: [],
      retired: false,
      end: undefined,
      opened: 0,
      idleSince: undefined,
      idle: undefined,
    };
    try {
      const socket = driver.connect(destination.connect, connection);
      connection.begin(driver.tlsConnect(socket, destination.context, connection));
    } catch (thrown) {
      return thrown instanceof Error ? thrown : new Error("the connection cannot be made");
    }
    this.#byConnection.set(connection, pooled);
    const list = this.#byKey.get(pooled.key);
    if (list === undefined) this.#byKey.set(pooled.key, [pooled]);
    else list.push(pooled);
    return pooled;
  }

  #start(pooled: Pooled, waiting: Waiting): void {
    const { connection } = pooled;
    if (waiting.stream.cut !== undefined) return;
    if (waiting.downstream.closed) return;
    pooled.idleSince = undefined;
    const stream = new TunnelStream(connection.session.takeStreamId(), connection);
    waiting.stream.current = stream;
    stream.listen(waiting.events);
    stream.retryBy((early) => this.#placeAgain(waiting, early));
    const { authority, headers } = waiting.request;
    try {
      connection.session.open(
        stream,
        encodeHeaders([[":method", "CONNECT"], [":authority", authority], ...headers]),
      );
    } catch (thrown) {
      if (!(thrown instanceof TransportError)) throw thrown;
      connection.close({ kind: "error", code: "overload", detail: thrown.message });
      return;
    }
    pooled.opened++;
    connection.dirty();
    const { downstream, early } = waiting;
    waiting.early = undefined;
    stream.requested(downstream, early);
  }

  readonly #connectionEvents: ConnectionEvents = {
    onSecured: (connection) => this.#onSecured(connection),
    onRequest: () => undefined,
    onResponse: (_connection, stream, fields) => onAnswer(stream, fields),
    onChange: (connection) => this.#onChange(connection),
    onClosed: (connection, reason) => this.#onClosed(connection, reason),
  };

  #onSecured(connection: TunnelConnection): string | undefined {
    const pooled = this.#byConnection.get(connection);
    if (pooled === undefined) return "nobody waits for this connection";
    const uris = connection.socket.peer?.uriSans ?? [];
    const [uri, ...more] = uris;
    if (uri === undefined || more.length > 0 || !pooled.expected.includes(uri)) {
      return `the server proved ${uris.join(", ") || "no identity"}, not ${pooled.expected.join(" or ") || "anything expected"}`;
    }
    const { waiting } = pooled;
    pooled.waiting = [];
    this.#room.driver.endOfTurn(() => {
      for (const each of waiting) {
        // The server may have gone in this very turn: in order, so that the request goes elsewhere, or with an error.
        if (pooled.end?.kind === "error") this.#fail(each, pooled.end);
        else if (connection.closed || connection.session.closing) this.#placeAgain(each, each.early);
        else this.#start(pooled, each);
      }
      if (this.#draining || pooled.retired) connection.drain();
    });
    return undefined;
  }

  #onChange(connection: TunnelConnection): void {
    const pooled = this.#byConnection.get(connection);
    if (pooled === undefined) return;
    if (connection.session.closing) {
      this.#leave(pooled);
      return;
    }
    if (this.#load(pooled) > 0 || pooled.idleSince !== undefined) return;
    pooled.idleSince = this.#room.driver.now();
    if (pooled.idle === undefined) this.#watchIdle(pooled, this.#options.idleReleaseMs);
  }

  // One timer runs on through many short uses; it looks at its end how long the last one was ago.
  #watchIdle(pooled: Pooled, waitMs: number): void {
    const { driver } = this.#room;
    pooled.idle = driver.after(waitMs, () => {
      pooled.idle = undefined;
      if (pooled.idleSince === undefined) return;
      const left = pooled.idleSince + this.#options.idleReleaseMs - driver.now();
      if (left > 0) {
        this.#watchIdle(pooled, left);
        return;
      }
      this.#leave(pooled);
      pooled.connection.drain();
    });
  }

  #onClosed(connection: TunnelConnection, reason: RelayEnd): void {
    const pooled = this.#byConnection.get(connection);
    if (pooled === undefined) return;
    this.#byConnection.delete(connection);
    pooled.end = reason;
    this.#leave(pooled);
    pooled.idle?.cancel();
    const { waiting } = pooled;
    pooled.waiting = [];
    for (const each of waiting) this.#fail(each, reason.kind === "complete" ? CLOSED : reason);
  }

  #leave(pooled: Pooled): void {
    const list = this.#byKey.get(pooled.key) ?? [];
    const rest = list.filter((other) => other !== pooled);
    if (rest.length > 0) this.#byKey.set(pooled.key, rest);
    else this.#byKey.delete(pooled.key);
  }

  readonly #failed = (waiting: Waiting, end: RelayEnd): void => this.#fail(waiting, end);

  #fail(waiting: Waiting, end: RelayEnd): void {
    const { stream, downstream, events } = waiting;
    if (stream.current !== undefined) {
      stream.current.fail(end);
      return;
    }
    if (stream.cut !== undefined) return;
    stream.cut = "failed";
    if (!downstream.closed) downstream.reset();
    events.onEnd(end);
  }
}

const REFUSED: RelayEnd = { kind: "error", code: "refused-by-peer", detail: "it takes no more streams" };

const CLOSED: RelayEnd = {
  kind: "error",
  code: "connect-failed",
  detail: "the tunnel ended before it was used",
};

function onAnswer(stream: TunnelStream, fields: readonly HeaderField[]): void {
  const status = fields.find(([name]) => name === ":status")?.[1] ?? "";
  if (status === "200") {
    stream.established(fields.filter(([name]) => !name.startsWith(":")));
    return;
  }
  const detail = `the server answered ${/^[0-9]{3}$/.test(status) ? status : "without a status"}`;
  stream.fail({ kind: "error", code: "refused-by-peer", detail }, H2_CODE.noError);
}

/** Until the tunnel is there, the downstream's bytes wait in the kernel; only its end is noticed. */
function pendingHandler(waiting: Waiting): ByteSocket["handler"] {
  return {
    onConnected: () => undefined,
    onReadable: () => undefined,
    onWritable: () => undefined,
    onError: (_socket, error) => {
      if (waiting.stream.current !== undefined || waiting.stream.cut !== undefined) return;
      waiting.stream.cut = "gone";
      waiting.events.onEnd({ kind: "error", code: "reset", detail: error.code });
    },
  };
}

// A class, because an object literal with a getter is a new shape each time: V8 keeps those, and what their getters know,
// until the next full collection.
class PooledRelay implements Relay {
  readonly #waiting: Waiting;
  readonly #fail: (waiting: Waiting, end: RelayEnd) => void;

  constructor(waiting: Waiting, fail: (waiting: Waiting, end: RelayEnd) => void) {
    this.#waiting = waiting;
    this.#fail = fail;
  }

  get bytesFromDownstream(): number {
    return this.#waiting.stream.current?.bytesFromDownstream ?? 0;
  }

  get bytesToDownstream(): number {
    return this.#waiting.stream.current?.bytesToDownstream ?? 0;
  }

  cut(detail: string): void {
    this.#fail(this.#waiting, { kind: "error", code: "cut", detail });
  }

  close(detail: string): void {
    const stream = this.#waiting.stream.current;
    if (stream === undefined) this.cut(detail);
    else stream.close(detail);
  }
}
