import { podKey, podName, workloadKey, type Workload } from "./workload.ts";

/** A pod that is there. */
export interface ScheduledPod {
  readonly namespace: string;
  readonly name: string;
  /** Key of its workload. */
  readonly owner: string;
  readonly revision: string;
  /** Empty while no node fits. */
  readonly node: string;
  readonly ready: boolean;
  /** On its way out: it counts for nothing but its name. */
  readonly leaving: boolean;
}

/** A node pods can be put on. */
export interface SchedulableNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface NewPod {
  readonly workload: Workload;
  readonly name: string;
  /** Undefined when no node fits its nodeName or nodeSelector. */
  readonly node: string | undefined;
}

/** One step towards what the manifests want; the next one follows when pods became ready or are gone. */
export interface Step {
  readonly create: readonly NewPod[];
  /** Keys of pods to take away. */
  readonly remove: readonly string[];
}

/** While a revision is rolled out a workload may have this many pods too many. */
const SURGE = 1;

/**
 * The next step: scales, replaces pods of old revisions one by one (the new one is ready before an old one goes), and
 * takes away what nothing wants any more. Pure: the same input gives the same step.
 */
export function nextStep(
  workloads: readonly Workload[],
  pods: readonly ScheduledPod[],
  nodes: readonly SchedulableNode[],
): Step {
  const create: NewPod[] = [];
  const remove: string[] = [];
  const names = new Set(pods.map(podKey));
  const placement = new Placement(pods, nodes);
  const wanted = new Set<string>();
  for (const workload of workloads) {
    const owner = workloadKey(workload);
    wanted.add(owner);
    const own = pods.filter((pod) => pod.owner === owner && !pod.leaving);
    const decided =
      workload.kind === "Deployment" ? rollDeployment(workload, own) : rollOrdered(workload, own);
    remove.push(...decided.remove.map(podKey));
    for (const index of pickIndexes(workload, decided, names)) {
      const name = podName(workload, index);
      names.add(`${workload.namespace}/${name}`);
      create.push({ workload, name, node: placement.choose(workload) });
    }
  }
  for (const pod of pods) if (!pod.leaving && !wanted.has(pod.owner)) remove.push(podKey(pod));
  return { create, remove };
}

interface Decision {
  /** How many pods to add; for ordered workloads the ordinals. */
  readonly add: number | readonly number[];
  readonly remove: readonly ScheduledPod[];
}

function rollDeployment(workload: Workload, own: readonly ScheduledPod[]): Decision {
  const { replicas, revision } = workload;
  const fresh = own.filter((pod) => pod.revision === revision);
  const old = own.filter((pod) => pod.revision !== revision);
  if (fresh.length > replicas)
    return { add: 0, remove: [...old, ...expendable(fresh, fresh.length - replicas)] };
  if (old.length === 0) return { add: replicas - fresh.length, remove: [] };
  const room = replicas + SURGE - own.length;
  const add = Math.max(0, Math.min(replicas - fresh.length, room));
  const ready = own.filter((pod) => pod.ready).length;
  const broken = old.filter((pod) => !pod.ready);
  // A ready old pod may go only while as many ready ones remain as are wanted.
  const spare = Math.max(0, Math.min(ready - replicas, old.length - broken.length));
  return { add, remove: [...broken, ...old.filter((pod) => pod.ready).slice(0, spare)] };
}

/** StatefulSets and single pods: by name, in order, one at a time. */
function rollOrdered(workload: Workload, own: readonly ScheduledPod[]): Decision {
  const byName = new Map(own.map((pod) => [pod.name, pod]));
  const add: number[] = [];
  for (let index = 0; index < workload.replicas; index++) {
    const pod = byName.get(podName(workload, index));
    byName.delete(podName(workload, index));
    if (pod === undefined) {
      add.push(index);
      break;
    }
    if (!pod.ready && pod.revision === workload.revision) break;
  }
  const surplus = [...byName.values()].filter((pod) => !isWithin(workload, pod.name));
  if (add.length > 0 || surplus.length > 0) return { add, remove: surplus };
  const outdated = own.filter((pod) => pod.revision !== workload.revision);
  const broken = outdated.find((pod) => !pod.ready);
  const allReady = own.every((pod) => pod.ready);
  const next = broken ?? (allReady ? outdated.toSorted(byOrdinal).at(-1) : undefined);
  return { add: [], remove: next === undefined ? [] : [next] };
}

