import { X509Certificate } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Metadata, status, type ServiceError } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "@ambit/base/clock.ts";
import { certificateService, type CertificateResponse } from "@ambit/contract/grpc-services.ts";
import { uriSans } from "@ambit/identity/alternative-names.ts";
import { readChain, verifyChain } from "@ambit/identity/chain.ts";
import { createCsr } from "@ambit/identity/csr.ts";
import { FakeCa } from "@ambit/identity/testing/fake-ca.ts";
import type { TokenRequest } from "@ambit/identity/token-issuer.ts";
import { readCertificate } from "@ambit/identity/x509.ts";
import { createGrpcClient } from "@ambit/runtime/grpc-client.ts";
import { CaRig, PROXY_TOKEN } from "./testing/ca-rig.ts";

const CART = "spiffe://cluster.local/ns/shop/sa/cart";
const NOT_AUTHENTICATED = "request authenticate failure";
const NOT_YOURS = "request impersonation authentication failure";
let rig: CaRig;

beforeAll(async () => {
  rig = await CaRig.start();
});
afterAll(() => rig.stop());

interface Ask {
  readonly token?: TokenRequest;
  readonly rawToken?: string;
  readonly identity?: string;
  readonly csr?: string;
  readonly seconds?: number;
  readonly clientCertificate?: { readonly chain: string; readonly key: string };
}

async function ask(what: Ask): Promise<readonly string[]> {
  const metadata = new Metadata();
  const token = what.token === undefined ? what.rawToken : await rig.tokens.mint(what.token);
  if (token !== undefined) metadata.set("authorization", `Bearer ${token}`);
  const client = createGrpcClient(
    {
      address: rig.address,
      rootCaPath: rig.rootPath,
      serverName: "ca.ambit-system.svc",
      ...(what.clientCertificate === undefined ? {} : { clientCertificate: what.clientCertificate }),
    },
    "one",
  );
  const fields = what.identity === undefined ? {} : { ImpersonatedIdentity: { stringValue: what.identity } };
  const { path, requestSerialize, responseDeserialize } = certificateService.createCertificate;
  const csr = what.csr ?? (await createCsr(CART)).csr;
  const request = { csr, validityDuration: what.seconds ?? 30, metadata: { fields } };
  try {
    return await new Promise((resolve, reject) => {
      const take = (error: ServiceError | null, response?: CertificateResponse): void => {
        if (error === null) resolve(response?.certChain ?? []);
        else reject(error);
      };
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, metadata, take);
    });
  } finally {
    client.close();
  }
}

function leafOf(chain: readonly string[]): X509Certificate {
  return readCertificate(chain[0] ?? "");
}

