import { describe, expect, test } from "vitest";
import { istio } from "@ambit/contract/gen/ambit.js";
import { decodeAddress } from "./address.ts";
import { decodeAuthorization } from "./authorization.ts";

const { Address } = istio.workload;
const { Authorization } = istio.security;

const WORKLOAD: istio.workload.Workload.$Properties = { uid: "c//Pod/ns/p" };
const SERVICE: istio.workload.Service.$Properties = { namespace: "ns", hostname: "h" };

// Plain objects, because the wire can carry enum numbers that the generated types exclude.
function ofWorkload(properties: object) {
  return decodeAddress(Address.encode({ workload: { ...WORKLOAD, ...properties } }).finish());
}

function ofService(properties: object) {
  return decodeAddress(Address.encode({ service: { ...SERVICE, ...properties } }).finish());
}

function ofMatch(match: object) {
  const groups = [{ rules: [{ matches: [match] }] }];
  return decodeAuthorization(Authorization.encode({ name: "p", groups }).finish());
}

function bytes(length: number): Uint8Array {
  return new Uint8Array(length).fill(1);
}

/** `::ffff:a.b.c.d`. */
function mapped(...last: readonly number[]): Uint8Array {
  return Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...last);
}

describe("decodeAddress()", () => {
  test("reads a mapped IPv4 address as IPv4, so that it is found", () => {
    expect(ofWorkload({ addresses: [mapped(10, 0, 0, 7)] })).toMatchObject({
      value: { workload: { addresses: ["10.0.0.7"] } },
    });
    const block = (length: number) => ofService({ addresses: [{ address: mapped(10, 0, 0, 0), length }] });
    expect(block(120)).toMatchObject({ value: { service: { addresses: [{ ip: "10.0.0.0", length: 24 }] } } });
    expect(block(95).ok).toBe(false);
    expect(block(129).ok).toBe(false);
  });

  test("fills in what an empty field means", () => {
    expect(ofWorkload({})).toMatchObject({
      ok: true,
      value: {
        workload: {
          trustDomain: "cluster.local",
          serviceAccount: "default",
          capacity: 1,
          tunnelProtocol: "NONE",
          status: "HEALTHY",
          network: "",
          hostNetwork: false,
        },
      },
    });
  });

  test("tells a weight of zero from none", () => {
    expect(ofWorkload({ capacity: { value: 0 } })).toMatchObject({ value: { workload: { capacity: 0 } } });
  });

  test("takes a visibility it does not know for PUBLIC, as the contract says", () => {
    expect(ofService({ visibility: 7 })).toMatchObject({ value: { service: { visibility: "PUBLIC" } } });
    expect(ofService({ visibility: 1 })).toMatchObject({ value: { service: { visibility: "NAMESPACE" } } });
  });

  test.each<[string, object, string]>([
    ["an empty uid", { uid: "" }, "uid: empty"],
    ["an address of 3 bytes", { addresses: [bytes(4), bytes(3)] }, "addresses: an address of 3 bytes"],
    ["an address of 5 bytes", { addresses: [bytes(5)] }, "addresses: an address of 5 bytes"],
    ["an address of 15 bytes", { addresses: [bytes(15)] }, "addresses: an address of 15 bytes"],
    ["an address of 17 bytes", { addresses: [bytes(17)] }, "addresses: an address of 17 bytes"],
    ["the legacy tunnel", { tunnelProtocol: 2 }, "tunnel_protocol: LEGACY_ISTIO_MTLS is not supported"],
    ["an unknown tunnel", { tunnelProtocol: 3 }, "tunnel_protocol: unknown value 3"],
    ["a negative enum", { tunnelProtocol: -1 }, "tunnel_protocol: unknown value -1"],
    ["an unknown status", { status: 2 }, "status: unknown value 2"],
    ["an unknown type", { workloadType: 4 }, "workload_type: unknown value 4"],
    ["an unknown network mode", { networkMode: 2 }, "network_mode: unknown value 2"],
    [
      "an unknown application tunnel",
      { applicationTunnel: { protocol: 2 } },
      "application_tunnel.protocol: unknown value 2",
    ],
    ["a waypoint without destination", { waypoint: { hboneMtlsPort: 15008 } }, "waypoint: no destination"],
    ["a gateway without destination", { networkGateway: {} }, "network_gateway: no destination"],
    [
      "a waypoint's address of 3 bytes",
      { waypoint: { address: { address: bytes(3) } } },
      "waypoint: an address of 3 bytes",
    ],
    ["a service key without namespace", { services: { cart: {} } }, 'services: key "cart" has no namespace'],
    [
      "an unknown protocol of a port",
      { services: { "a/b": { ports: [{ appProtocol: 6 }] } } },
      "app_protocol: unknown value 6",
    ],
    [
      "a port no socket has",
      { services: { "a/b": { ports: [{ targetPort: 65_536 }] } } },
      "target_port: port 65536 is out of range",
    ],
  ])("rejects a workload with %s", (_what, properties, reason) => {
    expect(ofWorkload(properties)).toEqual({ ok: false, reason });
  });

  test.each<[string, object, string]>([
    ["an empty hostname", { hostname: "" }, "hostname: empty"],
    ["an address of no bytes", { addresses: [{}] }, "addresses: an address of 0 bytes"],
    [
      "a prefix longer than its address",
      { addresses: [{ address: bytes(4), length: 33 }] },
      "addresses: 1.1.1.1 with a prefix of 33 bits",
    ],
    ["an unknown family", { ipFamilies: 4 }, "ip_families: unknown value 4"],
    ["an unknown mode", { loadBalancing: { mode: 4 } }, "mode: unknown value 4"],
    ["an unknown health policy", { loadBalancing: { healthPolicy: 2 } }, "health_policy: unknown value 2"],
    [
      "an unspecified routing preference",
      { loadBalancing: { routingPreference: [1, 0] } },
      "routing_preference: UNSPECIFIED_SCOPE",
    ],
    [
      "an unknown routing preference",
      { loadBalancing: { routingPreference: [7] } },
      "routing_preference: unknown value 7",
    ],
    [
      "a weighted waypoint without destination",
      { weightedWaypoints: [{ weight: 1 }] },
      "weighted_waypoints: no destination",
    ],
  ])("rejects a service with %s", (_what, properties, reason) => {
    expect(ofService(properties)).toEqual({ ok: false, reason });
  });

  test("rejects an address that is neither", () => {
    const reason = "neither a workload nor a service";
    expect(decodeAddress(new Uint8Array())).toEqual({ ok: false, reason });
  });

  test("keeps odd service keys apart from the objects they pass through", () => {
    const decoded = ofWorkload({
      services: Object.fromEntries([
        ["__proto__/x", {}],
        ["constructor/y", {}],
      ]),
    });
    if (!decoded.ok || decoded.value.kind !== "workload") throw new Error("rejected");
    expect([...decoded.value.workload.services.keys()].toSorted()).toEqual(["__proto__/x", "constructor/y"]);
    // On the wire: field 1 workload, field 20 uid "u", field 22 a map entry whose key is "__proto__".
    expect(decodeAddress(Buffer.from("0a12a2010175b2010b0a095f5f70726f746f5f5f", "hex"))).toEqual({
      ok: false,
      reason: 'services: key "__proto__" has no namespace',
    });
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe("decodeAuthorization()", () => {
  test.each<[string, object, string]>([
    ["without a name", {}, "name: empty"],
    ["of an unknown scope", { name: "p", scope: 3 }, "scope: unknown value 3"],
    ["of an unknown action", { name: "p", action: 2 }, "action: unknown value 2"],
  ])("rejects a policy %s", (_what, properties, reason) => {
    expect(decodeAuthorization(Authorization.encode(properties).finish())).toEqual({ ok: false, reason });
  });

  // Each of these would widen or narrow the policy silently if it were dropped.
  test.each<[string, object, string]>([
    [
      "a string match without a value",
      { principals: [{ exact: "a" }, {}] },
      "a string match without a value",
    ],
    [
      "a block of 3 bytes",
      { sourceIps: [{ address: bytes(3), length: 8 }] },
      "a block of 3 bytes and length 8",
    ],
    ["a block without address", { notSourceIps: [{ length: 0 }] }, "a block of 0 bytes and length 0"],
    [
      "a block longer than its address",
      { destinationIps: [{ address: bytes(4), length: 33 }] },
      "a block of 4 bytes and length 33",
    ],
    [
      "a port no socket has",
      { notDestinationPorts: [65_536] },
      "destination_ports: port 65536 is out of range",
    ],
  ])("rejects a policy with %s", (_what, match, reason) => {
    expect(ofMatch(match)).toEqual({ ok: false, reason });
  });

  test("reads a block of mapped IPv4 addresses as IPv4, because connections are", () => {
    const match = { sourceIps: [{ address: mapped(10, 0, 0, 0), length: 104 }] };
    expect(ofMatch(match)).toMatchObject({
      value: { groups: [[[{ sourceIps: [{ bytes: Uint8Array.of(10, 0, 0, 0), length: 8 }] }]]] },
    });
    const wider = { sourceIps: [{ address: mapped(10, 0, 0, 0), length: 95 }] };
    expect(ofMatch(wider)).toMatchObject({ value: { groups: [[[{ sourceIps: [{ length: 95 }] }]]] } });
  });

  test("keeps the three neighbouring empties apart", () => {
    const groups = [{}, { rules: [{}] }, { rules: [{ matches: [{}] }] }];
    const decoded = decodeAuthorization(Authorization.encode({ name: "p", groups }).finish());
    if (!decoded.ok) throw new Error(decoded.reason);
    expect(decoded.value.groups.map((group) => group.map((clause) => clause.length))).toEqual([[], [0], [1]]);
    expect(decoded.value).toMatchObject({ scope: "GLOBAL", action: "ALLOW", dryRun: false });
  });
});
