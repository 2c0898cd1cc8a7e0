import { openSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { silentLogger } from "@ambit/base/logger.ts";
import { seededRandom } from "@ambit/base/random.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { AgentError } from "./agent-error.ts";
import { Enrolment } from "./enrol.ts";
import type { PodSandbox } from "./platform/platform.ts";

function sandbox(change: Partial<PodSandbox> = {}): PodSandbox {
  return {
    uid: "u1",
    name: "web-1",
    namespace: "default",
    serviceAccount: "web",
    node: "node-a",
    netnsPath: "/run/netns/pod-web-1",
    ips: ["10.244.1.2"],
    labels: {},
    annotations: {},
    namespaceLabels: { "istio.io/dataplane-mode": "ambient" },
    hostNetwork: false,
    started: false,
    ...change,
  };
}

/** Records every step in order; the proxy is away until `connected` is set. */
function rig() {
  const steps: string[] = [];
  const clock = new FakeClock();
  const waiting = new Set<() => void>();
  const proxy = { connected: true, refuses: 0 };
  const enrolment = new Enrolment(
    { dnsCapture: true, ipv6: false },
    {
      clock,
      random: seededRandom(1),
      logger: silentLogger,
      rules: {
        apply: async (_path, options) =>
          void steps.push(`rules ${options.dnsCapture ? "with" : "without"} dns`),
        remove: async () => void steps.push("no rules"),
      },
      zds: () => ({
        get connected() {
          return proxy.connected;
        },
        add: async (pod) => {
          if (!proxy.connected) throw new AgentError("no-proxy", "none");
          if (proxy.refuses-- > 0) throw new AgentError("zds", "refused");
          steps.push(`add ${pod.uid}`);
        },
        remove: async (uid) => void steps.push(`del ${uid}`),
        onceConnected: (run) => {
          waiting.add(run);
          return () => waiting.delete(run);
        },
      }),
      annotate: (_uid, redirection) => void steps.push(`annotate "${redirection}"`),
      openNamespace: () => openSync("/dev/null", "r"),
    },
  );
  const connect = (): void => {
    proxy.connected = true;
    for (const run of waiting) run();
  };
  return { steps, clock, proxy, enrolment, connect };
}

/** Adds the pod; `admitted` tells whether its processes may start. */
function add(enrolment: Enrolment, pod: PodSandbox): { admitted: boolean } {
  const state = { admitted: false };
  void enrolment.added(pod).then(() => (state.admitted = true));
  return state;
}

const CAPTURED = ["rules with dns", "add u1", 'annotate "enabled"'];

describe("Enrolment", () => {
  test("added() admits a pod outside the mesh at once and does nothing to it", async () => {
    const { steps, clock, enrolment } = rig();
    const state = add(enrolment, sandbox({ namespaceLabels: {} }));
    await clock.advance(0);
    expect(state.admitted).toBe(true);
    expect(steps).toEqual([]);
  });

  test("added() puts the rules in before anything runs, and admits after the proxy has it", async () => {
    const { steps, clock, enrolment } = rig();
    const state = add(enrolment, sandbox());
    expect(state.admitted).toBe(false);
    await clock.advance(0);
    expect(steps).toEqual(CAPTURED);
    expect(state.admitted).toBe(true);
    expect(enrolment.servedOn("node-a").map((pod) => pod.uid)).toEqual(["u1"]);
    expect(enrolment.servedOn("node-b")).toEqual([]);
  });

  test("keeps a new pod waiting, with its rules in, while the proxy is away", async () => {
    const { steps, clock, proxy, enrolment, connect } = rig();
    proxy.connected = false;
    const state = add(enrolment, sandbox());
    await clock.advance(60_000);
    expect(steps).toEqual(["rules with dns", 'annotate "pending"']);
    expect(state.admitted).toBe(false);
    connect();
    await clock.advance(0);
    expect(steps.slice(2)).toEqual(["add u1", 'annotate "enabled"']);
    expect(state.admitted).toBe(true);
  });

  test("tries again when the proxy refuses", async () => {
    const { steps, clock, proxy, enrolment } = rig();
    proxy.refuses = 3;
    const state = add(enrolment, sandbox());
    await clock.advance(1_000);
    expect(steps.at(-1)).toBe('annotate "enabled"');
    expect(state.admitted).toBe(true);
  });

  test("changed() captures a running pod without a moment in which nobody answers: proxy first, then the rules", async () => {
    const { steps, clock, enrolment } = rig();
    add(enrolment, sandbox({ namespaceLabels: {} }));
    await clock.advance(0);
    enrolment.changed(sandbox({ started: true }));
    await clock.advance(0);
    expect(steps).toEqual(["add u1", "rules with dns", 'annotate "enabled"']);
  });

  test("changed() closes a running pod off at once when the proxy is away", async () => {
    const { steps, clock, proxy, enrolment } = rig();
    add(enrolment, sandbox({ namespaceLabels: {} }));
    await clock.advance(0);
    proxy.connected = false;
    enrolment.changed(sandbox({ started: true }));
    await clock.advance(0);
    expect(steps).toEqual(["rules with dns", 'annotate "pending"']);
  });

  test("changed() releases in reverse: announced, a second later the rules, then the proxy", async () => {
    const { steps, clock, enrolment } = rig();
    add(enrolment, sandbox());
    await clock.advance(0);
    enrolment.changed(sandbox({ started: true, labels: { "istio.io/dataplane-mode": "none" } }));
    await clock.advance(999);
    expect(steps).toEqual([...CAPTURED, 'annotate ""']);
    await clock.advance(1);
    expect(steps.slice(4)).toEqual(["no rules", "del u1"]);
    expect(enrolment.servedOn("node-a")).toEqual([]);
  });

  test("changed() back within that second leaves the pod captured", async () => {
    const { steps, clock, enrolment } = rig();
    add(enrolment, sandbox());
    await clock.advance(0);
    enrolment.changed(sandbox({ started: true, namespaceLabels: {} }));
    await clock.advance(500);
    enrolment.changed(sandbox({ started: true }));
    await clock.advance(5_000);
    expect(steps).toEqual([...CAPTURED, 'annotate ""', "add u1", 'annotate "enabled"']);
  });

  test("changed() loads other rules when an annotation asks for them, and does nothing for any other change", async () => {
    const { steps, clock, enrolment } = rig();
    add(enrolment, sandbox());
    await clock.advance(0);
    enrolment.changed(sandbox({ started: true, labels: { version: "v2" } }));
    await clock.advance(0);
    expect(steps).toEqual(CAPTURED);
    enrolment.changed(sandbox({ started: true, annotations: { "ambient.istio.io/dns-capture": "false" } }));
    await clock.advance(0);
    expect(steps.slice(3)).toEqual(["add u1", "rules without dns"]);
  });

  test("removed() tells the proxy and leaves the rules to the namespace", async () => {
    const { steps, clock, enrolment } = rig();
    add(enrolment, sandbox());
    await clock.advance(0);
    await enrolment.removed("u1");
    expect(steps).toEqual([...CAPTURED, "del u1"]);
    await enrolment.removed("u1");
    expect(steps.at(-1)).toBe("del u1");
  });

  test("removed() ends the waiting of a pod that was never admitted", async () => {
    const { clock, proxy, enrolment } = rig();
    proxy.connected = false;
    const state = add(enrolment, sandbox());
    await clock.advance(10);
    await enrolment.removed("u1");
    expect(state.admitted).toBe(true);
    expect(clock.armed).toBe(0);
  });

  test.each([
    ["a pod on its node's network", { hostNetwork: true }],
    ["a pod with a sidecar", { annotations: { "sidecar.istio.io/status": "{}" } }],
    ["the mesh's own namespace", { namespace: "ambit-system" }],
    ["a pod that says none", { labels: { "istio.io/dataplane-mode": "none" } }],
  ])("leaves %s alone", async (_name, change) => {
    const { steps, clock, enrolment } = rig();
    const state = add(enrolment, sandbox(change));
    await clock.advance(0);
    expect([state.admitted, steps]).toEqual([true, []]);
  });

  test("captures a pod by its own label in a namespace without one", async () => {
    const { steps, clock, enrolment } = rig();
    add(enrolment, sandbox({ namespaceLabels: {}, labels: { "istio.io/dataplane-mode": "ambient" } }));
    await clock.advance(0);
    expect(steps).toEqual(CAPTURED);
  });
});
