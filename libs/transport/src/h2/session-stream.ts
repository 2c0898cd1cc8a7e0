/** Our receive windows and limits; the contract's numbers. */
export const STREAM_WINDOW_BYTES = 4 * 1024 * 1024;
export const CONNECTION_WINDOW_BYTES = 16 * 1024 * 1024;
export const MAX_FRAME_BYTES = 1024 * 1024;
export const SERVER_MAX_STREAMS = 200;

/** The protocol's view of one stream; the owner hangs its own state on it. */
export interface SessionStream {
  readonly id: number;
  /** Bytes the peer lets us send. */
  sendWindow: number;
  /** Bytes received and not yet given back to the peer. */
  receiveUsed: number;
  /** Bytes consumed since the last window update of this stream. */
  receiveFreed: number;
  /** The peer has ended its direction. */
  remoteEnded: boolean;
  /** We have ended our direction. */
  localEnded: boolean;
  /** Headers were exchanged both ways: the tunnel is open. */
  answered: boolean;
}
