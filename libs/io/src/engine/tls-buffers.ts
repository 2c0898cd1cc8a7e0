import type { Memory } from "../driver.ts";
import type { Sys } from "../sys.ts";
import type { Handle, TlsSys, Window } from "../sys-tls.ts";

/** Most plaintext that one write seals. */
export const MAX_WRITE = 256 * 1024;
/** Ciphertext read from a socket by one call. */
export const INPUT_BYTES = 256 * 1024;
/** An output buffer: a full write, its record overhead (22 bytes each 16 KiB), and a handshake flight or alerts. */
const OUTPUT_BYTES = MAX_WRITE + 64 * 1024;
/** What one OpenSSL call may add to a buffer at most, besides the data of a write. */
const CALL_ROOM = 60 * 1024;
/** Idle output buffers kept for reuse. */
const POOL_LIMIT = 64;
const STRUCT_BYTES = 64;

/**
 * The buffers that all TLS sessions of one driver take turns with. `input` holds ciphertext only inside one call of a
 * session; `control` catches what OpenSSL emits while it reads (an alert). Output buffers are lent to a session from a
 * seal until its bytes have left.
 */
export class TlsBuffers {
  readonly tls: TlsSys;
  readonly input: Memory;
  readonly gather: Memory;
  /** DER of a peer certificate. */
  readonly certificate: Memory;
  readonly control: Memory;
  readonly inputWindow: Window;
  readonly outputWindow: Window;
  readonly controlWindow: Window;
  readonly #sys: Sys;
  readonly #pool: Memory[] = [];

  constructor(sys: Sys, tls: TlsSys) {
    this.tls = tls;
    this.#sys = sys;
    this.input = sys.allocate(INPUT_BYTES);
    this.gather = sys.allocate(MAX_WRITE);
    this.certificate = sys.allocate(128 * 1024);
    this.control = sys.allocate(CALL_ROOM);
    const struct = sys.allocate(4096);
    this.inputWindow = { struct, at: 0 };
    this.outputWindow = { struct, at: STRUCT_BYTES };
    this.controlWindow = { struct, at: STRUCT_BYTES * 2 };
  }

  /** An output buffer; give it back with `putBack`. */
  take(): Memory {
    return this.#pool.pop() ?? this.#sys.allocate(OUTPUT_BYTES);
  }

  putBack(buffer: Memory): void {
    if (this.#pool.length < POOL_LIMIT) this.#pool.push(buffer);
  }

  /** Points a session's output BIO behind the `used` bytes of `buffer`; false when the room left is too small. */
  pointOutput(bio: Handle, buffer: Memory, used: number): boolean {
    if (buffer.bytes.length - used < CALL_ROOM) return false;
    this.tls.point(bio, this.outputWindow, buffer, 0, used, buffer.bytes.length);
    return true;
  }

  /** Points a session's output BIO at the control buffer, empty. */
  pointControl(bio: Handle): void {
    this.tls.point(bio, this.controlWindow, this.control, 0, 0, this.control.bytes.length);
  }

  /** Points a session's input BIO at `length` bytes of ciphertext. */
  pointInput(bio: Handle, memory: Memory, offset: number, length: number): void {
    this.tls.point(bio, this.inputWindow, memory, offset, length, length);
  }
}
