import { describe, expect, test } from "vitest";
import { Mesh } from "@ambit/config/mesh.ts";
import { DEFAULT_MESH_OPTIONS } from "@ambit/config/options.ts";
import { deleteOf, objectsOf, putOf } from "@ambit/config/testing/mesh-from-yaml.ts";
import {
  podValue,
  policyValue,
  serviceValue,
  yamlDocument,
  yamlDocuments,
} from "@ambit/kube/testing/yaml-builder.ts";
import { NodeView } from "./node-view.ts";
import { Publisher } from "./publisher.ts";

const POD = "Kubernetes//Pod/default/web-1";
const WEB = "default/web.default.svc.cluster.local";
const DENY = policyValue("deny", {
  selector: { matchLabels: { app: "web" } },
  action: "DENY",
  rules: [{ from: [{ source: { principals: ["*"] } }] }],
});

class World {
  readonly mesh = new Mesh(DEFAULT_MESH_OPTIONS);
  readonly publisher = new Publisher(new NodeView());
  /** What the snapshots reported, in order. */
  readonly told: string[] = [];

  constructor() {
    this.publisher.authorizations.subscribe((names) =>
      this.told.push(...names.map((name) => `policy ${name}`)),
    );
    this.publisher.addresses.subscribe((names) => this.told.push(...names.map((name) => `address ${name}`)));
  }

  put(...values: readonly object[]): string[] {
    this.mesh.apply(objectsOf(yamlDocuments(...values)).map(putOf));
    return this.#publish();
  }

  remove(value: object): string[] {
    this.mesh.apply(objectsOf(yamlDocument(value)).map(deleteOf));
    return this.#publish();
  }

  #publish(): string[] {
    this.publisher.publish(this.mesh.flush());
    return this.told.splice(0);
  }
}

describe("Publisher", () => {
  const pod = podValue({ name: "web-1", labels: { app: "web" } });

  test("publish() sends policies before the workloads that name them", () => {
    const told = new World().put(pod, serviceValue({ name: "web" }), DENY);
    const first = told.findIndex((name) => name.startsWith("address"));
    expect(told.slice(0, first)).toContain("policy default/deny");
    expect(told.slice(first).some((name) => name.startsWith("policy"))).toBe(false);
    expect(told.slice(first).sort()).toEqual([`address ${POD}`, `address ${WEB}`]);
  });

  test("publish() changes one resource when one pod changes, and none when nothing did", () => {
    const world = new World();
    world.put(pod, serviceValue({ name: "web" }));
    expect(world.put(pod)).toEqual([]);
    expect(world.put(podValue({ name: "web-1", labels: { app: "web" }, ready: false }))).toEqual([
      `address ${POD}`,
    ]);
    expect(world.remove(pod)).toEqual([`address ${POD}`]);
    expect(world.publisher.addresses.get(POD)).toBeUndefined();
  });

  test("publish() makes addresses and services findable on demand", () => {
    const world = new World();
    world.put(pod, serviceValue({ name: "web", spec: { clusterIP: "10.96.0.7" } }));
    const { addresses } = world.publisher;
    expect(addresses.resolve("/10.244.1.5")).toEqual([POD]);
    expect(addresses.resolve("/10.96.0.7")).toEqual([WEB]);
    expect([...addresses.resolve(WEB)].sort()).toEqual([POD, WEB]);
  });

  test("publish() makes streams look again at a policy when a workload brings it to a node", () => {
    const world = new World();
    world.put(DENY, pod);
    const other = podValue({ name: "web-2", labels: { app: "web" }, node: "node-b", ip: "10.244.2.9" });
    expect(world.put(other)).toEqual(["policy default/deny", "address Kubernetes//Pod/default/web-2"]);
  });

  test("what is published of a workload names its policies", () => {
    const world = new World();
    world.put(pod, serviceValue({ name: "web" }), DENY);
    const encoded = world.publisher.addresses.get(POD)?.encoded ?? new Uint8Array();
    expect(Buffer.from(encoded).includes("default/deny")).toBe(true);
  });
});
