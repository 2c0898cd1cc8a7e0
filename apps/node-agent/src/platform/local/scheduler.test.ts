import { describe, expect, test } from "vitest";
import type { PodSpec } from "@ambit/kube/resources/pod-spec.ts";
import { nextStep, type ScheduledPod, type Step } from "./scheduler.ts";
import { podKey, podName, revisionOf, workloadKey, type Workload } from "./workload.ts";

const NODES = ["node-a", "node-b"].map((name) => ({ name, labels: { "kubernetes.io/hostname": name } }));

const SPEC: PodSpec = {
  containers: [],
  initContainers: [],
  nodeName: "",
  nodeSelector: {},
  serviceAccountName: "default",
  hostNetwork: false,
  hostname: "",
  subdomain: "",
  restartPolicy: "Always",
  terminationGracePeriodSeconds: 30,
};

function workload(change: Partial<Workload> = {}, spec: Partial<PodSpec> = {}): Workload {
  const full = { ...SPEC, ...spec };
  return {
    kind: "Deployment",
    namespace: "default",
    name: "web",
    replicas: 3,
    labels: {},
    annotations: {},
    spec: full,
    serviceName: "",
    folder: "/m",
    revision: revisionOf(full),
    ...change,
  };
}

/** Carries a step out: created pods appear not ready, removed ones vanish. */
function carryOut(step: Step, pods: readonly ScheduledPod[]): ScheduledPod[] {
  const created = step.create.map(({ workload: owner, name, node }) => ({
    namespace: owner.namespace,
    name,
    owner: workloadKey(owner),
    revision: owner.revision,
    node: node ?? "",
    ready: false,
    leaving: false,
  }));
  return [...pods.filter((pod) => !step.remove.includes(podKey(pod))), ...created];
}

const allReady = (pods: readonly ScheduledPod[]): ScheduledPod[] =>
  pods.map((pod) => ({ ...pod, ready: true }));

function settle(workloads: readonly Workload[], pods: readonly ScheduledPod[] = []): ScheduledPod[] {
  let now = [...pods];
  for (let round = 0; round < 50; round++) {
    const step = nextStep(workloads, now, NODES);
    if (step.create.length === 0 && step.remove.length === 0) return now;
    now = allReady(carryOut(step, now));
  }
  throw new Error("the steps never end");
}

