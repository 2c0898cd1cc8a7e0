import { once } from "node:events";
import { connect } from "node:net";
import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TYPE_URLS } from "@ambit/contract/type-urls.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { NODE, XdsRig } from "../testing/rig.ts";

/** A proxy that asks for addresses only. */
const SINGLE = { ...NODE, id: NODE.id.replace("ztunnel~", "waypoint~") };
const ADDRESS = { typeUrl: TYPE_URLS.address };
const AUTHORIZATION = { typeUrl: TYPE_URLS.authorization };

function put(name: string, text = name): { name: string; bytes: Uint8Array } {
  return { name, bytes: Buffer.from(text) };
}

let clock: FakeClock;
let rig: XdsRig;

beforeEach(async () => {
  clock = new FakeClock();
  rig = await XdsRig.start({ clock, maxStreams: 3 });
});

afterEach(() => rig.stop());

describe("XdsServer, who may come", () => {
  test("closes a connection that does not get through TLS in time", async () => {
    const patient = await XdsRig.start({ clock, handshakeTimeoutMs: 20 });
    try {
      const socket = connect(patient.port, "127.0.0.1");
      socket.on("error", () => undefined);
      socket.resume();
      await once(socket, "close");
    } finally {
      patient.stop();
    }
  });

  test("refuses a stream without a token", async () => {
    const stream = rig.raw("");
    stream.send({ ...ADDRESS, node: SINGLE });
    expect(await stream.ended).toMatchObject({ code: status.UNAUTHENTICATED });
    expect(rig.xds.connections()).toEqual([]);
  });

  test("refuses a first request without the node", async () => {
    const stream = rig.raw();
    stream.send(ADDRESS);
    expect(await stream.ended).toMatchObject({ code: status.INVALID_ARGUMENT });
  });

  test.each([
    "",
    "ztunnel~10.0.0.9~z.ns",
    "ztunnel~10.0.0.9~z.ns~d~e",
    "ztunnel~10.0.0.999~z.istio-system~d",
    "ztunnel~10.0.0.9~nodot~d",
    "ztunnel~10.0.0.9~.istio-system~d",
  ])("refuses the node id %j", async (id) => {
    const stream = rig.raw();
    stream.send({ ...ADDRESS, node: { ...NODE, id } });
    expect(await stream.ended).toMatchObject({ code: status.INVALID_ARGUMENT });
  });

  test("refuses a node of another namespace or account than the credentials prove", async () => {
    const other = rig.raw("shop/ztunnel/node-a");
    other.send({ ...ADDRESS, node: SINGLE });
    expect(await other.ended).toMatchObject({ code: status.PERMISSION_DENIED });
    const claimed = rig.raw("istio-system/cart/node-a");
    claimed.send({ ...ADDRESS, node: SINGLE });
    expect(await claimed.ended).toMatchObject({ code: status.PERMISSION_DENIED });
  });

  test("refuses a type that is unknown, and one that the client may not have", async () => {
    const unknown = rig.raw();
    unknown.send({ typeUrl: "type.googleapis.com/envoy.Secret", node: NODE });
    expect(await unknown.ended).toMatchObject({ code: status.PERMISSION_DENIED });
    const stranger = rig.raw("shop/cart/node-a");
    const id = "sidecar~10.0.0.9~cart-1.shop~shop.svc.cluster.local";
    stranger.send({ ...ADDRESS, node: { id } });
    expect(await stranger.ended).toMatchObject({ code: status.PERMISSION_DENIED });
  });

  test("refuses names that are too long with a status, and serves the others on", async () => {
    const stream = rig.raw();
    stream.send({ ...ADDRESS, node: NODE, resourceNamesSubscribe: ["x".repeat(3_000)] });
    expect(await stream.ended).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  });

  test("refuses a request above the server's message size", async () => {
    const stream = rig.raw();
    const names = Array.from({ length: 2_100 }, (_, index) => `${index}${"x".repeat(2_000)}`);
    stream.send({ ...ADDRESS, node: NODE, resourceNamesSubscribe: names });
    expect(await stream.ended).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  });

  test("ends a stream whose first request does not come", async () => {
    const stream = rig.raw();
    const other = rig.raw();
    other.send({ ...ADDRESS, node: SINGLE });
    await other.next();
    await clock.advance(10_000);
    expect(await stream.ended).toMatchObject({ code: status.DEADLINE_EXCEEDED });
    expect(rig.xds.connections()).toHaveLength(1);
  });

  test("counts streams that have not introduced themselves against the limit", async () => {
    const streams = [rig.raw(), rig.raw(), rig.raw(), rig.raw()];
    expect(await Promise.race(streams.map((stream) => stream.ended))).toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
    });
  });

  test("gives a proxy's place to its newest stream, but only within its own node", async () => {
    const first = rig.raw();
    first.send({ ...ADDRESS, node: SINGLE });
    await first.next();
    const thief = rig.raw("istio-system/ztunnel/node-b");
    thief.send({ ...ADDRESS, node: SINGLE });
    await thief.next();
    expect(rig.xds.connections()).toHaveLength(2);
    const second = rig.raw();
    second.send({ ...ADDRESS, node: SINGLE });
    await second.next();
    expect(await first.ended).toMatchObject({ code: status.ABORTED });
    const nodes = rig.xds.connections().map(({ identity }) => identity.node);
    expect(nodes.toSorted()).toEqual(["node-a", "node-b"]);
  });

  test("ends in good order when the client does", async () => {
    const stream = rig.raw();
    stream.send({ ...ADDRESS, node: SINGLE });
    await stream.next();
    stream.finish();
    expect(await stream.ended).toMatchObject({ code: status.OK });
    expect(rig.xds.connections()).toEqual([]);
  });
});

