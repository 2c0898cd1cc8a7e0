import type {
  ByteSocket,
  ConnectOptions,
  Driver,
  Memory,
  SocketError,
  SocketHandler,
} from "@ambit/io/driver.ts";
import { WOULD_BLOCK } from "@ambit/io/driver.ts";
import { closeInOrder } from "./close-in-order.ts";
import type { Relay, RelayEnd, RelayEvents } from "./relay.ts";

/** Bytes read in one go, and the most that waits for a slow receiver per direction. */
const CHUNK_BYTES = 256 * 1024;

/** Bytes one direction moves before others have their turn. */
const TURN_BYTES = 1024 * 1024;

const arenas = new WeakMap<Driver, Memory>();

/** The read buffer that all plain relays of a driver share: it is empty whenever control is given back. */
function arenaOf(driver: Driver): Memory {
  let arena = arenas.get(driver);
  if (arena === undefined) {
    arena = driver.allocate(CHUNK_BYTES);
    arenas.set(driver, arena);
  }
  return arena;
}

/**
 * Carries a socket's bytes over plain TCP. Directions are independent: the end of one is passed on and the other goes
 * on; a reset of either side resets the other.
 */
export function relayTcp(
  driver: Driver,
  downstream: ByteSocket,
  connect: ConnectOptions,
  events: RelayEvents,
): Relay {
  return new TcpRelay(driver, downstream, connect, events);
}

/** One direction: what is read from `from` is written to `to`. */
class Direction {
  from!: ByteSocket;
  to!: ByteSocket;
  readable = false;
  ended = false;
  shut = false;
  bytes = 0;
  waiting: { memory: Memory; from: number; to: number } | undefined;
}

class TcpRelay implements Relay {
  readonly #driver: Driver;
  readonly #events: RelayEvents;
  readonly #down: ByteSocket;
  readonly #up: ByteSocket | undefined;
  readonly #toUp = new Direction();
  readonly #toDown = new Direction();
  #connected = false;
  #ended = false;

  constructor(driver: Driver, downstream: ByteSocket, connect: ConnectOptions, events: RelayEvents) {
    this.#driver = driver;
    this.#events = events;
    this.#down = downstream;
    downstream.handler = this.#handler(this.#toUp, this.#toDown);
    try {
      this.#up = driver.connect(connect, this.#handler(this.#toDown, this.#toUp));
    } catch (thrown) {
      const detail = thrown instanceof Error ? thrown.message : "the connection cannot be made";
      driver.after(0, () => this.#end({ kind: "error", code: "connect-failed", detail }, true));
      return;
    }
    this.#toUp.from = downstream;
    this.#toUp.to = this.#up;
    this.#toDown.from = this.#up;
    this.#toDown.to = downstream;
  }

  get bytesFromDownstream(): number {
    return this.#toUp.bytes;
  }

  get bytesToDownstream(): number {
    return this.#toDown.bytes;
  }

  cut(detail: string): void {
    this.#end({ kind: "error", code: "cut", detail }, true);
  }

  close(detail: string): void {
    if (this.#ended) return;
    for (const socket of [this.#down, this.#up])
      if (socket !== undefined && !socket.closed) closeInOrder(socket, arenaOf(this.#driver));
    this.#end({ kind: "error", code: "cut", detail }, false);
  }

  // `reads` is the direction that this socket feeds, `writes` the one that ends in it.
  #handler(reads: Direction, writes: Direction): SocketHandler {
    return {
      onConnected: () => this.#onConnected(),
      onReadable: () => {
        reads.readable = true;
        if (this.#connected) this.#move(reads);
      },
      onWritable: () => {
        if (this.#connected && this.#flush(writes)) this.#move(writes);
      },
      onError: (socket, error) => this.#onError(socket, error),
    };
  }

  #onConnected(): void {
    if (this.#ended) return;
    this.#connected = true;
    this.#events.onEstablished([]);
    // What arrived while the upstream was being connected is looked at now.
    this.#toUp.readable = true;
    this.#move(this.#toUp);
    if (this.#toDown.readable) this.#move(this.#toDown);
  }

  #onError(socket: ByteSocket, error: SocketError): void {
    const detail = error.detail === "" ? error.code : `${error.code}: ${error.detail}`;
    const isConnect = socket === this.#up && !this.#connected;
    this.#end({ kind: "error", code: isConnect ? "connect-failed" : "reset", detail }, true);
  }

  #move(direction: Direction): void {
    const arena = arenaOf(this.#driver);
    let moved = 0;
    while (direction.readable && !direction.ended && !this.#ended && direction.waiting === undefined) {
      if (moved >= TURN_BYTES) {
        this.#driver.again(direction.from);
        return;
      }
      const count = direction.from.read(arena, 0, CHUNK_BYTES);
      if (count === WOULD_BLOCK) {
        direction.readable = false;
        return;
      }
      if (count < 0) {
        this.#end({ kind: "error", code: "reset", detail: `a connection failed (${-count})` }, true);
        return;
      }
      if (count === 0) {
        direction.ended = true;
        this.#finishDirection(direction);
        return;
      }
      moved += count;
      if (count < CHUNK_BYTES) direction.readable = false;
      this.#send(direction, arena, count);
    }
  }

  #send(direction: Direction, arena: Memory, count: number): void {
    const written = Math.max(0, direction.to.write(arena, 0, count));
    direction.bytes += written;
    if (written === count || this.#ended || direction.to.closed) return;
    const copy = this.#driver.allocate(count - written);
    arena.bytes.copy(copy.bytes, 0, written, count);
    direction.waiting = { memory: copy, from: 0, to: count - written };
  }

  /** True when nothing waits any more. */
  #flush(direction: Direction): boolean {
    const { waiting } = direction;
    if (waiting === undefined) return true;
    const written = direction.to.write(waiting.memory, waiting.from, waiting.to - waiting.from);
    if (written <= 0) return false;
    direction.bytes += written;
    waiting.from += written;
    if (waiting.from < waiting.to) return false;
    direction.waiting = undefined;
    if (direction.ended) this.#finishDirection(direction);
    return !this.#ended;
  }

  #finishDirection(direction: Direction): void {
    if (direction.waiting !== undefined || direction.shut) return;
    direction.shut = true;
    if (this.#toUp.shut && this.#toDown.shut) this.#end({ kind: "complete" }, false);
    else direction.to.shutdownWrite();
  }

  #end(end: RelayEnd, abrupt: boolean): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const socket of [this.#down, this.#up]) {
      if (socket === undefined || socket.closed) continue;
      if (abrupt) socket.reset();
      else socket.close();
    }
    this.#events.onEnd(end);
  }
}
