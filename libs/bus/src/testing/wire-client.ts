import { connect, type Socket } from "node:net";
import { systemClock } from "@ambit/base/clock.ts";

const PATIENCE_MS = 8_000;

/** A client that speaks the bus's protocol by hand, so that it can also speak it wrongly. */
export class WireClient {
  readonly #socket: Socket;
  readonly #waiting = new Set<() => void>();
  /** Everything the broker said so far. */
  text = "";
  closed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes: Buffer) => {
      this.text += bytes.toString("latin1");
      this.#wake();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.closed = true;
      this.#wake();
    });
  }

  /** Connects and waits for the broker's greeting. */
  static async open(port: number): Promise<WireClient> {
    const client = new WireClient(connect(port, "127.0.0.1"));
    await client.until("INFO ");
    return client;
  }

  send(bytes: string | Uint8Array): void {
    if (!this.#socket.destroyed) this.#socket.write(bytes);
  }

  /** Names itself and waits until the broker has taken it, or thrown it out. */
  async login(user: string, pass: string): Promise<void> {
    this.send(
      `CONNECT ${JSON.stringify({ user, pass, verbose: false, pedantic: false, headers: true })}\r\n`,
    );
    await this.sync();
  }

  /** Waits until the broker has taken everything sent so far, or ended the connection. */
  async sync(): Promise<void> {
    const before = this.#count("PONG\r\n");
    this.send("PING\r\n");
    await this.#wait(() => this.closed || this.#count("PONG\r\n") > before);
  }

  /** Resolves when the broker has said this. */
  async until(text: string): Promise<void> {
    await this.#wait(() => this.text.includes(text));
  }

  async untilClosed(): Promise<void> {
    await this.#wait(() => this.closed);
  }

  /** The payloads of the messages it got. */
  get messages(): readonly string[] {
    return [...this.text.matchAll(/^MSG (\S+) \S+ (?:\S+ )?[0-9]+\r\n(.*)\r\n/gm)].map(
      ([, subject = "", payload = ""]) => `${subject}=${payload}`,
    );
  }

  /** The broker's complaints. */
  get errors(): readonly string[] {
    return [...this.text.matchAll(/^-ERR '(.*)'\r\n/gm)].map(([, text = ""]) => text);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }

  #count(text: string): number {
    return this.text.split(text).length - 1;
  }

  #wake(): void {
    for (const check of this.#waiting) check();
  }

  #wait(isReached: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = systemClock.after(PATIENCE_MS, () => {
        this.#waiting.delete(check);
        reject(new Error(`The broker did not get there; it said: ${this.text.slice(-300)}`));
      });
      const check = (): void => {
        if (!isReached()) return;
        timer.cancel();
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }
}
