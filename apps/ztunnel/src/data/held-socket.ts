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
    let state: "held" | "gone" | "released" = "held";
    const leave = (next: "gone" | "released"): void => {
      if (state !== "held") return;
      state = next;
      this.#held--;
    };
    const handler: SocketHandler = {
      onConnected: () => undefined,
      onReadable: () => undefined,
      onWritable: () => undefined,
      onError: () => {
        leave("gone");
        onGone?.();
      },
    };
    socket.handler = handler;
    return {
      socket,
      get gone() {
        return state === "gone" || socket.closed;
      },
      release: () => {
        const present = state === "held" && !socket.closed;
        leave(present ? "released" : "gone");
        return present;
      },
      close: () => {
        leave("gone");
        if (!socket.closed) socket.close();
      },
    };
  }
}
