import { parseSpiffeId } from "@ambit/model/spiffe-id.ts";
import { describe, expect, it } from "vitest";
import {
  convertPeerAuthentication,
  effectiveMode,
  effectivePortMode,
  peerAuthenticationLevels,
  peerAuthenticationPolicyKeys,
  inheritedMode,
  staticStrictPolicy,
} from "./peer-auth.ts";
import type { PeerAuthenticationInput, PeerAuthenticationMode } from "./peer-auth.ts";
import { evaluate } from "./rbac-l4.ts";
import { peerAuthentication } from "./testing/inputs.ts";

const ROOT = "ambit-system";
const cart = { namespace: "shop", labels: { app: "cart" } };
const selectorLabels = { app: "cart" };

const mesh = (mode: PeerAuthenticationMode): PeerAuthenticationInput =>
  peerAuthentication({ namespace: ROOT, mode });
const inShop = (mode: PeerAuthenticationMode): PeerAuthenticationInput =>
  peerAuthentication({ name: "ns", mode });
const onCart = (
  mode: PeerAuthenticationMode,
  ports: readonly (readonly [number, PeerAuthenticationMode])[] = [],
): PeerAuthenticationInput => peerAuthentication({ mode, selectorLabels, portLevel: new Map(ports) });

function levels(...all: readonly PeerAuthenticationInput[]): ReturnType<typeof peerAuthenticationLevels> {
  return peerAuthenticationLevels(all, cart, ROOT);
}

const keys = (...all: readonly PeerAuthenticationInput[]): readonly string[] =>
  peerAuthenticationPolicyKeys(levels(...all), ROOT);

/** Whether a peer without identity is let in on the port, by the policies that the workload lists. */
function plaintextAllowed(all: readonly PeerAuthenticationInput[], port: number): boolean {
  const found = levels(...all);
  const known = [
    staticStrictPolicy(ROOT),
    ...all.map((item) => convertPeerAuthentication(item, inheritedMode(found))),
  ];
  const listed = peerAuthenticationPolicyKeys(found, ROOT);
  const policies = known.filter(
    (policy) => policy !== undefined && listed.includes(`${policy.namespace}/${policy.name}`),
  );
  const connection = { sourceIp: new Uint8Array(4), destinationIp: new Uint8Array(4), destinationPort: port };
  const set = { policies: policies.filter((policy) => policy !== undefined), missing: [] };
  const identity = parseSpiffeId("spiffe://cluster.local/ns/web/sa/web");
  // Whatever the mode is, a peer with an identity is never refused.
  expect(evaluate(set, { ...connection, identity }).allow).toBe(true);
  return evaluate(set, { ...connection, identity: undefined }).allow;
}

describe("effectiveMode() follows ambient.md 6.5", () => {
  it.each([
    ["nothing at all", [], "PERMISSIVE"],
    ["mesh only", [mesh("STRICT")], "STRICT"],
    ["namespace over mesh", [mesh("STRICT"), inShop("PERMISSIVE")], "PERMISSIVE"],
    ["workload over namespace", [inShop("PERMISSIVE"), onCart("STRICT")], "STRICT"],
    ["UNSET inherits", [mesh("STRICT"), inShop("UNSET"), onCart("UNSET")], "STRICT"],
    ["DISABLE reads as PERMISSIVE", [mesh("STRICT"), inShop("DISABLE")], "PERMISSIVE"],
  ] as const)("%s", (_name, all, wanted) => {
    expect(effectiveMode(levels(...all))).toBe(wanted);
  });

  it("takes the oldest of a kind, then the name", () => {
    const at = (name: string, createdAt: number, mode: PeerAuthenticationMode): PeerAuthenticationInput =>
      peerAuthentication({ name, createdAt, mode });
    expect(effectiveMode(levels(at("b", 2, "PERMISSIVE"), at("c", 1, "STRICT")))).toBe("STRICT");
    expect(effectiveMode(levels(at("b", 1, "PERMISSIVE"), at("a", 1, "STRICT")))).toBe("STRICT");
    expect(effectiveMode(levels(at("a", 1, "STRICT"), at("b", 1, "PERMISSIVE")))).toBe("STRICT");
  });

  it("gives a selector in the root namespace no mesh-wide effect", () => {
    expect(
      effectiveMode(levels(peerAuthentication({ namespace: ROOT, mode: "STRICT", selectorLabels }))),
    ).toBe("PERMISSIVE");
  });

  it("selects by all labels of the selector", () => {
    const both = peerAuthentication({ mode: "STRICT", selectorLabels: { app: "cart", version: "v1" } });
    expect(effectiveMode(levels(both))).toBe("PERMISSIVE");
    const one = peerAuthentication({ mode: "STRICT", selectorLabels: { app: "cart" } });
    expect(effectiveMode(levels(one))).toBe("STRICT");
  });

  it("ignores port settings without a selector", () => {
    const item = peerAuthentication({ mode: "PERMISSIVE", portLevel: new Map([[80, "STRICT"]]) });
    expect(effectivePortMode(levels(item), 80)).toBe("PERMISSIVE");
    expect(convertPeerAuthentication(item, "PERMISSIVE")).toBeUndefined();
  });
});