describe("XdsServer, what it sends", () => {
  test("follows the worked example over TLS", async () => {
    rig.addresses.apply({
      put: [
        { ...put("Kubernetes//Pod/shop/cart-1"), aliases: ["/10.0.1.8"] },
        put("shop/cart.shop.svc.cluster.local"),
      ],
    });
    const cold = rig.raw();
    cold.send({ ...ADDRESS, node: NODE });
    cold.send({ ...AUTHORIZATION, node: NODE });
    // The contract leaves the order of types free; ours sends policies first.
    const policies = await cold.next();
    expect(policies).toMatchObject({ typeUrl: TYPE_URLS.authorization, resources: [], removedResources: [] });
    cold.acknowledge(policies);
    const first = await cold.next();
    expect(first.typeUrl).toBe(TYPE_URLS.address);
    expect(first.nonce).not.toBe(policies.nonce);
    expect(first.resources.map((resource) => resource.name)).toEqual([
      "Kubernetes//Pod/shop/cart-1",
      "shop/cart.shop.svc.cluster.local",
    ]);
    expect(first.resources[0]?.resource?.typeUrl).toBe(TYPE_URLS.address);
    expect(first.resources[0]?.aliases).toEqual([]);
    cold.acknowledge(first);
    cold.cancel();
    rig.addresses.apply({ remove: ["Kubernetes//Pod/shop/cart-1"] });

    const warm = rig.raw();
    const initialResourceVersions = Object.fromEntries(
      first.resources.map((resource) => [resource.name ?? "", resource.version ?? ""]),
    );
    warm.send({ ...ADDRESS, node: NODE, initialResourceVersions });
    warm.send({ ...AUTHORIZATION, node: NODE });
    expect((await warm.next()).typeUrl).toBe(TYPE_URLS.authorization);
    expect(await warm.next()).toMatchObject({
      typeUrl: TYPE_URLS.address,
      resources: [],
      removedResources: ["Kubernetes//Pod/shop/cart-1"],
    });
  });

  test("answers a node proxy that never asks for policies, a second later", async () => {
    const stream = rig.raw();
    stream.send({ ...ADDRESS, node: NODE, initialResourceVersions: { gone: "v" } });
    while (rig.xds.connections()[0]?.types[0]?.known !== 1) await clock.advance(1);
    await clock.advance(1_000);
    expect(await stream.next()).toMatchObject({ removedResources: ["gone"] });
  });

  test("sends aliases to who asks for keys, after the shared bytes", async () => {
    const name = "n".repeat(200);
    rig.addresses.apply({ put: [{ ...put(name), aliases: ["/10.0.1.8", `/${"9".repeat(300)}`] }] });
    const stream = rig.raw();
    stream.send({ ...ADDRESS, node: SINGLE, resourceNamesSubscribe: ["/10.0.1.8"] });
    const response = await stream.next();
    expect(response.resources).toMatchObject([{ name, aliases: ["/10.0.1.8", `/${"9".repeat(300)}`] }]);
    expect(Buffer.from(response.resources[0]?.resource?.value ?? "").toString()).toBe(name);
    expect(response.removedResources).toEqual(["/10.0.1.8"]);
  });

  test("keeps a proxy's report: nonces, rejections and what waits", async () => {
    rig.addresses.apply({ put: [put("a")] });
    const stream = rig.raw();
    stream.send({ ...ADDRESS, node: SINGLE });
    const response = await stream.next();
    stream.send({ ...ADDRESS, responseNonce: response.nonce, errorDetail: { message: "a: bad" } });
    rig.addresses.apply({ put: [put("a", "2")] });
    await stream.next();
    rig.addresses.apply({ put: [put("a", "3"), put("b")] });
    const [report] = rig.xds.connections();
    expect(report).toMatchObject({
      id: "ztunnel-x.istio-system",
      connectedAt: clock.now(),
      types: [{ typeUrl: TYPE_URLS.address, nacks: 1, lastNack: "a: bad", sent: 2, known: 1, pending: 2 }],
    });
  });

  test("merges changes for a client that does not read", async () => {
    const names = Array.from({ length: 50 }, (_, index) => `pod-${index}`);
    rig.addresses.apply({ put: names.map((name) => put(name)) });
    const stream = rig.raw();
    stream.send({ ...ADDRESS, node: SINGLE });
    const first = await stream.next();
    stream.pause();
    for (let round = 0; round < 200; round++) {
      rig.addresses.apply({ put: names.map((name) => put(name, `${name} ${round} ${"x".repeat(1_000)}`)) });
    }
    expect(rig.xds.connections()[0]?.types[0]).toMatchObject({ sent: 1, pending: 50, known: 50 });
    stream.resume();
    stream.acknowledge(first);
    const second = await stream.next();
    expect(second.resources).toHaveLength(50);
    expect(Buffer.from(second.resources[0]?.resource?.value ?? "").toString()).toContain(" 199 ");
    expect(rig.xds.connections()[0]?.types[0]).toMatchObject({ sent: 2, pending: 0 });
  });

  test("sends a large state in several responses below 4 MiB, policies last and whole", async () => {
    const large = "x".repeat(100_000);
    rig.addresses.apply({
      put: Array.from({ length: 100 }, (_, index) => put(`a-${index}`, `${index}${large}`)),
    });
    rig.authorizations.apply({
      put: Array.from({ length: 60 }, (_, index) => put(`p-${index}`, `${index}${large}`)),
    });
    const stream = rig.raw();
    stream.send({ ...ADDRESS, node: NODE });
    stream.send({ ...AUTHORIZATION, node: NODE });
    const types: string[] = [];
    let addresses = 0;
    for (;;) {
      const response = await stream.next();
      types.push(response.typeUrl);
      const bytes = response.resources.reduce((sum, { resource }) => sum + (resource?.value?.length ?? 0), 0);
      if (response.typeUrl === TYPE_URLS.authorization) {
        expect(response.resources).toHaveLength(60);
        break;
      }
      expect(bytes).toBeLessThan(512 * 1024);
      addresses += response.resources.length;
      stream.acknowledge(response);
    }
    expect(addresses).toBe(100);
    expect(types).toEqual([...types.slice(1).map(() => TYPE_URLS.address), TYPE_URLS.authorization]);
    expect(types).toHaveLength(21);
  });
});
