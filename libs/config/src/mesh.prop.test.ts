import { expect, test } from "vitest";
import { seededRandom, type Random } from "@ambit/base/random.ts";
import type { KubeObject } from "@ambit/kube/resources/registry.ts";
import { podValue, serviceValue, yamlDocument } from "@ambit/kube/testing/yaml-builder.ts";
import { Mesh, type MeshChanges } from "./mesh.ts";
import { DEFAULT_MESH_OPTIONS } from "./options.ts";
import { deleteOf, objectsOf, putOf } from "./testing/mesh-from-yaml.ts";

const NAMESPACES = ["a", "b", DEFAULT_MESH_OPTIONS.rootNamespace];
const APPS = ["x", "y", "z"];

function pick<T>(random: Random, values: readonly T[]): T {
  const value = values[random.below(values.length)];
  if (value === undefined) throw new Error("nothing to pick from");
  return value;
}

function maybe(random: Random, value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return random.below(2) === 0 ? {} : value;
}

/** A random resource out of a small world, so that names, labels and addresses meet often. */
function randomValue(random: Random): object {
  const namespace = pick(random, NAMESPACES);
  const name = pick(random, ["one", "two", "three"]);
  const labels = { app: pick(random, APPS), ...maybe(random, { tier: pick(random, ["front", "back"]) }) };
  const metadata = { name, namespace };
  const wish = maybe(random, { "istio.io/use-waypoint": pick(random, ["one", "none"]) });
  const selector = maybe(random, {
    selector: { matchLabels: { app: pick(random, APPS), ...maybe(random, { tier: "front" }) } },
  });
  switch (random.below(9)) {
    case 0:
    case 1: {
      const node = pick(random, ["node-a", "node-b"]);
      const ip = `10.0.${random.below(3)}.${random.below(5)}`;
      return podValue({
        name,
        namespace,
        labels: { ...labels, ...wish },
        ip,
        node,
        ready: random.below(2) === 0,
      });
    }
    case 2:
      return {
        ...serviceValue({
          name,
          namespace,
          selector: labels,
          spec: maybe(random, { clusterIP: "10.96.7.7" }),
        }),
        metadata: { ...metadata, labels: wish },
      };
    case 3:
      return {
        ...serviceValue({ name, namespace, selector: {}, spec: { ports: [{ port: 15_008 }] } }),
        metadata: {
          ...metadata,
          labels: { "istio.io/waypoint-for": pick(random, ["service", "workload", "all"]) },
        },
      };
    case 4: {
      const spec = {
        action: "DENY",
        rules: [{ to: [{ operation: { ports: [pick(random, ["80", "81"])] } }] }],
        ...selector,
      };
      return { apiVersion: "security.istio.io/v1", kind: "AuthorizationPolicy", metadata, spec };
    }
    case 5: {
      const ports =
        "selector" in selector ? maybe(random, { portLevelMtls: { 8080: { mode: "STRICT" } } }) : {};
      const spec = { mtls: { mode: pick(random, ["UNSET", "STRICT", "PERMISSIVE"]) }, ...selector, ...ports };
      return { apiVersion: "security.istio.io/v1", kind: "PeerAuthentication", metadata, spec };
    }
    case 6: {
      const hosts = [pick(random, ["h.example.com", `one.${namespace}.svc.cluster.local`])];
      const endpoints = { endpoints: [{ address: "192.0.2.1" }], resolution: "STATIC" };
      const chosen = pick(random, [
        endpoints,
        { resolution: "DNS" },
        { workloadSelector: { labels: { app: "x" } }, resolution: "STATIC" },
      ]);
      const spec = {
        hosts,
        ports: [{ number: 80, name: "http" }],
        ...chosen,
        ...maybe(random, { exportTo: ["."] }),
      };
      return { apiVersion: "networking.istio.io/v1", kind: "ServiceEntry", metadata, spec };
    }
    case 7: {
      const spec = { address: "192.0.2.9", labels };
      return { apiVersion: "networking.istio.io/v1", kind: "WorkloadEntry", metadata, spec };
    }
    default: {
      const kinds = [
        { kind: "Namespace", metadata: { name: namespace, labels: wish } },
        {
          kind: "Node",
          metadata: { name: "node-a", labels: { "topology.kubernetes.io/zone": pick(random, ["1", "2"]) } },
        },
      ];
      return { apiVersion: "v1", ...pick(random, kinds) };
    }
  }
}

/** Follows the changes alone, as the snapshots do. */
class Follower {
  readonly state = new Map<string, unknown>();

  take(changes: MeshChanges): void {
    for (const [kind, list] of Object.entries(changes) as [
      string,
      readonly { key: string; before: unknown; after: unknown }[],
    ][]) {
      for (const { key, before, after } of list) {
        expect(before === undefined ? undefined : this.state.get(`${kind} ${key}`)).toEqual(before);
        if (after === undefined) this.state.delete(`${kind} ${key}`);
        else this.state.set(`${kind} ${key}`, after);
      }
    }
  }
}

/** Addresses handed out depend on who came first; everything else must not. */
function comparable(state: ReadonlyMap<string, unknown>): object {
  const text = JSON.stringify(
    [...state].sort(([left], [right]) => (left < right ? -1 : 1)),
    (key, value: unknown) => {
      if (value instanceof Map) return [...value];
      return key === "ip" && typeof value === "string" && /^(10\.96|240\.240)\./.test(value)
        ? "allocated"
        : value;
    },
  );
  return JSON.parse(text) as object;
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  "the mesh kept by changes equals the mesh made from nothing (seed %i)",
  (seed) => {
    const random = seededRandom(seed);
    const mesh = new Mesh(DEFAULT_MESH_OPTIONS);
    const kept = new Follower();
    const present = new Map<string, KubeObject>();
    for (let round = 0; round < 120; round++) {
      for (let step = random.below(4); step >= 0; step--) {
        if (present.size > 0 && random.below(3) === 0) {
          const key = pick(random, [...present.keys()]);
          const object = present.get(key);
          if (object !== undefined) mesh.apply([deleteOf(object)]);
          present.delete(key);
          continue;
        }
        const [object] = objectsOf(yamlDocument(randomValue(random)));
        if (object === undefined) throw new Error("the value was not read");
        present.set(`${object.kind}/${object.metadata.namespace}/${object.metadata.name}`, object);
        mesh.apply([putOf(object)]);
      }
      kept.take(mesh.flush());
      if (round % 10 !== 9) continue;
      const fresh = new Mesh(DEFAULT_MESH_OPTIONS);
      const made = new Follower();
      fresh.apply([...present.values()].map(putOf));
      made.take(fresh.flush());
      expect(comparable(kept.state)).toEqual(comparable(made.state));
    }
  },
);
