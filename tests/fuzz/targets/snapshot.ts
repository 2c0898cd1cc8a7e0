import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@ambit/base/logger.ts";
import { seededRandom, type Random } from "@ambit/base/random.ts";
import { envoy } from "@ambit/contract/gen/ambit.js";
import { TYPE_URLS } from "@ambit/contract/type-urls.ts";
import { policyKey } from "@ambit/model/policy.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { encodeAddress } from "@ambit/xds/resources/address.ts";
import { encodeAuthorization } from "@ambit/xds/resources/authorization.ts";
import { LastGood, type LoadedState } from "../../../apps/ztunnel/src/control/last-good.ts";
import { somePolicy, someWorkload } from "../mesh-model.ts";
import { describeStore, MeshReference, verdicts } from "../mesh-reference.ts";
import { openSource } from "../open-source.ts";
import { must, mustEqual, type FuzzTarget } from "../target.ts";
import { once, pick, several, word } from "../words.ts";

const { DeltaDiscoveryResponse } = envoy.service.discovery.v3;

const OWNER = "ztunnel-a";

/**
 * The proxy's state on disk. First byte odd: the file itself, of which a damaged one must not be used at all, so that
 * nothing it allowed or denied can change. Even: the text below the digest, with a digest that fits, as another version
 * of the program or a hand could have written it.
 */
export function create(): FuzzTarget {
  const folder = mkdtempSync(join(tmpdir(), "ambit-fuzz-snapshot-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "last-good");
  const clock = new FakeClock();
  const open = (): LastGood => new LastGood({ path, owner: OWNER }, { clock, logger: silentLogger });
  const files = Array.from({ length: 8 }, (_, seed) => writeGood(open(), seededRandom(seed), path));
  const good = new Set(files.map((file) => load(open(), path, file)).map(textOf));
  return {
    valid: (random) => {
      const file = pick(random, files);
      if (once(random, 2)) return Buffer.concat([Buffer.of(1), file]);
      const text = file.toString().slice(file.indexOf("\n") + 1);
      return Buffer.concat([Buffer.of(0), Buffer.from(once(random, 2) ? rewritten(text, random) : text)]);
    },
    check: (input) => {
      const body = Buffer.from(input.subarray(1));
      if (((input[0] ?? 0) & 1) === 1) {
        const loaded = load(open(), path, body);
        must("a damaged file is not used", loaded === undefined || good.has(textOf(loaded)));
        return;
      }
      const text = body.toString();
      const digest = createHash("sha256").update(text.trimEnd()).digest("hex");
      const loaded = load(open(), path, Buffer.from(`${digest}\n${text}`));
      if (loaded === undefined) return;
      must("an age is one", Number.isFinite(loaded.ageMs) && loaded.ageMs >= 0);
      serve(open());
    },
  };
}

function load(lastGood: LastGood, path: string, file: Buffer): LoadedState | undefined {
  writeFileSync(path, file);
  return lastGood.load();
}

function textOf(loaded: LoadedState | undefined): string {
  const types = [...(loaded?.types ?? [])].map(([typeUrl, rows]) => [
    typeUrl,
    rows.map(({ name, version, bytes }) => [name, version, Buffer.from(bytes).toString("hex")]),
  ]);
  return JSON.stringify(types);
}

// A proxy that starts from it claims what it could read of it, and serves from nothing else.
function serve(lastGood: LastGood): void {
  const { source, parts, stores } = openSource(lastGood);
  source.start();
  const reference = new MeshReference();
  for (const typeUrl of [TYPE_URLS.authorization, TYPE_URLS.address]) {
    const rows = lastGood.load()?.types.get(typeUrl) ?? [];
    const resources = rows.map(({ name, version, bytes }) => ({ name, version, resource: { value: bytes } }));
    reference.learn(typeUrl, DeltaDiscoveryResponse.create({ typeUrl, resources }));
    const held = [...(reference.held.get(typeUrl) ?? [])].map(([name, { version }]) => [name, version]);
    mustEqual("what is claimed", [...parts.held(typeUrl)].toSorted(byName), held.toSorted(byName));
  }
  const fresh = reference.fresh();
  for (const store of stores) {
    mustEqual("what is held", describeStore(store), describeStore(fresh));
    mustEqual("who may connect", verdicts(store), verdicts(fresh));
  }
}

function byName(left: readonly (string | undefined)[], right: readonly (string | undefined)[]): number {
  return (left[0] ?? "") < (right[0] ?? "") ? -1 : 1;
}

function writeGood(lastGood: LastGood, random: Random, path: string): Buffer {
  const policies = several(random, 6, () => {
    const policy = somePolicy(random);
    return { name: policyKey(policy), version: "1", bytes: encodeAuthorization(policy) };
  });
  const workloads = several(random, 6, () => {
    const workload = someWorkload(random);
    return { name: workload.uid, version: "1", bytes: encodeAddress({ kind: "workload", workload }) };
  });
  lastGood.note({ typeUrl: TYPE_URLS.authorization, resources: policies, removed: [] }, new Set());
  lastGood.note({ typeUrl: TYPE_URLS.address, resources: workloads, removed: [] }, new Set());
  lastGood.write();
  return readFileSync(path);
}

// One value anywhere in the structure becomes another one.
function rewritten(text: string, random: Random): string {
  const values = [null, 0, -1, 1e308, "", [], {}, true, word(random), [[null]], { __proto__: 1 }];
  let left = random.below(40);
  return JSON.stringify(JSON.parse(text), (_key, value: unknown) =>
    left-- === 0 ? pick(random, values) : value,
  );
}
