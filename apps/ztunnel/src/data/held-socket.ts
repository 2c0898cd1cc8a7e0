import type { ByteSocket, SocketHandler } from "@ambit/io/driver.ts";

/** An accepted socket whose bytes wait in the kernel until somebody may take them. */
export interface HeldSocket {
  readonly socket: ByteSocket;
  /** True once the client has gone. */
  readonly gone: boolean;
  /** Hands the socket on: the hold no longer looks at it. False when the client has gone. */
  release(): boolean;
  /** Ends the wait and closes the socket; harmless when it is gone. */
  close(): void;
}

/** Connections that may wait at once, so that a control plane that is away cannot fill the memory. */
const MAX_HELD = 8_192;

/** Holds accepted connections while their workload or certificate is on its way. */
export class HoldingArea {
  readonly #limit: number;
  #held = 0;

  /** `limit`: @default 8192 */
  constructor(limit = MAX_HELD) {
    this.#limit = limit;
  }

  get held(): number {
    return this.#held;
  }

  /** Undefined when too many wait already; the socket is closed then. `onGone` is called when the client leaves. */
  hold(socket: ByteSocket, onGone?: () => void): HeldSocket | undefined {
    if (this.#held >= this.#limit) {
      socket.close();
      return undefined;
    }
    this.#held++;
    return new Hold(socket, () => this.#held--, onGone);
  }
}

// A class, because an object literal with a getter is a new shape each time, and V8 keeps those for long.
class Hold implements HeldSocket, SocketHandler {
  readonly socket: ByteSocket;
  readonly #onLeft: () => void;
  readonly #onGone: (() => void) | undefined;
  #state: "held" | "gone" | "released" = "held";

  constructor(socket: ByteSocket, onLeft: () => void, onGone: (() => void) | undefined) {
    this.socket = socket;
    this.#onLeft = onLeft;
    this.#onGone = onGone;
    socket.handler = this;
  }

  get gone(): boolean {
    return this.#state === "gone" || this.socket.closed;
  }

  release(): boolean {
    const present = this.#state === "held" && !this.socket.closed;
    this.#leave(present ? "released" : "gone");
    return present;
  }

  close(): void {
    this.#leave("gone");
    if (!this.socket.closed) this.socket.close();
  }

  onConnected(): void {
    // It is connected already.
  }

  onReadable(): void {
    // Its bytes wait in the kernel.
  }

  onWritable(): void {
    // Nothing was written.
  }

  onError(): void {
    this.#leave("gone");
    this.#onGone?.();
  }

  #leave(next: "gone" | "released"): void {
    if (this.#state !== "held") return;
    this.#state = next;
    this.#onLeft();
  }
}
