import { DockerError } from "./docker-error.ts";

/** Cuts a stream of bytes into lines of bounded length. */
export class LineSplitter {
  readonly #maxBytes: number;
  #rest: Buffer = Buffer.alloc(0);

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that are complete now, without their ends and without empty ones. Throws a DockerError `too-large`. */
  *push(chunk: Buffer): Generator<string> {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const end = this.#rest.indexOf(0x0a);
      const length = end < 0 ? this.#rest.length : end;
      if (length > this.#maxBytes)
        throw new DockerError("too-large", `The engine sent a line of more than ${this.#maxBytes} bytes`);
      if (end < 0) return;
      const line = this.#rest.subarray(0, end).toString("utf8").trim();
      this.#rest = this.#rest.subarray(end + 1);
      if (line !== "") yield line;
    }
  }
}
