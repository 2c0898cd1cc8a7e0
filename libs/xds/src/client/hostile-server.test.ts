import { expect, test } from "vitest";
import { seededRandom, type Random } from "@ambit/base/random.ts";
import { envoy } from "@ambit/contract/gen/ambit.js";
import type { DeltaResponse } from "@ambit/contract/grpc-services.ts";
import { TYPE_URLS } from "@ambit/contract/type-urls.ts";
import { decodeAddress, encodeAddress, type MeshAddress } from "../resources/address.ts";
import { ClientSession } from "./protocol.ts";

/** A hundred thousand and more are fed by `npm run fuzz -- --target responses`. */
const RESPONSES = 2_000;

const { DeltaDiscoveryResponse } = envoy.service.discovery.v3;

const SERVICE: MeshAddress = {
  kind: "service",
  service: {
    name: "cart",
    namespace: "shop",
    hostname: "cart.shop.svc.cluster.local",
    addresses: [{ network: "", ip: "10.96.0.7", length: undefined }],
    ports: [{ servicePort: 80, targetPort: 8080, appProtocol: "HTTP11" }],
    subjectAltNames: [],
    waypoint: undefined,
    weightedWaypoints: [],
    loadBalancing: undefined,
    ipFamilies: "AUTOMATIC",
    canonical: true,
    ingressUseWaypoint: false,
    visibility: "PUBLIC",
  },
};
const NAME = "shop/cart.shop.svc.cluster.local";

function response(nonce: string): Buffer {
  const value = encodeAddress(SERVICE);
  const resource = { name: NAME, version: "1", resource: { typeUrl: TYPE_URLS.address, value } };
  return Buffer.from(
    DeltaDiscoveryResponse.encode({
      typeUrl: TYPE_URLS.address,
      nonce,
      resources: [resource],
      removedResources: ["shop/other"],
    }).finish(),
  );
}

function damage(good: Buffer, random: Random): Buffer {
  const bytes = Buffer.from(good);
  for (let blows = 1 + random.below(4); blows > 0; blows--)
    bytes[random.below(bytes.length)] = random.below(256);
  return random.below(4) === 0 ? bytes.subarray(0, random.below(bytes.length)) : bytes;
}

// The gRPC layer ends the stream when a message cannot be read at all.
function read(bytes: Buffer): DeltaResponse | undefined {
  try {
    return DeltaDiscoveryResponse.decode(bytes);
  } catch {
    return undefined;
  }
}

test("onResponse() survives damaged responses: nothing is thrown, what is bad is rejected, the last good one stays", () => {
  const random = seededRandom(11);
  const session = new ClientSession({ typeUrl: TYPE_URLS.address, onDemand: false });
  const store = new Map<string, MeshAddress>();
  let rejected = 0;
  let unreadable = 0;
  const receive = (received: DeltaResponse): void => {
    const answer = session.onResponse(received, (resources, removed) => {
      const bad = [];
      for (const { name, bytes } of resources) {
        const decoded = decodeAddress(bytes);
        if (decoded.ok) store.set(name, decoded.value);
        else bad.push({ name, reason: decoded.reason });
      }
      for (const name of removed) store.delete(name);
      return bad;
    });
    expect(answer.responseNonce).toBe(received.nonce);
    if (answer.errorDetail !== undefined) rejected++;
  };
  for (let count = 0; count < RESPONSES; count++) {
    const received = read(damage(response(String(count)), random));
    if (received === undefined) unreadable++;
    else receive(received);
    // What is claimed to be held at the next connect is what is held.
    const claimed = Object.keys(session.initialRequest({ id: "n" }).initialResourceVersions ?? {});
    expect(claimed.toSorted()).toEqual([...store.keys()].toSorted());
  }
  expect(rejected).toBeGreaterThan(50);
  expect(unreadable).toBeGreaterThan(50);
  receive(DeltaDiscoveryResponse.decode(response("last")));
  expect(store.get(NAME)).toEqual(SERVICE);
});
