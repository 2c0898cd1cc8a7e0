import { connectFrame, END_STREAM, frame, TYPE } from "./frames.ts";
import { RawClient, type Outcome, type Place, type RawOptions } from "./raw-client.ts";
import { SERVED } from "./row.ts";
import type { World } from "./world.ts";

export const REQUEST = Buffer.from("GET /healthz HTTP/1.1\r\nHost: myapp\r\nConnection: close\r\n\r\n");

/** A tunnel connection of the mesh's member. */
export function openTunnel(world: World, options: RawOptions = {}): Promise<RawClient> {
  return RawClient.open(world.hbone, { credentials: world.member, ...options });
}

/** Does something on a tunnel connection of its own and closes it; TLS that fails is an outcome too. */
export async function onTunnel(
  world: World,
  act: (client: RawClient) => Promise<Outcome>,
  options: RawOptions = {},
): Promise<Outcome> {
  return on(world.hbone, { credentials: world.member, ...options }, act);
}

export async function on(
  place: Place,
  options: RawOptions,
  act: (client: RawClient) => Promise<Outcome>,
): Promise<Outcome> {
  let client: RawClient;
  try {
    client = await RawClient.open(place, options);
  } catch {
    return "tls refused";
  }
  try {
    return await act(client);
  } finally {
    client.end();
  }
}

/** Asks the application over a stream that is opened for it. */
export async function ask(
  client: RawClient,
  world: World,
  streamId = 1,
  opening = connectFrame(streamId, world.app),
): Promise<Outcome> {
  client.send(opening);
  const outcome = await client.outcome(streamId);
  return outcome === "status 200" ? request(client, streamId) : outcome;
}

/** Asks the application over an open stream. */
export async function request(client: RawClient, streamId: number): Promise<Outcome> {
  client.send(frame(TYPE.data, END_STREAM, streamId, REQUEST));
  const answered = await client.has(() =>
    client.data(streamId).toString("latin1").startsWith("HTTP/1.1 200"),
  );
  return answered ? SERVED : await client.outcome(streamId, 0);
}

/** The plain twin: a connection, a tunnel, an answer. */
export function works(world: World): Promise<Outcome> {
  return onTunnel(world, (client) => ask(client, world));
}