describe("nextStep()", () => {
  test("creates all replicas at once, spread over the nodes, with the same names every time", () => {
    const first = nextStep([workload()], [], NODES);
    expect(first.create.map((pod) => pod.node)).toEqual(["node-a", "node-b", "node-a"]);
    expect(first.create[0]?.name).toMatch(/^web-[a-z0-9]{10}-[a-z0-9]{5}$/);
    expect(new Set(first.create.map((pod) => pod.name)).size).toBe(3);
    expect(nextStep([workload()], [], NODES)).toEqual(first);
  });

  test("puts a second workload on the emptier node", () => {
    const step = nextStep([workload(), workload({ name: "client", replicas: 1 })], [], NODES);
    expect(step.create.at(-1)?.node).toBe("node-b");
  });

  test("scales up and down without touching the others", () => {
    const three = settle([workload()]);
    const five = settle([workload({ replicas: 5 })], three);
    expect(five).toHaveLength(5);
    expect(three.every((pod) => five.some((other) => other.name === pod.name))).toBe(true);
    const two = settle([workload({ replicas: 2 })], five);
    expect(two).toHaveLength(2);
    expect(new Set(two.map((pod) => pod.node)).size).toBe(2);
  });

  test("takes pods that are not ready away first when it scales down", () => {
    const pods = settle([workload()]).map((pod, index) => ({ ...pod, ready: index !== 1 }));
    const step = nextStep([workload({ replicas: 2 })], pods, NODES);
    expect(step.remove).toEqual([podKey(pods[1] as ScheduledPod)]);
  });

  test("replaces one by one, and never has fewer ready pods than wanted", () => {
    const before = settle([workload()]);
    const changed = workload({}, { terminationGracePeriodSeconds: 1 });
    let pods = before;
    for (let round = 0; round < 20; round++) {
      const step = nextStep([changed], pods, NODES);
      expect(step.create.length).toBeLessThanOrEqual(1);
      pods = carryOut(step, pods);
      expect(pods.filter((pod) => pod.ready).length).toBeGreaterThanOrEqual(3);
      expect(pods.length).toBeLessThanOrEqual(4);
      pods = allReady(pods);
    }
    expect(pods.map((pod) => pod.revision)).toEqual([changed.revision, changed.revision, changed.revision]);
  });

  test("spreads the new revision as well as the old one", () => {
    const others = settle([workload({ name: "other", replicas: 3 })]);
    const before = settle([workload({ replicas: 2 }), workload({ name: "other", replicas: 3 })], others);
    const changed = workload({ replicas: 2 }, { terminationGracePeriodSeconds: 1 });
    const after = settle([changed, workload({ name: "other", replicas: 3 })], before);
    const nodes = after.filter((pod) => pod.revision === changed.revision).map((pod) => pod.node);
    expect(nodes.toSorted()).toEqual(["node-a", "node-b"]);
  });

  test("replaces a broken revision without waiting for it", () => {
    const broken = settle([workload({ replicas: 1 })]).map((pod) => ({ ...pod, ready: false }));
    const fixed = workload({ replicas: 1 }, { terminationGracePeriodSeconds: 1 });
    expect(nextStep([fixed], broken, NODES).remove).toEqual([podKey(broken[0] as ScheduledPod)]);
    expect(settle([fixed], broken).map((pod) => pod.revision)).toEqual([fixed.revision]);
  });

  test("takes away what no manifest wants", () => {
    const pods = settle([workload()]);
    expect(nextStep([], pods, NODES).remove).toHaveLength(3);
  });

  test("does not use the name of a pod on its way out", () => {
    const pods = settle([workload({ replicas: 1 })]).map((pod) => ({ ...pod, leaving: true }));
    const step = nextStep([workload({ replicas: 1 })], pods, NODES);
    expect(step.create).toHaveLength(1);
    expect(step.create[0]?.name).not.toBe(pods[0]?.name);
  });

  test("starts a StatefulSet in order, each after the one before is ready", () => {
    const set = workload({ kind: "StatefulSet", name: "db" });
    const first = carryOut(nextStep([set], [], NODES), []);
    expect(first.map((pod) => pod.name)).toEqual(["db-0"]);
    expect(nextStep([set], first, NODES).create).toEqual([]);
    expect(settle([set]).map((pod) => pod.name)).toEqual(["db-0", "db-1", "db-2"]);
  });

  test("replaces a StatefulSet from its highest ordinal and keeps the names", () => {
    const set = workload({ kind: "StatefulSet", name: "db" });
    const changed = workload({ kind: "StatefulSet", name: "db" }, { terminationGracePeriodSeconds: 1 });
    const before = settle([set]);
    expect(nextStep([changed], before, NODES).remove).toEqual(["default/db-2"]);
    const after = settle([changed], before);
    expect(after.map((pod) => pod.name).toSorted()).toEqual(["db-0", "db-1", "db-2"]);
    expect(after.every((pod) => pod.revision === changed.revision)).toBe(true);
    expect(settle([{ ...changed, replicas: 1 }], after).map((pod) => pod.name)).toEqual(["db-0"]);
  });

  test("waits for the old pod of that name to be gone before it makes the new one", () => {
    const pod = workload({ kind: "Pod", name: "tool", replicas: 1 });
    const gone = settle([pod]).map((entry) => ({ ...entry, leaving: true }));
    expect(nextStep([pod], gone, NODES).create).toEqual([]);
    expect(podName(pod, 0)).toBe("tool");
  });

  test("honours nodeName and nodeSelector, and says when no node fits", () => {
    const pinned = workload({ replicas: 2 }, { nodeName: "node-b" });
    expect(nextStep([pinned], [], NODES).create.map((pod) => pod.node)).toEqual(["node-b", "node-b"]);
    const selected = workload({}, { nodeSelector: { "kubernetes.io/hostname": "node-a" } });
    expect(new Set(nextStep([selected], [], NODES).create.map((pod) => pod.node))).toEqual(
      new Set(["node-a"]),
    );
    const nowhere = workload({ replicas: 1 }, { nodeSelector: { disk: "ssd" } });
    expect(nextStep([nowhere], [], NODES).create[0]?.node).toBeUndefined();
  });
});
