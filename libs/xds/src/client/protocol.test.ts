import { expect, test } from "vitest";
import { envoy } from "@ambit/contract/gen/ambit.js";
import type { DeltaResponse, DeltaResponseProperties } from "@ambit/contract/grpc-services.ts";
import { TYPE_URLS } from "@ambit/contract/type-urls.ts";
import { ClientSession } from "./protocol.ts";

const wildcard = { typeUrl: TYPE_URLS.address, onDemand: false };
const NODE = { id: "ztunnel~10.0.0.9~z.ns~ns.svc.cluster.local" };

function response(properties: DeltaResponseProperties): DeltaResponse {
  const type = envoy.service.discovery.v3.DeltaDiscoveryResponse;
  return type.decode(type.encode({ typeUrl: TYPE_URLS.address, ...properties }).finish());
}

function resource(name: string, version: string): { name: string; version: string } {
  return { name, version };
}

test("onResponse() acknowledges, and the next stream starts from what is held", () => {
  const session = new ClientSession(wildcard);
  expect(session.synced).toBe(false);
  const answer = session.onResponse(
    response({ nonce: "n1", resources: [resource("a", "1"), resource("b", "2")] }),
    () => [],
  );
  expect(answer).toEqual({ typeUrl: TYPE_URLS.address, responseNonce: "n1" });
  expect(session.synced).toBe(true);
  session.onResponse(response({ nonce: "n2", removedResources: ["b"] }), () => []);
  expect(session.initialRequest(NODE)).toEqual({
    node: NODE,
    typeUrl: TYPE_URLS.address,
    initialResourceVersions: { a: "1" },
  });
});

test("onResponse() rejects by name, forgets the rejected version and is not synced by it", () => {
  const session = new ClientSession(wildcard);
  const answer = session.onResponse(
    response({ nonce: "n1", resources: [resource("a", "1"), resource("b", "2")] }),
    () => [
      { name: "a", reason: "bad" },
      { name: "b", reason: "worse" },
    ],
  );
  expect(answer.errorDetail).toEqual({ code: 0, message: "a: bad; b: worse" });
  expect(session.synced).toBe(false);
  expect(session.initialRequest(NODE).initialResourceVersions).toEqual({});
});

test("subscribe() resolves by the name of a resource or by a removal", async () => {
  const session = new ClientSession({ ...wildcard, onDemand: true });
  const found = session.subscribe("/10.0.0.1");
  expect(found.request.resourceNamesSubscribe).toEqual(["/10.0.0.1"]);
  expect(session.initialRequest(NODE)).toMatchObject({
    resourceNamesSubscribe: ["*"],
    resourceNamesUnsubscribe: ["*"],
    initialResourceVersions: { "/10.0.0.1": "" },
  });
  const order: string[] = [];
  const waited = found.answered.then(() => order.push("woken"));
  session.onResponse(
    response({ nonce: "n", resources: [resource("pod", "1")], removedResources: ["/10.0.0.1"] }),
    () => {
      order.push("applied");
      return [];
    },
  );
  await waited;
  expect(order).toEqual(["applied", "woken"]);
});
