import { parseCidr } from "@ambit/base/ip.ts";
import { expect, test } from "vitest";
import { EMPTY_MATCH } from "@ambit/model/policy.ts";
import { MeshStore } from "@ambit/store/mesh-store.ts";
import { denyAccount, identity, service, workload } from "../testing/build.ts";
import { configDump } from "./config-dump.ts";

function dump(store: MeshStore): Record<string, unknown> {
  return configDump({
    store,
    certificates: [
      { identity: identity("web"), certificate: undefined, error: "" },
      { identity: identity("cart"), certificate: undefined, error: "refused" },
    ],
    pods: [{ uid: "u1", identity: { name: "web", namespace: "shop", serviceAccount: "web" }, state: "Up" }],
    connections: [
      {
        uid: "u1",
        inbound: [],
        outbound: [{ src: "a:1", originalDst: "b:2", actualDst: "c:3", protocol: "HBONE" }],
      },
      { uid: "u2", inbound: [], outbound: [] },
    ],
    version: { version: "0.1.0" },
    config: {},
  });
}

test("configDump() has every section of the contract", () => {
  expect(Object.keys(dump(new MeshStore()))).toEqual([
    "workloads",
    "services",
    "policies",
    "stagedServices",
    "staticConfig",
    "version",
    "config",
    "certificates",
    "workloadState",
  ]);
});

test("configDump() writes workloads and services with Istio's keys and values", () => {
  const store = new MeshStore();
  const waypoint = {
    kind: "hostname",
    namespace: "shop",
    hostname: "wp.shop.svc",
    hbonePort: 15008,
  } as const;
  const key = "shop/cart.shop.svc.cluster.local";
  const ports = [{ servicePort: 80, targetPort: 8080, appProtocol: "UNKNOWN" as const }];
  store.upsertWorkload(
    workload("cart", {
      addresses: ["10.0.1.8"],
      services: new Map([
        [key, ports],
        ["shop/late", []],
      ]),
      waypoint,
    }),
  );
  store.upsertService(
    service("cart", {
      addresses: [
        { network: "", ip: "10.96.0.7", length: undefined },
        { network: "n", ip: "10.1.0.0", length: 16 },
      ],
    }),
  );
  const { workloads, services, stagedServices } = dump(store);
  expect(workloads).toMatchObject([
    {
      workloadIps: ["10.0.1.8"],
      waypoint: { destination: "shop/wp.shop.svc", hboneMtlsPort: 15008 },
      protocol: "HBONE",
      networkMode: "Standard",
      status: "Healthy",
    },
  ]);
  const uid = "Kubernetes//Pod/shop/cart";
  expect(services).toMatchObject([
    {
      vips: ["/10.96.0.7"],
      cidrVips: ["n/10.1.0.0/16"],
      ports: { "80": 8080 },
      endpoints: { [uid]: { workloadUid: uid, port: { "80": 8080 }, status: "Healthy" } },
      visibility: "Public",
    },
  ]);
  expect(Object.keys(stagedServices as object)).toEqual(["shop/late"]);
});

test("configDump() writes policies as rules of matches, certificates by state and pods with connections", () => {
  const store = new MeshStore();
  const block = parseCidr("10.0.0.0/8");
  if (block === undefined) throw new Error("no block");
  const match = {
    ...EMPTY_MATCH,
    notPrincipals: [{ kind: "presence" as const }],
    sourceIps: [block],
    destinationPorts: [80],
  };
  store.upsertPolicy(denyAccount("web", { groups: [[[match]]] }));
  const { policies, certificates, workloadState } = dump(store);
  expect(policies).toEqual([
    {
      name: "no-web",
      namespace: "shop",
      scope: "Namespace",
      action: "Deny",
      rules: [[[{ notPrincipals: [{ Presence: [] }], sourceIps: ["10.0.0.0/8"], destinationPorts: [80] }]]],
      dryRun: false,
    },
  ]);
  expect(certificates).toMatchObject([{ state: "Initializing" }, { state: "Unavailable: refused" }]);
  expect(workloadState).toEqual({
    u1: {
      state: "Up",
      connections: {
        inbound: [],
        outbound: [{ src: "a:1", originalDst: "b:2", actualDst: "c:3", protocol: "HBONE" }],
      },
      info: { name: "web", namespace: "shop", serviceAccount: "web" },
    },
  });
});
