import type { AcceptedSocket, Listener, ListenOptions, Memory, SocketAddress } from "../driver.ts";
import { EMFILE, ENFILE, ENOBUFS, ENOMEM, EPOLLIN } from "../linux.ts";
import type { EngineRoom } from "./engine-socket.ts";
import type { Watched } from "./loop.ts";
import { NO_HANDLER, PlainSocket } from "./plain-socket.ts";

/** Connections accepted in one turn; more wait for the next, as the listener is watched level-triggered. */
const ACCEPT_BATCH = 64;

/** Answers of accept that mean the process or the system is full, and how long the listener waits then. */
const EXHAUSTED: ReadonlySet<number> = new Set([EMFILE, ENFILE, ENOBUFS, ENOMEM]);
const PAUSE_MS = 100;

/** A listening socket in the loop. */
export class EngineListener implements Listener, Watched {
  queued = false;
  readonly local: SocketAddress;
  readonly #room: EngineRoom;
  readonly #vectors: Memory;
  readonly #onAccept: (socket: AcceptedSocket) => void;
  readonly #wantsOriginal: boolean;
  #slot: number;
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

  // Without a whole reserve nobody is let in, who would only take from those who are. A failed accept is EAGAIN or a
  // connection that is gone already; as the event is level-triggered, the loop comes back for the others by itself. For
  // the same reason it must look away while the system has nothing left to give.
  onEvents(): void {
    for (let count = 0; count < ACCEPT_BATCH && this.#fd >= 0; count++) {
      if (!this.#room.reserve.fill()) {
        this.#pause();
        return;
      }
      const { fd, remote } = this.#room.maker.accept(this.#fd);
      if (fd < 0) {
        if (EXHAUSTED.has(-fd)) this.#pause();
        return;
      }
      this.#welcome(fd, remote);
    }
  }

  #pause(): void {
    this.#room.reserve.stepBack();
    this.#room.loop.unwatch(this.#fd);
    this.#room.loop.retire(this.#slot);
    this.#slot = -1;
    this.#room.loop.after(PAUSE_MS, () => {
      if (this.#fd >= 0) this.#slot = this.#room.loop.register(this, this.#fd, EPOLLIN);
    });
  }

  onTurn(): void {
    this.onEvents();
  }

  #welcome(fd: number, remote: SocketAddress): void {
    const socket = new PlainSocket(this.#room, this.#vectors, NO_HANDLER, fd, remote, "open");
    if (this.#wantsOriginal)
      socket.originalDestination = this.#room.maker.originalDestination(fd, remote, this.local.port, socket);
    socket.watch();
    this.#onAccept(socket);
  }

  close(): void {
    const fd = this.#fd;
    if (fd < 0) return;
    this.#fd = -1;
    // The descriptor may have been handed to another process: the watch would outlive our close.
    if (this.#slot >= 0) {
      this.#room.loop.unwatch(fd);
      this.#room.loop.retire(this.#slot);
    }
    this.#room.sys.close(fd);
  }
}
