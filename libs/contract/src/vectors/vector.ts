import type { PlainMessage } from "../testing/tiny-encoder.ts";

/** One message and its bytes. The bytes are data: they never change, whatever writes or reads them. */
export interface Vector {
  /** Full name. */
  readonly message: string;
  readonly what: string;
  readonly value: PlainMessage;
  /** Lines of hexadecimal digits. */
  readonly hex: readonly string[];
}
