import type {
  AcceptedSocket,
  Listener,
  ListenOptions,
  Memory,
  SocketAddress,
  SocketHandler,
} from "../driver.ts";
import { EPOLLIN } from "../linux.ts";
import type { EngineRoom } from "./engine-socket.ts";
import type { Watched } from "./loop.ts";
import { PlainSocket } from "./plain-socket.ts";

/** Connections accepted in one turn; more wait for the next, as the listener is watched level-triggered. */
const ACCEPT_BATCH = 64;

/** Accepted sockets have this handler until the acceptor sets its own. */
const NO_HANDLER: SocketHandler = {
  onConnected: () => undefined,
  onReadable: () => undefined,
  onWritable: () => undefined,
  onError: () => undefined,
};

/** A listening socket in the loop. */
export class EngineListener implements Listener, Watched {
  queued = false;
  readonly local: SocketAddress;
  readonly #room: EngineRoom;
  readonly #vectors: Memory;
  readonly #onAccept: (socket: AcceptedSocket) => void;
  readonly #wantsOriginal: boolean;
  readonly #slot: number;
  #fd: number;

  /** Owns `fd` from here on. Throws an IoError `socket`, with `fd` closed. */
  constructor(
    room: EngineRoom,
    vectors: Memory,
    fd: number,
    options: ListenOptions,
    onAccept: (socket: AcceptedSocket) => void,
  ) {
    this.#room = room;
    this.#vectors = vectors;
    this.#fd = fd;
    this.#onAccept = onAccept;
    this.#wantsOriginal = options.originalDestination === true;
    this.local = room.maker.localAddress(fd);
    try {
      this.#slot = room.loop.register(this, fd, EPOLLIN);
    } catch (error) {
      room.sys.close(fd);
      throw error;
    }
  }

  get fd(): number {
    return this.#fd;
  }

  // A failed accept is EAGAIN, a connection that is gone already, or no descriptors left; the loop comes back for the
  // last by itself because the event is level-triggered.
  onEvents(): void {
    for (let count = 0; count < ACCEPT_BATCH && this.#fd >= 0; count++) {
      const { fd, remote } = this.#room.maker.accept(this.#fd);
      if (fd < 0) return;
      this.#welcome(fd, remote);
    }
  }

  onTurn(): void {
    this.onEvents();
  }

  #welcome(fd: number, remote: SocketAddress): void {
    this.#room.maker.noDelay(fd);
    const socket = new PlainSocket(this.#room, this.#vectors, NO_HANDLER, fd, remote, "open");
    if (this.#wantsOriginal)
      socket.originalDestination = this.#room.maker.originalDestination(fd, socket.local);
    socket.watch();
    this.#onAccept(socket);
  }

  close(): void {
    const fd = this.#fd;
    if (fd < 0) return;
    this.#fd = -1;
    // The descriptor may have been handed to another process: the watch would outlive our close.
    this.#room.loop.unwatch(fd);
    this.#room.loop.retire(this.#slot);
    this.#room.sys.close(fd);
  }
}
