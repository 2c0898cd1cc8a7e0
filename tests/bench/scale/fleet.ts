import { createHash } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { seededRandom, type Random } from "@ambit/base/random.ts";

export interface FleetSize {
  readonly services: number;
  readonly workloads: number;
  readonly nodes: number;
  readonly namespaces: number;
  readonly policies: number;
  readonly seed: number;
}

/** A workload of the fleet: everything its Pod object says that differs from pod to pod. */
export interface FleetPod {
  readonly name: string;
  readonly namespace: string;
  readonly app: string;
  readonly account: string;
  readonly node: string;
  readonly ip: string;
  readonly version: string;
}

export interface Fleet {
  readonly size: FleetSize;
  /** Folder of manifests: namespaces, services, accounts, policies. */
  readonly manifestsDir: string;
  /** Folder of what runs: nodes, and one file per pod. */
  readonly clusterDir: string;
  readonly pods: readonly FleetPod[];
}

/** Services of one namespace in one manifest file, as teams keep them. */
const SERVICES_PER_FILE = 50;

/** Writes a fleet into `folder`: the same size and seed make the same files, byte for byte. */
export function writeFleet(folder: string, size: FleetSize): Fleet {
  const random = seededRandom(size.seed);
  const manifestsDir = join(folder, "manifests");
  const clusterDir = join(folder, "cluster");
  for (const dir of [manifestsDir, join(clusterDir, "nodes"), join(clusterDir, "pods")])
    mkdirSync(dir, { recursive: true });
  writeNamespaces(manifestsDir, size);
  writeNodes(join(clusterDir, "nodes"), size);
  const services = planServices(size);
  writeServices(manifestsDir, services);
  writePolicies(manifestsDir, size, services, random);
  const pods = planPods(size, services, random);
  const fleet: Fleet = { size, manifestsDir, clusterDir, pods };
  for (const pod of pods) writePod(fleet, pod, true);
  return fleet;
}

/**
 * Puts a pod's file in place as a whole, with its readiness. `lasting` waits for the disk before the move, as the node
 * agent does. Returns the time of the move in milliseconds since the epoch, with fractions.
 */
export function writePod(fleet: Fleet, pod: FleetPod, ready: boolean, lasting = false): number {
  const path = join(fleet.clusterDir, "pods", `${pod.namespace}_${pod.name}.yaml`);
  const scratch = `${path}.tmp`;
  writeFileSync(scratch, podText(pod, ready), { flush: lasting });
  const at = performance.timeOrigin + performance.now();
  renameSync(scratch, path);
  return at;
}

interface FleetService {
  readonly name: string;
  readonly namespace: string;
  readonly account: string;
}

function namespaceOf(index: number, size: FleetSize): string {
  return `team-${index % size.namespaces}`;
}

function planServices(size: FleetSize): readonly FleetService[] {
  return Array.from({ length: size.services }, (_, index) => ({
    name: `app-${index}`,
    namespace: namespaceOf(index, size),
    account: `app-${index}`,
  }));
}

// Services differ in size, as real ones do: most are small, some have a hundred pods.
function planPods(size: FleetSize, services: readonly FleetService[], random: Random): readonly FleetPod[] {
  return Array.from({ length: size.workloads }, (_, index) => {
    const skewed = index < services.length ? index : Math.floor(random.next() ** 2 * services.length);
    const service = services[skewed] ?? { name: "lone", namespace: "team-0", account: "lone" };
    const version = `v${1 + random.below(2)}`;
    // Pods of one version are of one ReplicaSet and carry its hash.
    return {
      name: `${service.name}-${hashOf(`${service.name} ${version}`)}-${hex(random, 2)}${index.toString(36)}`,
      namespace: service.namespace,
      app: service.name,
      account: service.account,
      node: `node-${random.below(size.nodes)}`,
      ip: `10.${128 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`,
      version,
    };
  });
}

function hashOf(text: string): string {
  return `h${createHash("sha256").update(text).digest("hex").slice(0, 8)}`;
}

function hex(random: Random, length: number): string {
  return Buffer.from(random.bytes((length + 1) >> 1))
    .toString("hex")
    .slice(0, length);
}

function writeNamespaces(folder: string, size: FleetSize): void {
  const names = ["ambit-system", ...Array.from({ length: size.namespaces }, (_, index) => `team-${index}`)];
  const texts = names.map((name) =>
    lines(
      "apiVersion: v1",
      "kind: Namespace",
      "metadata:",
      `  name: ${name}`,
      "  labels:",
      "    istio.io/dataplane-mode: ambient",
    ),
  );
  writeFileSync(join(folder, "namespaces.yaml"), texts.join("---\n"));
}

