import { AmbitError } from "@ambit/base/errors.ts";
import type { H2Code } from "./h2/h2-code.ts";

/** `connection` the whole HTTP/2 connection must end; `stream` one stream must be reset. */
export type TransportErrorCode = "connection" | "stream";

/** A peer broke the protocol or a limit. The only error that decoders of this room raise. */
export class TransportError extends AmbitError<TransportErrorCode> {
  /** What the peer is told. */
  readonly h2Code: H2Code;
  /** The stream to reset; 0 for the whole connection. */
  readonly streamId: number;

  constructor(h2Code: H2Code, message: string, streamId = 0) {
    super(streamId === 0 ? "connection" : "stream", message);
    this.h2Code = h2Code;
    this.streamId = streamId;
  }
}