function isWithin(workload: Workload, name: string): boolean {
  for (let index = 0; index < workload.replicas; index++) if (podName(workload, index) === name) return true;
  return false;
}

function byOrdinal(left: ScheduledPod, right: ScheduledPod): number {
  return left.name.localeCompare(right.name, "en", { numeric: true });
}

/** The pods a smaller number of replicas can do without best: not ready ones first, then from the fullest node. */
function expendable(pods: readonly ScheduledPod[], count: number): readonly ScheduledPod[] {
  const left = [...pods];
  const chosen: ScheduledPod[] = [];
  while (chosen.length < count) {
    const perNode = countBy(left, (pod) => pod.node);
    const rank = (pod: ScheduledPod): number => (pod.ready ? 0 : 1000) + (perNode.get(pod.node) ?? 0);
    left.sort((one, two) => rank(two) - rank(one) || (one.name < two.name ? 1 : -1));
    const next = left.shift();
    if (next === undefined) break;
    chosen.push(next);
  }
  return chosen;
}

function pickIndexes(workload: Workload, decision: Decision, names: ReadonlySet<string>): readonly number[] {
  const free = (index: number): boolean => !names.has(`${workload.namespace}/${podName(workload, index)}`);
  // The name of a pod that is on its way out is taken until it is gone.
  if (typeof decision.add !== "number") return decision.add.filter(free);
  const chosen: number[] = [];
  for (let index = 0; chosen.length < decision.add; index++) if (free(index)) chosen.push(index);
  return chosen;
}

function countBy(pods: readonly ScheduledPod[], key: (pod: ScheduledPod) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const pod of pods) counts.set(key(pod), (counts.get(key(pod)) ?? 0) + 1);
  return counts;
}

/** Spreads the pods of one revision over the nodes, then those of the workload, then all pods. */
class Placement {
  readonly #nodes: readonly SchedulableNode[];
  readonly #counts = new Map<string, number>();

  constructor(pods: readonly ScheduledPod[], nodes: readonly SchedulableNode[]) {
    this.#nodes = nodes;
    for (const pod of pods) if (!pod.leaving) this.#count(pod.node, pod.owner, pod.revision);
  }

  choose(workload: Workload): string | undefined {
    const owner = workloadKey(workload);
    const [best] = this.#nodes
      .filter((node) => fits(workload, node))
      .map(({ name }) => ({
        name,
        load: keysOf(name, owner, workload.revision).map((key) => this.#counts.get(key) ?? 0),
      }))
      .toSorted((one, two) => compareLoads(one.load, two.load));
    if (best !== undefined) this.#count(best.name, owner, workload.revision);
    return best?.name;
  }

  #count(node: string, owner: string, revision: string): void {
    for (const key of keysOf(node, owner, revision)) this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }
}

/** What is counted on a node, the weightiest first. */
function keysOf(node: string, owner: string, revision: string): readonly string[] {
  return [`${node} ${owner} ${revision}`, `${node} ${owner}`, node];
}

function compareLoads(one: readonly number[], two: readonly number[]): number {
  for (const [index, load] of one.entries()) {
    const difference = load - (two[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function fits(workload: Workload, node: SchedulableNode): boolean {
  const { nodeName, nodeSelector } = workload.spec;
  if (nodeName !== "" && nodeName !== node.name) return false;
  return Object.entries(nodeSelector).every(([key, value]) => node.labels[key] === value);
}