function writeNodes(folder: string, size: FleetSize): void {
  for (let index = 0; index < size.nodes; index++) {
    const text = lines(
      "apiVersion: v1",
      "kind: Node",
      "metadata:",
      `  name: node-${index}`,
      "  labels:",
      "    topology.kubernetes.io/region: r1",
      `    topology.kubernetes.io/zone: r1-z${index % 3}`,
    );
    writeFileSync(join(folder, `node-${index}.yaml`), text);
  }
}

function writeServices(folder: string, services: readonly FleetService[]): void {
  const byNamespace = Map.groupBy(services, (service) => service.namespace);
  for (const [namespace, own] of byNamespace) {
    mkdirSync(join(folder, namespace), { recursive: true });
    for (let at = 0; at < own.length; at += SERVICES_PER_FILE) {
      const texts = own.slice(at, at + SERVICES_PER_FILE).map(serviceText);
      writeFileSync(join(folder, namespace, `services-${at / SERVICES_PER_FILE}.yaml`), texts.join("---\n"));
    }
  }
}

function serviceText({ name, namespace, account }: FleetService): string {
  return lines(
    "apiVersion: v1",
    "kind: ServiceAccount",
    "metadata:",
    `  name: ${account}`,
    `  namespace: ${namespace}`,
    "---",
    "apiVersion: v1",
    "kind: Service",
    "metadata:",
    `  name: ${name}`,
    `  namespace: ${namespace}`,
    "  labels:",
    `    app: ${name}`,
    "spec:",
    "  selector:",
    `    app: ${name}`,
    "  ports:",
    "    - name: http",
    "      port: 80",
    "      targetPort: 8080",
    "    - name: metrics",
    "      port: 9090",
    "      targetPort: metrics",
  );
}

// One in four concerns a whole namespace, the others one application.
function writePolicies(
  folder: string,
  size: FleetSize,
  services: readonly FleetService[],
  random: Random,
): void {
  const texts: string[] = [];
  for (let index = 0; index < size.policies; index++) {
    const target = services[random.below(services.length)];
    const friend = services[random.below(services.length)];
    if (target === undefined || friend === undefined) break;
    texts.push(
      lines(
        "apiVersion: security.istio.io/v1",
        "kind: AuthorizationPolicy",
        "metadata:",
        `  name: policy-${index}`,
        `  namespace: ${target.namespace}`,
        "spec:",
        ...(index % 4 === 0 ? [] : ["  selector:", "    matchLabels:", `      app: ${target.name}`]),
        "  action: ALLOW",
        "  rules:",
        "    - from:",
        "        - source:",
        "            principals:",
        `              - cluster.local/ns/${friend.namespace}/sa/${friend.account}`,
        "      to:",
        "        - operation:",
        "            ports:",
        '              - "8080"',
      ),
    );
  }
  writeFileSync(join(folder, "policies.yaml"), texts.join("---\n"));
}

function podText(pod: FleetPod, ready: boolean): string {
  const replicaSet = pod.name.slice(0, pod.name.lastIndexOf("-"));
  return lines(
    "apiVersion: v1",
    "kind: Pod",
    "metadata:",
    `  name: ${pod.name}`,
    `  namespace: ${pod.namespace}`,
    `  uid: ${pod.name}-uid`,
    "  labels:",
    `    app: ${pod.app}`,
    `    version: ${pod.version}`,
    `    pod-template-hash: ${replicaSet.slice(replicaSet.lastIndexOf("-") + 1)}`,
    "  annotations:",
    "    ambient.istio.io/redirection: enabled",
    "  ownerReferences:",
    "    - apiVersion: apps/v1",
    "      kind: ReplicaSet",
    `      name: ${replicaSet}`,
    "      controller: true",
    "spec:",
    `  nodeName: ${pod.node}`,
    `  serviceAccountName: ${pod.account}`,
    "  containers:",
    "    - name: main",
    `      image: registry.example/${pod.app}:1.0`,
    "      ports:",
    "        - name: http",
    "          containerPort: 8080",
    "        - name: metrics",
    "          containerPort: 9090",
    "      readinessProbe:",
    "        httpGet:",
    "          path: /ready",
    "          port: 8080",
    "status:",
    "  phase: Running",
    `  podIP: ${pod.ip}`,
    "  podIPs:",
    `    - ip: ${pod.ip}`,
    "  conditions:",
    "    - type: Ready",
    `      status: "${ready ? "True" : "False"}"`,
  );
}

function lines(...texts: readonly string[]): string {
  return `${texts.join("\n")}\n`;
}
