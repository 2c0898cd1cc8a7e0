import { EMPTY_MATCH } from "@ambit/model/policy.ts";
import type { Clause, Group, Match, Policy } from "@ambit/model/policy.ts";

export type PeerAuthenticationMode = "UNSET" | "DISABLE" | "PERMISSIVE" | "STRICT";

/** A PeerAuthentication, as much as node proxies need of it. */
export interface PeerAuthenticationInput {
  readonly name: string;
  readonly namespace: string;
  /** Undefined without a selector; the whole namespace is meant then, or the mesh from the root namespace. */
  readonly selectorLabels: Readonly<Record<string, string>> | undefined;
  readonly mode: PeerAuthenticationMode;
  /** Port of the application to its mode. */
  readonly portLevel: ReadonlyMap<number, PeerAuthenticationMode>;
  /** Milliseconds since the epoch; of several the oldest counts, then the name. */
  readonly createdAt: number;
}

/** The three levels that can say something about one workload, the closest first. */
export interface PeerAuthenticationLevels {
  readonly workload: PeerAuthenticationInput | undefined;
  readonly namespace: PeerAuthenticationInput | undefined;
  readonly mesh: PeerAuthenticationInput | undefined;
}

/** Whether plaintext is refused. */
export type EffectiveMode = "STRICT" | "PERMISSIVE";

/** Name of the static policy in the root namespace. */
export const STATIC_STRICT_NAME = "istio_converted_static_strict";

const CONVERTED_PREFIX = "converted_peer_authentication_";

/** Holds exactly when the peer has no mutual-TLS identity. */
const NO_IDENTITY: Match = { ...EMPTY_MATCH, notPrincipals: [{ kind: "presence" }] };

/**
 * The PeerAuthentications that count for a workload, out of any list that contains them. A selector in the root
 * namespace has no mesh-wide effect: it only selects workloads of that namespace.
 */
export function peerAuthenticationLevels(
  all: Iterable<PeerAuthenticationInput>,
  workload: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> },
  rootNamespace: string,
): PeerAuthenticationLevels {
  let selected: PeerAuthenticationInput | undefined;
  let namespace: PeerAuthenticationInput | undefined;
  let mesh: PeerAuthenticationInput | undefined;
  for (const item of all) {
    if (item.selectorLabels === undefined) {
      if (item.namespace === rootNamespace) mesh = older(item, mesh);
      else if (item.namespace === workload.namespace) namespace = older(item, namespace);
    } else if (item.namespace === workload.namespace && selects(item.selectorLabels, workload.labels)) {
      selected = older(item, selected);
    }
  }
  return { workload: selected, namespace, mesh };
}

/** The mode of a workload, port exceptions apart: the closest level that says one. @default PERMISSIVE */
export function effectiveMode(levels: PeerAuthenticationLevels): EffectiveMode {
  for (const level of [levels.workload, levels.namespace, levels.mesh]) {
    if (level !== undefined && level.mode !== "UNSET") return plain(level.mode);
  }
  return "PERMISSIVE";
}

/** The mode on one port of a workload. */
export function effectivePortMode(levels: PeerAuthenticationLevels, port: number): EffectiveMode {
  const own = levels.workload?.portLevel.get(port) ?? "UNSET";
  return own === "UNSET" ? effectiveMode(levels) : plain(own);
}

/** The static policy of the root namespace; it has to be sent when any PeerAuthentication exists. */
export function staticStrictPolicy(rootNamespace: string): Policy {
  return denial(rootNamespace, STATIC_STRICT_NAME, [[[NO_IDENTITY]]]);
}

/**
 * The policy for a selected workload's port exceptions (ambient.md 6.5); undefined when no port differs from the rest.
 * `inherited` is the mode of the namespace or mesh, which counts where the PeerAuthentication leaves its own unset.
 */
export function convertPeerAuthentication(
  input: PeerAuthenticationInput,
  inherited: EffectiveMode,
): Policy | undefined {
  if (input.selectorLabels === undefined) return undefined;
  const top = input.mode === "UNSET" ? inherited : plain(input.mode);
  const exceptions = portExceptions(input, top);
  if (exceptions.length === 0) return undefined;
  return denial(input.namespace, `${CONVERTED_PREFIX}${input.name}`, exceptionGroups(top, exceptions));
}

/** Mode that a selector PeerAuthentication of this namespace inherits. */
export function inheritedMode(levels: PeerAuthenticationLevels): EffectiveMode {
  return effectiveMode({ ...levels, workload: undefined });
}

/** Keys of the policies a workload has to list: at most one, either for its port exceptions or the static one. */
export function peerAuthenticationPolicyKeys(
  levels: PeerAuthenticationLevels,
  rootNamespace: string,
): readonly string[] {
  if (levels.workload !== undefined) {
    const converted = convertPeerAuthentication(levels.workload, inheritedMode(levels));
    if (converted !== undefined) return [`${converted.namespace}/${converted.name}`];
  }
  return effectiveMode(levels) === "STRICT" ? [`${rootNamespace}/${STATIC_STRICT_NAME}`] : [];
}

/** Ports whose mode differs from the rest of the workload, in order. */
function portExceptions(input: PeerAuthenticationInput, top: EffectiveMode): number[] {
  return [...input.portLevel]
    .filter(([, mode]) => mode !== "UNSET" && plain(mode) !== top)
    .map(([port]) => port)
    .sort((left, right) => left - right);
}

function exceptionGroups(top: EffectiveMode, ports: readonly number[]): readonly Group[] {
  if (top === "PERMISSIVE") return ports.map((port) => [[{ ...NO_IDENTITY, destinationPorts: [port] }]]);
  const elsewhere = ports.map((port): Clause => [{ ...EMPTY_MATCH, notDestinationPorts: [port] }]);
  return [[...elsewhere, [NO_IDENTITY]]];
}

function denial(namespace: string, name: string, groups: readonly Group[]): Policy {
  return { name, namespace, scope: "WORKLOAD_SELECTOR", action: "DENY", groups, dryRun: false };
}

/** DISABLE means the same as PERMISSIVE: the node proxy accepts mutual TLS wherever it is offered. */
function plain(mode: Exclude<PeerAuthenticationMode, "UNSET">): EffectiveMode {
  return mode === "STRICT" ? "STRICT" : "PERMISSIVE";
}

function older(
  item: PeerAuthenticationInput,
  held: PeerAuthenticationInput | undefined,
): PeerAuthenticationInput {
  if (held === undefined || item.createdAt < held.createdAt) return item;
  return item.createdAt === held.createdAt && item.name < held.name ? item : held;
}

function selects(labels: Readonly<Record<string, string>>, of: Readonly<Record<string, string>>): boolean {
  return Object.entries(labels).every(([key, value]) => of[key] === value);
}
