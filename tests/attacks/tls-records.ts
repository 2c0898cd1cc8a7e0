import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { RecordSealer, SEALED_SUITE } from "@ambit/io/testing/record-sealer.ts";
import { dialTcp, RawClient, type Credentials, type Place } from "./raw-client.ts";
import { wait } from "./wait.ts";

/** A socket below TLS that can be taken over after the handshake, and that can send in small pieces. */
class Wire extends Duplex {
  readonly socket: Socket;
  readonly #pieceBytes: number;
  taken = false;

  constructor(socket: Socket, pieceBytes = 0) {
    super();
    this.socket = socket;
    this.#pieceBytes = pieceBytes;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.push(chunk));
    socket.on("end", () => this.push(null));
    socket.on("error", () => undefined);
    socket.on("close", () => this.destroy());
  }

  override _read(): void {
    this.socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.taken || this.socket.destroyed) {
      done();
    } else if (this.#pieceBytes === 0) {
      this.socket.write(chunk, () => done());
    } else {
      void this.#writeInPieces(chunk, done);
    }
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.socket.destroy();
    done(error);
  }

  async #writeInPieces(chunk: Buffer, done: () => void): Promise<void> {
    for (let at = 0; at < chunk.length && !this.socket.destroyed; at += this.#pieceBytes) {
      this.socket.write(chunk.subarray(at, at + this.#pieceBytes));
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    done();
  }
}

export interface HelloShape {
  readonly serverName?: string;
  /** The hello goes out in pieces of so many bytes. @default whole */
  readonly pieceBytes?: number;
  readonly maxVersion?: "TLSv1.2" | "TLSv1.3";
}

/** A tunnel client whose hello has this shape; rejects when TLS does not come about. */
export async function openShaped(
  place: Place,
  shape: HelloShape,
  credentials: Credentials | undefined,
): Promise<RawClient> {
  const wire = new Wire(await dialTcp(place), shape.pieceBytes);
  return new Promise((resolve, reject) => {
    const tls = connectTls({
      socket: wire,
      ALPNProtocols: ["h2"],
      rejectUnauthorized: false,
      ...(shape.serverName === undefined ? {} : { servername: shape.serverName }),
      ...(shape.maxVersion === undefined
        ? {}
        : { maxVersion: shape.maxVersion, minVersion: shape.maxVersion }),
      ...(credentials === undefined ? {} : { cert: credentials.chain, key: credentials.key }),
    });
    tls.once("error", reject);
    tls.once("close", () => reject(new Error("closed")));
    tls.once("secureConnect", () => resolve(new RawClient(tls)));
  });
}

/** TLS 1.3 whose records are written by hand after the handshake: any type, any number, new keys at will. */
export class RecordClient {
  /** Reads what the other side says; must not be written to. */
  readonly reader: RawClient;
  readonly #wire: Wire;
  readonly #sealer: RecordSealer;

  private constructor(reader: RawClient, wire: Wire, sealer: RecordSealer) {
    this.reader = reader;
    this.#wire = wire;
    this.#sealer = sealer;
  }

  /** Rejects when TLS does not come about. */
  static async open(place: Place, credentials: Credentials | undefined): Promise<RecordClient> {
    const wire = new Wire(await dialTcp(place));
    const secrets: Buffer[] = [];
    const tls = connectTls({
      socket: wire,
      ALPNProtocols: ["h2"],
      rejectUnauthorized: false,
      minVersion: "TLSv1.3",
      ciphers: SEALED_SUITE,
      ...(credentials === undefined ? {} : { cert: credentials.chain, key: credentials.key }),
    });
    tls.on("keylog", (line: Buffer) => secrets.push(line));
    await new Promise<void>((resolve, reject) => {
      tls.once("error", reject);
      tls.once("close", () => reject(new Error("closed")));
      tls.once("secureConnect", () => resolve());
    });
    // Our Finished is on its way below TLS.
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
    wire.taken = true;
    return new RecordClient(new RawClient(tls), wire, RecordSealer.fromKeyLog(secrets));
  }

  get closed(): boolean {
    return this.#wire.socket.destroyed || this.reader.closed;
  }

  /** One record under the present keys. */
  seal(type: number, content: Uint8Array): Buffer {
    return this.#sealer.seal(type, content);
  }

  /** A request for new keys, under which everything after it is sealed. */
  sealKeyUpdate(demandsAnswer: boolean): Buffer {
    return this.#sealer.sealKeyUpdate(demandsAnswer);
  }

  send(...records: readonly Uint8Array[]): void {
    if (!this.closed) this.#wire.socket.write(Buffer.concat(records));
  }

  /** Sends records as fast as they are taken; `closed` when the other side ends it within the time after. */
  async flood(count: number, make: () => Buffer, patienceMs = 5_000): Promise<"closed" | "open"> {
    for (let index = 0; index < count && !this.closed; index += 100) {
      const batch = Buffer.concat(Array.from({ length: 100 }, make));
      const taken = new Promise<void>((resolve) => {
        this.#wire.socket.write(batch, () => resolve());
      });
      await Promise.race([taken, wait(10_000)]);
    }
    const deadline = performance.now() + patienceMs;
    while (!this.closed && performance.now() < deadline) await wait(20);
    return this.closed ? "closed" : "open";
  }

  end(): void {
    this.#wire.destroy();
    this.reader.end();
  }
}
