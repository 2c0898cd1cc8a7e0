import { fstatSync, writeSync } from "node:fs";

/** Where the runtime's streams end: a file that is full today may have room tomorrow. */
type WriteBytes = (bytes: Buffer) => number;

/**
 * Writes lines where there may be no room for them. What cannot be written is given up and counted, never an error: a
 * full disk must not end a proxy. As soon as there is room again a line says how many characters were lost.
 */
export class LineOutput {
  readonly #write: WriteBytes;
  #lost = 0;
  #reason = "";
  /** The last line was cut off. */
  #isCut = false;

  /** `write` returns how many bytes it took, or throws. */
  constructor(write: WriteBytes) {
    this.#write = write;
  }

  /** Characters that were given up and not yet told of. */
  get lost(): number {
    return this.#lost;
  }

  /** `text` is one or more whole lines. */
  put(text: string): void {
    if (this.#lost > 0 && !this.#tell()) {
      this.#lost += text.length;
      return;
    }
    this.#try(text);
  }

  #tell(): boolean {
    const lost = this.#lost;
    const start = this.#isCut ? "\n" : "";
    if (!this.#try(`${start}${lost} characters of log were lost: ${this.#reason}\n`)) {
      this.#lost = lost;
      return false;
    }
    this.#lost = 0;
    this.#isCut = false;
    return true;
  }

  #try(text: string): boolean {
    const bytes = Buffer.from(text);
    let done = 0;
    try {
      while (done < bytes.length) {
        const count = this.#write(bytes.subarray(done));
        if (count <= 0) break;
        done += count;
      }
      if (done === bytes.length) return true;
      this.#reason = "nothing was taken";
    } catch (thrown) {
      this.#reason = (thrown as NodeJS.ErrnoException).code ?? "unknown";
    }
    if (done > 0) this.#isCut = true;
    this.#lost += bytes.length - done;
    return false;
  }
}

/** Takes whole lines to a descriptor: a file directly, anything else (a pipe, a terminal) through its stream. */
export function lineSink(fd: number, stream: NodeJS.WritableStream | undefined): (lines: string) => void {
  if (stream === undefined || fstatSync(fd).isFile()) {
    const output = new LineOutput((bytes) => writeSync(fd, bytes));
    return (lines) => output.put(lines);
  }
  // Who reads it has gone: there is nobody left to tell.
  stream.on("error", () => undefined);
  return (lines) => void stream.write(lines);
}