describe("peerAuthenticationPolicyKeys() follows the rows of ambient.md 6.5", () => {
  const STATIC = `${ROOT}/istio_converted_static_strict`;
  const CONVERTED = "shop/converted_peer_authentication_p";
  it.each([
    ["STRICT without exceptions lists the static policy", [mesh("STRICT")], [STATIC]],
    ["PERMISSIVE lists nothing", [mesh("PERMISSIVE")], []],
    [
      "exceptions list the converted policy only",
      [mesh("STRICT"), onCart("UNSET", [[9090, "PERMISSIVE"]])],
      [CONVERTED],
    ],
    [
      "a port with the mode of the rest is no exception",
      [
        onCart("STRICT", [
          [9090, "STRICT"],
          [80, "UNSET"],
        ]),
      ],
      [STATIC],
    ],
    ["PERMISSIVE with a STRICT port", [onCart("PERMISSIVE", [[80, "STRICT"]])], [CONVERTED]],
  ] as const)("%s", (_name, all, wanted) => {
    expect(keys(...all)).toEqual(wanted);
  });
});

describe("convertPeerAuthentication() builds the policies of ambient.md 6.5", () => {
  it("example of 13.4: STRICT inherited, port 9090 PERMISSIVE", () => {
    const policy = convertPeerAuthentication(onCart("UNSET", [[9090, "PERMISSIVE"]]), "STRICT");
    expect(policy).toMatchObject({
      name: "converted_peer_authentication_p",
      action: "DENY",
      scope: "WORKLOAD_SELECTOR",
    });
    expect(policy?.groups).toEqual([
      [
        [expect.objectContaining({ notDestinationPorts: [9090], notPrincipals: [] })],
        [expect.objectContaining({ notDestinationPorts: [], notPrincipals: [{ kind: "presence" }] })],
      ],
    ]);
  });

  it("one group per STRICT port under PERMISSIVE, in order of the ports", () => {
    const policy = convertPeerAuthentication(
      onCart("PERMISSIVE", [
        [90, "STRICT"],
        [80, "STRICT"],
      ]),
      "STRICT",
    );
    const one = (port: number): unknown => [
      [expect.objectContaining({ destinationPorts: [port], notPrincipals: [{ kind: "presence" }] })],
    ];
    expect(policy?.groups).toEqual([one(80), one(90)]);
  });
});

describe("the listed policies let plaintext in exactly where the mode says so", () => {
  const MODES: readonly PeerAuthenticationMode[] = ["UNSET", "DISABLE", "PERMISSIVE", "STRICT"];
  it("for every mode of mesh, namespace and workload, and of two ports", () => {
    for (const first of MODES)
      for (const second of MODES)
        for (const third of MODES)
          for (const fourth of MODES) {
            const all = [
              mesh(first),
              inShop(second),
              onCart(third, [
                [80, fourth],
                [81, "STRICT"],
                [82, "PERMISSIVE"],
              ]),
            ];
            for (const port of [80, 81, 82, 83]) {
              const wanted = effectivePortMode(levels(...all), port) === "PERMISSIVE";
              expect(plaintextAllowed(all, port), [first, second, third, fourth, port].join(" ")).toBe(
                wanted,
              );
            }
          }
  });
});
