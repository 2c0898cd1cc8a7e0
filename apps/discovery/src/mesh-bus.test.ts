import { beforeAll, describe, expect, test } from "vitest";
import { silentLogger } from "@ambit/base/logger.ts";
import type { BusMessage } from "@ambit/bus/bus.ts";
import { encodeHint, HintVerifier, type Hint } from "@ambit/bus/hints.ts";
import type { WorkloadCertificate } from "@ambit/identity/certificate.ts";
import { createLeaf, createRoot, generateKey, type SigningCertificate } from "@ambit/identity/x509.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { MeshBus } from "./mesh-bus.ts";

const CA = "spiffe://cluster.local/ns/ambit-system/sa/ca";
const DISCOVERY = "spiffe://cluster.local/ns/ambit-system/sa/discovery";
const clock = new FakeClock();
const validity = { notBefore: clock.now() - 1_000, notAfter: clock.now() + 3_600_000 };

let root: SigningCertificate;

async function certificate(identity: string): Promise<WorkloadCertificate> {
  const { publicKey, privateKey } = await generateKey();
  const leaf = { publicKey, uri: identity, dnsNames: [], ipAddresses: [], serial: "0A", ...validity };
  return {
    identity,
    privateKey,
    chain: await createLeaf(root, leaf),
    roots: root.certificate,
    serial: "0A",
    ...validity,
  };
}

function open() {
  const published: { subject: string; data: Uint8Array }[] = [];
  let deliver: (message: BusMessage) => void = () => undefined;
  let changes = 0;
  const bus = {
    publish: (subject: string, data: Uint8Array) => void published.push({ subject, data }),
    subscribe: (_subject: string, onMessage: (message: BusMessage) => void) => {
      deliver = onMessage;
      return () => undefined;
    },
  };
  const meshBus = new MeshBus(CA, {
    clock,
    logger: silentLogger,
    bus,
    onBundleChanged: () => void changes++,
  });
  const hear = (data: Uint8Array): number => {
    deliver({ subject: "mesh.ca.bundle", data });
    return changes;
  };
  return { meshBus, published, hear };
}

const hint = (version: number, issuer = CA): Hint => ({
  type: "bundle-changed",
  scope: "",
  version,
  issuer,
  time: clock.now(),
});

describe("MeshBus", () => {
  beforeAll(async () => {
    root = await createRoot("test", "01", validity);
  });

  test("policiesInvalidated() says one signed hint per namespace, and nothing before it can sign", async () => {
    const { meshBus, published } = open();
    meshBus.policiesInvalidated(["shop"]);
    expect(published).toEqual([]);
    meshBus.useCertificate(await certificate(DISCOVERY));
    meshBus.policiesInvalidated(["back", "shop"]);
    expect(published.map((entry) => entry.subject)).toEqual([
      "mesh.policy.invalidated.back",
      "mesh.policy.invalidated.shop",
    ]);
    const verifier = new HintVerifier({ issuers: [DISCOVERY] }, { clock, roots: () => root.certificate });
    expect(published.map(({ data }) => verifier.decode(data).scope)).toEqual(["back", "shop"]);
  });

  test("believes the ca about the trust bundle, and nobody else, and nothing twice", async () => {
    const { meshBus, hear } = open();
    const ca = await certificate(CA);
    expect(hear(encodeHint(hint(1), ca))).toBe(0);
    meshBus.useCertificate(await certificate(DISCOVERY));
    expect(hear(encodeHint(hint(2, DISCOVERY), await certificate(DISCOVERY)))).toBe(0);
    expect(hear(encodeHint(hint(2), ca))).toBe(1);
    expect(hear(encodeHint(hint(2), ca))).toBe(1);
    expect(hear(new Uint8Array([1, 2, 3]))).toBe(1);
  });
});
