import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@ambit/base/logger.ts";
import { envoy } from "@ambit/contract/gen/ambit.js";
import type { DeltaResponse } from "@ambit/contract/grpc-services.ts";
import { TYPE_URLS, type TypeUrl } from "@ambit/contract/type-urls.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { ClientSession } from "@ambit/xds/client/protocol.ts";
import { LastGood } from "../../../apps/ztunnel/src/control/last-good.ts";
import { describeStore, MeshReference, verdicts } from "../mesh-reference.ts";
import { GOOD_RESPONSES, someResponse } from "../mesh-responses.ts";
import { openSource, type OpenSource } from "../open-source.ts";
import { chanceOf } from "../pieces.ts";
import { must, mustBe, mustEqual, textOf, type FuzzTarget } from "../target.ts";
import { once } from "../words.ts";

const { DeltaDiscoveryResponse } = envoy.service.discovery.v3;

/** A disk is slow: the state on it is looked at after one input in so many. */
const SAVED_EVERY = 64;

/**
 * Whole responses of discovery, one after the other, each after its length in two bytes, on top of a good state. What is
 * then in force is what the reference says: in the proxy's main thread, in its data threads, in the versions it claims
 * to hold, and in the state it keeps for its next start. So no connection is allowed by what was rejected, and what was
 * in force before stays.
 */
export function create(): FuzzTarget {
  const folder = mkdtempSync(join(tmpdir(), "ambit-fuzz-responses-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "last-good");
  const known = new Proxy(undefined).allowed();
  must("the good state refuses some and allows some", known.includes(true) && known.includes(false));
  return {
    valid: (random) => {
      const responses = Array.from({ length: 1 + random.below(3) }, () => someResponse(random));
      return Buffer.concat(responses.flatMap((bytes) => [Buffer.of(bytes.length >> 8, bytes.length), bytes]));
    },
    check: (input) => {
      const isSaved = once(chanceOf(input), SAVED_EVERY);
      if (isSaved) rmSync(path, { force: true });
      const proxy = new Proxy(isSaved ? path : undefined);
      for (const bytes of cutUp(input)) {
        proxy.receive(bytes);
        proxy.verify();
      }
      if (isSaved) proxy.verifySaved(path);
    },
  };
}

/** The client's half: session, source, mirror, data thread, and the reference beside them. */
class Proxy {
  readonly #open: OpenSource;
  readonly #sessions = new Map<string, ClientSession>(
    [TYPE_URLS.address, TYPE_URLS.authorization].map((typeUrl) => [
      typeUrl,
      new ClientSession({ typeUrl, onDemand: false }),
    ]),
  );
  readonly #reference = new MeshReference();

  constructor(path: string | undefined) {
    this.#open = openSource(path === undefined ? undefined : lastGoodAt(path));
    for (const bytes of GOOD_RESPONSES) this.receive(bytes);
  }

  /** Every verdict of the data thread. */
  allowed(): readonly boolean[] {
    return verdicts(this.#open.stores[1]).flatMap(([, allowed]) => allowed);
  }

  receive(bytes: Uint8Array): void {
    const response = read(bytes);
    const session = this.#sessions.get(response?.typeUrl ?? "");
    if (response === undefined || session === undefined) return;
    const typeUrl = response.typeUrl as TypeUrl;
    const rejected = this.#reference.learn(typeUrl, response);
    const answer = session.onResponse(response, (resources, removed) =>
      this.#open.parts.apply({ typeUrl, resources, removed }),
    );
    mustEqual("the nonce comes back", answer.responseNonce, response.nonce);
    mustEqual("a response is accepted or not", answer.errorDetail !== undefined, rejected > 0);
  }

  verify(): void {
    for (const [typeUrl, session] of this.#sessions) {
      const claimed = session.initialRequest({ id: "n" }).initialResourceVersions ?? {};
      mustEqual("what is claimed is held", sorted(Object.entries(claimed)), this.#versions(typeUrl));
    }
    const content = textOf(describeStore(this.#reference.fresh()));
    const allowed = textOf(verdicts(this.#reference.store));
    for (const store of this.#open.stores) {
      mustBe("what is held", describeStore(store), content);
      mustBe("who may connect", verdicts(store), allowed);
    }
  }

  /** The next start of the proxy knows the same, with nobody to ask. */
  verifySaved(path: string): void {
    this.#open.source.stop();
    const { source, parts, stores } = openSource(lastGoodAt(path));
    source.start();
    const fresh = this.#reference.fresh();
    for (const typeUrl of this.#sessions.keys())
      mustEqual("what is claimed after a start", sorted(parts.held(typeUrl)), this.#versions(typeUrl));
    for (const store of stores) {
      mustEqual("what is held after a start", describeStore(store), describeStore(fresh));
      mustEqual("who may connect after a start", verdicts(store), verdicts(fresh));
    }
  }

  #versions(typeUrl: string): unknown {
    const held = this.#reference.held.get(typeUrl as TypeUrl) ?? [];
    return sorted([...held].map(([name, { version }]) => [name, version] as const));
  }
}

function lastGoodAt(path: string): LastGood {
  return new LastGood({ path, owner: "ztunnel-a" }, { clock: new FakeClock(), logger: silentLogger });
}

function sorted(rows: Iterable<readonly [name: string, version: string]>): unknown {
  return [...rows].toSorted(([left], [right]) => (left < right ? -1 : 1));
}

// The gRPC layer ends the stream when a message cannot be read at all.
function read(bytes: Uint8Array): DeltaResponse | undefined {
  try {
    return DeltaDiscoveryResponse.decode(bytes);
  } catch (thrown) {
    must("an unreadable message is an error", thrown instanceof Error);
    return undefined;
  }
}

function cutUp(input: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at + 2 <= input.length;) {
    const end = at + 2 + (((input[at] ?? 0) << 8) | (input[at + 1] ?? 0));
    parts.push(input.subarray(at + 2, end));
    at = end;
  }
  return parts;
}
