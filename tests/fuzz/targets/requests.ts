import { envoy } from "@ambit/contract/gen/ambit.js";
import type { DeltaRequest } from "@ambit/contract/grpc-services.ts";
import { TYPE_URLS } from "@ambit/contract/type-urls.ts";
import type { Random } from "@ambit/base/random.ts";
import { DeltaSession, type SessionResponse } from "@ambit/xds/server/session.ts";
import { Snapshot } from "@ambit/xds/server/snapshot.ts";
import { chanceOf } from "../pieces.ts";
import { must, type FuzzTarget } from "../target.ts";
import { once, pick, several, word } from "../words.ts";

const { DeltaDiscoveryRequest } = envoy.service.discovery.v3;
const NAMES = Array.from({ length: 12 }, (_, index) => `${index % 3 === 0 ? "secret" : "shop"}/r${index}`);
const MAX_KEYS = 20;

/**
 * Requests of one client, each after its length in two bytes, with changes of the mesh in between. A client never gets
 * what it may not read, never a resource twice without a change, and never makes the server keep more than its limits.
 */
export function create(): FuzzTarget {
  return {
    valid: (random) => {
      const requests = Array.from({ length: 1 + random.below(4) }, () => someRequest(random));
      return Buffer.concat(requests.flatMap((bytes) => [Buffer.of(bytes.length >> 8, bytes.length), bytes]));
    },
    check: (input) => {
      const random = chanceOf(input);
      const snapshot = new Snapshot(TYPE_URLS.address);
      snapshot.apply({ put: NAMES.map((name) => entry(name, 1)) });
      let nonce = 0;
      const session = new DeltaSession(snapshot, {
        mayRead: ({ name }) => !name.startsWith("secret/"),
        newNonce: () => `n${nonce++}`,
        maxKeys: MAX_KEYS,
      });
      snapshot.subscribe((names) => session.onChange(names));
      for (const request of requestsOf(input)) {
        if (session.onRequest(request) !== undefined) return;
        drain(session);
        snapshot.apply({ put: [entry(pick(random, NAMES), random.below(99))] });
        drain(session);
      }
      must("a session is limited", session.state.subscribed <= MAX_KEYS);
    },
  };
}

function entry(name: string, content: number) {
  return { name, bytes: Buffer.from(`${name} ${content}`), aliases: [`/10.0.0.${name.length}`] };
}

function drain(session: DeltaSession): void {
  const response: SessionResponse | undefined = session.next({ maxBytes: 200, removals: true });
  if (response === undefined) return;
  for (const { name } of response.resources) must("nothing secret is sent", !name.startsWith("secret/"));
  const names = response.resources.map(({ name }) => name);
  must("nothing is sent twice", new Set(names).size === names.length);
  must("one response waits at a time", session.next({ maxBytes: 200, removals: true }) === undefined);
}

function requestsOf(input: Uint8Array): DeltaRequest[] {
  const requests: DeltaRequest[] = [];
  for (let at = 0; at + 2 <= input.length;) {
    const end = at + 2 + (((input[at] ?? 0) << 8) | (input[at + 1] ?? 0));
    try {
      requests.push(DeltaDiscoveryRequest.decode(input.subarray(at + 2, end)));
    } catch (thrown) {
      // The gRPC layer ends the stream when a message cannot be read at all.
      must("an unreadable message is an error", thrown instanceof Error);
    }
    at = end;
  }
  return requests;
}

function someRequest(random: Random): Uint8Array {
  const name = (): string =>
    once(random, 3) ? pick(random, ["*", "", "/10.0.0.7", word(random)]) : pick(random, NAMES);
  const versions = several(random, 3, () => [
    name().toWellFormed(),
    pick(random, ["", "1", word(random).toWellFormed()]),
  ]);
  return DeltaDiscoveryRequest.encode({
    node: { id: "n" },
    typeUrl: TYPE_URLS.address,
    resourceNamesSubscribe: several(random, 4, () => name().toWellFormed()),
    resourceNamesUnsubscribe: several(random, 2, () => name().toWellFormed()),
    initialResourceVersions: Object.fromEntries(versions) as Record<string, string>,
    responseNonce: pick(random, ["", "n0", "n1", "n2"]),
    ...(once(random, 4) ? { errorDetail: { code: 3, message: word(random).toWellFormed() } } : {}),
  }).finish();
}
