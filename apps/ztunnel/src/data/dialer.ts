import type {
  ByteSocket,
  ConnectOptions,
  Driver,
  Memory,
  SocketAddress,
  SocketError,
  SocketHandler,
} from "@ambit/io/driver.ts";
import type { DataSettings } from "../messages.ts";
import type { Pod } from "./pod.ts";

/** What the caller of `dial` is told; exactly one of the two, never inside the call. */
export interface DialEvents {
  /** The new owner must set `socket.handler` before it returns. */
  onConnected(socket: ByteSocket): void;
  onFailed(detail: string): void;
}

/** Errors that say "not from that address", after which the own address is tried. */
const SOURCE_REFUSED = new Set(["EPERM", "EACCES", "EADDRNOTAVAIL", "ENOPROTOOPT", "EINVAL"]);

type DialerSettings = Pick<DataSettings, "mark" | "originalSource" | "localCongestionControl">;

/** Opens connections to applications inside pods, from the client's address where that is wanted and possible. */
export class Dialer {
  readonly #driver: Driver;
  readonly #settings: DialerSettings;
  readonly #scratch: Memory;

  constructor(driver: Driver, settings: DialerSettings) {
    this.#driver = driver;
    this.#settings = settings;
    this.#scratch = driver.allocate(4096);
  }

  /** `sourceIp` undefined: from the pod's own address. */
  dial(
    pod: Pod,
    target: SocketAddress,
    sourceIp: string | undefined,
    events: DialEvents,
  ): { cancel(): void } {
    const spoof = this.#source(pod, target, sourceIp);
    let current = this.#attempt(pod, target, spoof, {
      onConnected: (socket) => events.onConnected(socket),
      onFailed: (error) => {
        if (spoof !== undefined && this.#mayFallBack(error)) {
          pod.transparent = false;
          current = this.#attempt(pod, target, undefined, {
            onConnected: (socket) => events.onConnected(socket),
            onFailed: (second) => events.onFailed(describe(second)),
          });
        } else events.onFailed(describe(error));
      },
    });
    return { cancel: () => current?.reset() };
  }

  /** The options a plain relay connects with. */
  options(pod: Pod, target: SocketAddress, sourceIp: string | undefined): ConnectOptions {
    return this.#options(pod, target, this.#source(pod, target, sourceIp));
  }

  /** Writes a small header to a fresh connection; false when not all of it was taken. */
  writeAll(socket: ByteSocket, bytes: Uint8Array): boolean {
    if (bytes.length > this.#scratch.bytes.length) return false;
    this.#scratch.bytes.set(bytes, 0);
    return socket.write(this.#scratch, 0, bytes.length) === bytes.length;
  }

  // The kernel would answer a connection to itself from a foreign socket, so source = destination is left alone.
  #source(pod: Pod, target: SocketAddress, sourceIp: string | undefined): string | undefined {
    const { originalSource } = this.#settings;
    if (sourceIp === undefined || originalSource === "false" || sourceIp === target.ip) return undefined;
    if (originalSource === "auto" && !pod.transparent) return undefined;
    return sourceIp.includes(":") === target.ip.includes(":") ? sourceIp : undefined;
  }

  #mayFallBack(error: SocketError): boolean {
    return this.#settings.originalSource === "auto" && SOURCE_REFUSED.has(error.code);
  }

  #options(pod: Pod, target: SocketAddress, spoof: string | undefined): ConnectOptions {
    const own = {
      ip: target.ip,
      port: target.port,
      namespaceFd: pod.namespaceFd,
      mark: this.#settings.mark,
      congestionControl: pod.paced ? this.#settings.localCongestionControl : undefined,
    };
    return spoof === undefined ? own : { ...own, sourceIp: spoof, transparent: true };
  }

  #attempt(
    pod: Pod,
    target: SocketAddress,
    spoof: string | undefined,
    events: { onConnected(socket: ByteSocket): void; onFailed(error: SocketError): void },
  ): ByteSocket | undefined {
    const handler: SocketHandler = {
      onConnected: (socket) => events.onConnected(socket),
      onReadable: () => undefined,
      onWritable: () => undefined,
      onError: (_socket, error) => events.onFailed(error),
    };
    try {
      return this.#driver.connect(this.#options(pod, target, spoof), handler);
    } catch (thrown) {
      const facts = (thrown as { facts?: Record<string, unknown> }).facts ?? {};
      const code = typeof facts["errno"] === "string" ? facts["errno"] : "EINVAL";
      const detail = thrown instanceof Error ? thrown.message : code;
      this.#driver.after(0, () => events.onFailed({ kind: "connect", code, detail }));
      return undefined;
    }
  }
}

function describe(error: SocketError): string {
  return error.detail === "" ? error.code : `${error.code}: ${error.detail}`;
}
