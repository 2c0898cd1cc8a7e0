import { connectFrame } from "../frames.ts";
import type { RawClient } from "../raw-client.ts";
import type { World } from "../world.ts";

/** Verdicts of a flood. */
export const CALM = ["goaway 11", "closed"];
/** Repeats a piece made from a number, a few hundred in a write. */
export function* times(count: number, make: (index: number) => Uint8Array): Generator<Buffer> {
  for (let index = 0; index < count; index += 200) {
    const size = Math.min(200, count - index);
    yield Buffer.concat(Array.from({ length: size }, (_, offset) => make(index + offset)));
  }
}

/** Sends it all; what became of the connection. */
export async function flood(client: RawClient, pieces: Iterable<Uint8Array>): Promise<string> {
  await client.flood(pieces);
  return client.outcome(0);
}

/** Many streams, all answered; returns the client's outcome for the last. */
export async function openMany(client: RawClient, world: World, count: number): Promise<string> {
  for (let index = 0; index < count; index++) client.send(connectFrame(1 + index * 2, world.app));
  let last = "open";
  for (let index = 0; index < count; index++) last = await client.outcome(1 + index * 2);
  return last;
}
