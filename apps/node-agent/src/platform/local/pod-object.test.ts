import { describe, expect, test } from "vitest";
import type { Container } from "@ambit/kube/resources/pod-spec.ts";
import { podObject, podPhase, podReady, type ContainerReport, type PodReport } from "./pod-object.ts";

const CONTAINER: Container = {
  name: "web",
  image: "web:1",
  command: [],
  args: [],
  workingDir: undefined,
  env: [],
  ports: [{ name: "http", containerPort: 8080, protocol: "TCP" }],
  readinessProbe: undefined,
  livenessProbe: undefined,
  startupProbe: undefined,
};

function container(change: Partial<ContainerReport> = {}): ContainerReport {
  return {
    container: CONTAINER,
    state: { phase: "running", pid: 7, startedAt: 0 },
    lastExit: undefined,
    restarts: 0,
    started: true,
    ready: true,
    ...change,
  };
}

function report(change: Partial<PodReport> = {}): PodReport {
  return {
    uid: "u1",
    name: "web-abc-1",
    workload: {
      kind: "Deployment",
      namespace: "shop",
      name: "web",
      replicas: 1,
      labels: {},
      annotations: {},
      spec: {
        containers: [CONTAINER],
        initContainers: [],
        nodeName: "",
        nodeSelector: {},
        serviceAccountName: "web",
        hostNetwork: false,
        hostname: "",
        subdomain: "",
        restartPolicy: "Always",
        terminationGracePeriodSeconds: 30,
      },
      serviceName: "",
      folder: "/m",
      revision: "abc",
    },
    labels: { app: "web" },
    annotations: { note: "x" },
    redirection: "enabled",
    node: "node-a",
    hostIp: "172.30.0.11",
    ips: ["10.244.1.2", "fd00::2"],
    waiting: "",
    initialized: true,
    containers: [container()],
    createdAt: "2026-01-01T00:00:00.000Z",
    deletedAt: undefined,
    ...change,
  };
}

const exit = (exitCode: number) => ({ phase: "terminated", exitCode, reason: "x" }) as const;

describe("podPhase()", () => {
  test.each([
    ["Running", report()],
    ["Pending", report({ waiting: "MeshNotReady" })],
    ["Pending", report({ initialized: false })],
    [
      "Pending",
      report({ containers: [container({ state: { phase: "waiting", reason: "x", message: "" } })] }),
    ],
    [
      "Running",
      report({
        containers: [
          container({
            state: { phase: "waiting", reason: "CrashLoopBackOff", message: "" },
            lastExit: exit(1),
          }),
        ],
      }),
    ],
    ["Succeeded", report({ containers: [container({ state: exit(0) })] })],
    ["Failed", report({ containers: [container({ state: exit(0) }), container({ state: exit(1) })] })],
  ])("says %s", (wanted, given) => expect(podPhase(given)).toBe(wanted));
});

describe("podReady()", () => {
  test("needs every container, and a pod that stays", () => {
    expect(podReady(report())).toBe(true);
    expect(podReady(report({ containers: [container(), container({ ready: false })] }))).toBe(false);
    expect(podReady(report({ deletedAt: "2026-01-01T00:00:00.000Z" }))).toBe(false);
  });
});

describe("podObject()", () => {
  test("has what discovery and the ca read", () => {
    expect(podObject(report())).toMatchObject({
      metadata: {
        name: "web-abc-1",
        namespace: "shop",
        uid: "u1",
        labels: { app: "web" },
        annotations: { note: "x", "ambient.istio.io/redirection": "enabled" },
        ownerReferences: [{ kind: "ReplicaSet", name: "web-abc", controller: true }],
      },
      spec: {
        nodeName: "node-a",
        serviceAccountName: "web",
        containers: [{ name: "web", ports: [{ name: "http", containerPort: 8080 }] }],
      },
      status: { phase: "Running", podIP: "10.244.1.2", podIPs: [{ ip: "10.244.1.2" }, { ip: "fd00::2" }] },
    });
  });

  test("never lets a manifest claim that a pod is captured", () => {
    const claimed = report({ redirection: "", annotations: { "ambient.istio.io/redirection": "enabled" } });
    expect(podObject(claimed)).toMatchObject({ metadata: { annotations: {} } });
  });

  test("says why a pod without a node does not run", () => {
    const object = podObject(report({ node: "", ips: [], waiting: "Unschedulable", containers: [] }));
    expect(object).toMatchObject({
      status: {
        phase: "Pending",
        conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable" }, {}, {}, {}],
      },
    });
  });
});
