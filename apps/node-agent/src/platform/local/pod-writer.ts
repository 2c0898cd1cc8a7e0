import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { writeFileAtomic } from "@ambit/base/files.ts";
import { DEFAULTS } from "@ambit/contract/names.ts";
import { LABELS } from "@ambit/contract/labels.ts";
import type { NodeAddresses } from "./address-plan.ts";

/** Writes the objects that a cluster's own components would: Pods and Nodes, one file each, replaced as a whole. */
export class PodWriter {
  readonly #pods: string;
  readonly #nodes: string;
  readonly #last = new Map<string, string>();

  /** `clusterDir` holds `pods/` and `nodes/`. Pods that an earlier run of the agent wrote are taken away. */
  constructor(clusterDir: string) {
    this.#pods = join(clusterDir, "pods");
    this.#nodes = join(clusterDir, "nodes");
    for (const folder of [this.#pods, this.#nodes]) mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const file of readdirSync(this.#pods)) {
      // The mesh's own proxies are written by whoever runs them.
      if (!file.startsWith(`${DEFAULTS.systemNamespace}_`)) rmSync(join(this.#pods, file), { force: true });
    }
  }

  /** Writes a Pod object; the same object again costs nothing. */
  write(namespace: string, name: string, object: Record<string, unknown>): void {
    const path = this.#path(namespace, name);
    const text = stringify(object);
    if (this.#last.get(path) === text) return;
    writeFileAtomic(path, text, 0o600);
    this.#last.set(path, text);
  }

  remove(namespace: string, name: string): void {
    const path = this.#path(namespace, name);
    this.#last.delete(path);
    rmSync(path, { force: true });
  }

  writeNode(node: NodeAddresses, labels: Readonly<Record<string, string>>): void {
    const object = {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: node.name, labels: { ...labels } },
      spec: { podCIDR: node.podCidr, podCIDRs: [node.podCidr, node.podCidr6] },
      status: {
        addresses: [
          { type: "InternalIP", address: node.underlay },
          { type: "Hostname", address: node.name },
        ],
        conditions: [{ type: "Ready", status: "True" }],
      },
    };
    writeFileAtomic(join(this.#nodes, `${node.name}.yaml`), stringify(object), 0o600);
  }

  #path(namespace: string, name: string): string {
    return join(this.#pods, `${namespace}_${name}.yaml`);
  }
}

/** Labels of a simulated node: each is a zone of its own in one region. */
export function nodeLabels(name: string): Readonly<Record<string, string>> {
  return {
    "kubernetes.io/hostname": name,
    "kubernetes.io/os": "linux",
    [LABELS.region]: "local",
    [LABELS.zone]: `local-${name}`,
  };
}
