import { describe, expect, it } from "vitest";
import { seededRandom } from "@ambit/base/random.ts";
import type { Random } from "@ambit/base/random.ts";
import type { ByteSocket, Driver, Memory, SocketHandler, TlsContext } from "../driver.ts";
import { testAuthority } from "../testing/certificates.ts";
import { createEngineDriver } from "./engine-driver.ts";

const CONNECTIONS = 400;
const BUFFER = 256 * 1024;

/** An owner that does anything an owner may do, at any time, and notes every breach of the interface's promises. */
class Vandal implements SocketHandler {
  static breaches: string[] = [];
  readonly #driver: Driver;
  readonly #random: Random;
  readonly #memory: Memory;
  #over = false;

  constructor(driver: Driver, random: Random, memory: Memory) {
    this.#driver = driver;
    this.#random = random;
    this.#memory = memory;
  }

  onConnected(socket: ByteSocket): void {
    this.#expectAlive(socket, "onConnected");
    if (!this.#misbehave(socket)) this.#write(socket);
  }

  onReadable(socket: ByteSocket): void {
    this.#expectAlive(socket, "onReadable");
    for (let count = 0; count < 30; count++) {
      if (this.#misbehave(socket)) return;
      const length = 1 + this.#random.below(this.#random.next() < 0.5 ? BUFFER : 3000);
      const got = socket.read(this.#memory, 0, length);
      if (got === 0) {
        this.#write(socket);
        socket.close();
      }
      if (got <= 0) return;
      this.#write(socket);
    }
    this.#driver.again(socket);
  }

  onWritable(socket: ByteSocket): void {
    this.#expectAlive(socket, "onWritable");
    if (!this.#misbehave(socket)) this.#write(socket);
  }

  onError(socket: ByteSocket): void {
    if (!socket.closed) Vandal.breaches.push("onError of an open socket");
    if (this.#over) Vandal.breaches.push("a second onError");
    this.#over = true;
  }

  #expectAlive(socket: ByteSocket, call: string): void {
    if (socket.closed || this.#over) Vandal.breaches.push(`${call} of a closed socket`);
  }

  /** True when the socket was given up at once. */
  #misbehave(socket: ByteSocket): boolean {
    const choice = this.#random.below(100);
    if (choice < 2) socket.reset();
    else if (choice < 4) socket.close();
    else if (choice < 6) socket.shutdownWrite();
    else if (choice < 8) socket.setReceiveLowWater(1 + this.#random.below(200_000));
    else if (choice < 10) this.#driver.endOfTurn(() => socket.close());
    else if (choice < 12) this.#driver.after(this.#random.below(10), () => socket.reset());
    return socket.closed;
  }

  #write(socket: ByteSocket): void {
    for (let count = this.#random.below(4); count > 0; count--) {
      const length = 1 + this.#random.below(this.#random.next() < 0.2 ? BUFFER : 5000);
      const windows = Int32Array.from([0, 100, 1000, length >> 1, 7, 0]);
      const gather = this.#random.next() < 0.3;
      const sent = gather ? socket.writev(this.#memory, windows, 3) : socket.write(this.#memory, 0, length);
      if (sent < 0) return;
    }
  }
}

async function vandalize(driver: Driver, random: Random, context: TlsContext): Promise<void> {
  const memory = driver.allocate(BUFFER);
  const vandal = (): Vandal => new Vandal(driver, random, memory);
  const { local } = driver.listen({ ip: "127.0.0.1", port: 0 }, (socket) => {
    socket.handler = vandal();
    const choice = random.below(20);
    if (choice === 0) socket.reset();
    else if (choice < 18) driver.tlsAccept(socket, context, vandal());
  });
  const open: ByteSocket[] = [];
  for (let count = 0; count < CONNECTIONS; count++) {
    const socket = driver.connect({ ...local, timeoutMs: 1 + random.below(500) }, vandal());
    open.push(random.below(20) === 0 ? socket : driver.tlsConnect(socket, context, vandal()));
    if (count % 8 !== 7) continue;
    await new Promise<void>((resolve) => {
      driver.after(2, resolve);
    });
  }
  await new Promise<void>((resolve) => {
    driver.after(100, resolve);
  });
  for (const socket of open) socket.close();
}

describe("engine driver under abuse, in checked mode", () => {
  it.each([1, 2])("keeps its promises and never touches freed memory (seed %d)", async (seed) => {
    const authority = await testAuthority();
    const driver = createEngineDriver({ checked: true });
    const context = driver.tlsContext(await authority.issue("spiffe://td/ns/a/sa/b"));
    Vandal.breaches = [];
    driver.start();
    await vandalize(driver, seededRandom(seed), context);
    driver.stop();
    context.release();
    expect(Vandal.breaches).toEqual([]);
  });
});
