import type { ByteSocket, Memory } from "@ambit/io/driver.ts";

/** Reads of what the other end had sent when its connection is closed; who sends more is not waiting for an end. */
const MAX_DISCARDS = 16;

/**
 * Closes a connection whose other end may still be sending. The kernel resets one that is closed with bytes unread, and the
 * other end would see an error instead of an end: what is there is read into `scratch` and dropped.
 */
export function closeInOrder(socket: ByteSocket, scratch: Memory): void {
  socket.shutdownWrite();
  for (let reads = 0; reads < MAX_DISCARDS; reads++)
    if (socket.read(scratch, 0, scratch.bytes.length) <= 0) break;
  if (!socket.closed) socket.close();
}