describe("CreateCertificate", () => {
  test("gives a node's proxy the identity of a workload on its node, in Istio's shape", async () => {
    const before = systemClock.now();
    const chain = await ask({ token: PROXY_TOKEN, identity: CART });
    expect(chain).toHaveLength(3);
    const leaf = leafOf(chain);
    expect(uriSans(leaf)).toEqual([CART]);
    expect(leaf.subjectAltName).toBe(`URI:${CART}`);
    expect(leaf.subject).toBeUndefined();
    expect(leaf.ca).toBe(false);
    expect(leaf.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
    expect(leaf.validToDate.getTime() - before).toBeLessThanOrEqual(31_000);
    expect(leaf.validFromDate.getTime()).toBeLessThan(before);
    expect(chain[2]).toBe(readFileSync(rig.rootPath, "utf8"));
    verifyChain(readChain(chain.slice(0, 2).join("")), readChain(chain[2] ?? ""), systemClock.now());
  });

  test("gives a caller its own identity, and the control plane its names", async () => {
    const leaf = leafOf(
      await ask({ token: { ...PROXY_TOKEN, serviceAccount: "discovery", podName: "discovery" } }),
    );
    expect(leaf.subjectAltName).toBe(
      "URI:spiffe://cluster.local/ns/ambit-system/sa/discovery, DNS:discovery.ambit-system.svc, " +
        "DNS:discovery.ambit-system.svc.cluster.local, DNS:localhost, DNS:istiod.istio-system.svc",
    );
    const own = leafOf(
      await ask({ token: { ...PROXY_TOKEN, namespace: "shop", serviceAccount: "discovery" } }),
    );
    expect(own.subjectAltName).toBe("URI:spiffe://cluster.local/ns/shop/sa/discovery");
  });

  test("takes an empty name for none, a pod that succeeded for one that runs", async () => {
    expect(uriSans(leafOf(await ask({ token: PROXY_TOKEN, identity: "" })))).toEqual([
      "spiffe://cluster.local/ns/ambit-system/sa/ztunnel",
    ]);
    await expect(
      ask({ token: PROXY_TOKEN, identity: "spiffe://cluster.local/ns/shop/sa/job" }),
    ).resolves.toHaveLength(3);
  });

  test("takes a client certificate of its own making for the same identity, and for no other", async () => {
    const client = rig.client({ tokenPath: await rig.tokenFile(PROXY_TOKEN), impersonate: false });
    const mine = await client.fetch("spiffe://cluster.local/ns/ambit-system/sa/ztunnel");
    client.close();
    const clientCertificate = { chain: mine.chain, key: mine.privateKey };
    expect(uriSans(leafOf(await ask({ clientCertificate })))).toEqual([mine.identity]);
    await expect(ask({ clientCertificate, identity: CART })).rejects.toMatchObject({
      code: status.UNAUTHENTICATED,
      details: NOT_YOURS,
    });
  });

  test("clamps the lifetime to its own, takes none for its own", async () => {
    for (const seconds of [0, -5, 3_600]) {
      const end = leafOf(await ask({ token: PROXY_TOKEN, seconds })).validToDate.getTime();
      expect(end - systemClock.now()).toBeLessThanOrEqual(60_000);
      expect(end - systemClock.now()).toBeGreaterThan(50_000);
    }
  });
});

describe("CreateCertificate refuses, opaquely", () => {
  const strange = "spiffe://cluster.local/ns/shop/sa";
  test.each<[string, Ask | (() => Promise<Ask>), string, RegExp]>([
    ["nobody", {}, NOT_AUTHENTICATED, /neither a token nor/i],
    ["rubbish", { rawToken: "rubbish" }, NOT_AUTHENTICATED, /cannot verify the token/i],
    ["alg none", () => unsigned(), NOT_AUTHENTICATED, /cannot verify the token/i],
    ["a wrong audience", { token: { ...PROXY_TOKEN, audience: "api" } }, NOT_AUTHENTICATED, /"aud"/],
    ["an expired token", { token: { ...PROXY_TOKEN, lifetimeSeconds: -120 } }, NOT_AUTHENTICATED, /"exp"/],
    ["a foreign client certificate", () => foreign(), NOT_AUTHENTICATED, /neither a token nor/i],
    [
      "an account that is not trusted",
      { token: { ...PROXY_TOKEN, serviceAccount: "cart" }, identity: CART },
      NOT_YOURS,
      /no trusted node account/,
    ],
    [
      "the account of another namespace",
      { token: { ...PROXY_TOKEN, namespace: "shop" }, identity: CART },
      NOT_YOURS,
      /no trusted node account/,
    ],
    [
      "a stale pod uid",
      { token: { ...PROXY_TOKEN, podUid: "old" }, identity: CART },
      NOT_YOURS,
      /another uid/,
    ],
    [
      "a pod that is gone",
      { token: { ...PROXY_TOKEN, podName: "gone" }, identity: CART },
      NOT_YOURS,
      /does not exist/,
    ],
    [
      "a pod of another account",
      { token: { ...PROXY_TOKEN, podName: "discovery", podUid: "discovery-uid" }, identity: CART },
      NOT_YOURS,
      /another account/,
    ],
    [
      "a pod on no node",
      { token: { ...PROXY_TOKEN, podName: "unplaced", podUid: "unplaced-uid", node: "" }, identity: CART },
      NOT_YOURS,
      /on no node/,
    ],
    [
      "a token of another node",
      { token: { ...PROXY_TOKEN, node: "node-b" }, identity: CART },
      NOT_YOURS,
      /on another node/,
    ],
    [
      "a token bound to no pod",
      { token: { ...PROXY_TOKEN, podName: "", podUid: "" }, identity: CART },
      NOT_YOURS,
      /not bound to a pod/,
    ],
    [
      "an account on another node",
      { token: PROXY_TOKEN, identity: `${strange}/far` },
      NOT_YOURS,
      /runs on node-a/,
    ],
    [
      "an account that runs nowhere",
      { token: PROXY_TOKEN, identity: `${strange}/none` },
      NOT_YOURS,
      /runs on node-a/,
    ],
    [
      "an account whose pod failed",
      { token: PROXY_TOKEN, identity: `${strange}/broken` },
      NOT_YOURS,
      /runs on node-a/,
    ],
    [
      "the control plane's identity",
      { token: PROXY_TOKEN, identity: "spiffe://cluster.local/ns/ambit-system/sa/discovery" },
      NOT_YOURS,
      /control plane/,
    ],
    [
      "the authority's own identity",
      { token: PROXY_TOKEN, identity: "spiffe://cluster.local/ns/ambit-system/sa/ca" },
      NOT_YOURS,
      /control plane/,
    ],
    [
      "another trust domain",
      { token: PROXY_TOKEN, identity: "spiffe://other/ns/shop/sa/cart" },
      NOT_YOURS,
      /another trust domain/,
    ],
    [
      "a name that is none",
      { token: PROXY_TOKEN, identity: `${CART}/extra` },
      NOT_YOURS,
      /no identity of the mesh's form/,
    ],
    [
      "a percent-encoded name",
      { token: PROXY_TOKEN, identity: `${strange}/c%61rt` },
      NOT_YOURS,
      /no identity of the mesh's form/,
    ],
  ])("%s", async (_name, what, details, reason) => {
    const asked = typeof what === "function" ? await what() : what;
    await expect(ask(asked)).rejects.toMatchObject({ code: status.UNAUTHENTICATED, details });
    expect(rig.audit().at(-1)).toMatchObject({
      verdict: "refused",
      reason: expect.stringMatching(reason) as string,
    });
    // The good twin on the same port still works.
    await expect(ask({ token: PROXY_TOKEN, identity: CART })).resolves.toHaveLength(3);
  });

  test.each<[string, Ask, RegExp]>([
    ["no request", { csr: "" }, /no PEM block/],
    [
      "rubbish",
      { csr: "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n" },
      /parse/,
    ],
    ["too much", { csr: "x".repeat(16_385) }, /longer than/],
    ["ten years", { seconds: 10 * 365 * 86_400 }, /above the maximum/],
  ])("%s", async (_name, what, reason) => {
    await expect(ask({ token: PROXY_TOKEN, identity: CART, ...what })).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
    });
    expect(rig.audit().at(-1)).toMatchObject({
      verdict: "refused",
      identity: CART,
      reason: expect.stringMatching(reason) as string,
    });
  });

  async function unsigned(): Promise<Ask> {
    const [, payload = ""] = (await rig.tokens.mint(PROXY_TOKEN)).split(".");
    return { rawToken: `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.` };
  }

  async function foreign(): Promise<Ask> {
    const ca = await FakeCa.create({ clock: systemClock });
    const { chain, privateKey } = await ca.fetch("spiffe://cluster.local/ns/ambit-system/sa/ztunnel");
    return { clientCertificate: { chain, key: privateKey } };
  }
});

