/** A message as it arrived. Nothing of it is trusted before its signature was checked. */
export interface BusMessage {
  readonly subject: string;
  readonly data: Uint8Array;
}

/** Publish and subscribe, at most once: a lost message costs latency, never truth. */
export interface Bus {
  /** Best effort; dropped while there is no connection. */
  publish(subject: string, data: Uint8Array): void;
  /** Calls `onMessage` for every message on a subject (`*` one token, `>` the rest). Returns how to stop. */
  subscribe(subject: string, onMessage: (message: BusMessage) => void): () => void;
  readonly connected: boolean;
  close(): Promise<void>;
}