test("the audit log names every serial that was issued, and holds no token and no key", async () => {
  const leaf = leafOf(await ask({ token: PROXY_TOKEN, identity: CART }));
  expect(rig.audit().at(-1)).toMatchObject({
    verdict: "issued",
    caller: "ambit-system/ztunnel (token of ztunnel-node-a)",
    identity: CART,
    serial: leaf.serialNumber,
    holder: "ambit-system/ztunnel/ztunnel-node-a",
    node: "node-a",
    ttlSeconds: 30,
  });
  const path = join(rig.folder, "state/audit.log");
  expect(readFileSync(path, "utf8")).not.toMatch(/eyJ|BEGIN/);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a pod that comes and goes changes what its node's proxy may have", async () => {
  const identity = "spiffe://cluster.local/ns/shop/sa/late";
  await expect(ask({ token: PROXY_TOKEN, identity })).rejects.toMatchObject({ details: NOT_YOURS });
  const pod = JSON.parse(readFileSync(join(rig.folder, "pods/shop_cart-1.yaml"), "utf8")) as {
    metadata: { name: string; uid: string };
    spec: { serviceAccountName: string };
  };
  pod.metadata = { ...pod.metadata, name: "late", uid: "late-uid" };
  pod.spec.serviceAccountName = "late";
  writeFileSync(join(rig.folder, "pods/shop_late.yaml"), JSON.stringify(pod));
  await expect
    .poll(
      () =>
        ask({ token: PROXY_TOKEN, identity }).then(
          (chain) => chain.length,
          () => 0,
        ),
      { timeout: 5_000 },
    )
    .toBe(3);
});
