import { isDeepStrictEqual } from "node:util";
import { policyKey, type Policy } from "@ambit/model/policy.ts";
import { policySelects, type ConvertedPolicy } from "@ambit/policy/authorization-policy.ts";
import {
  convertPeerAuthentication,
  inheritedMode,
  peerAuthenticationLevels,
  peerAuthenticationPolicyKeys,
  staticStrictPolicy,
  type PeerAuthenticationInput,
  type PeerAuthenticationLevels,
} from "@ambit/policy/peer-auth.ts";
import type { MeshOptions } from "../options.ts";
import { translateAuthorizationPolicy, translatePeerAuthentication } from "../translate/authorization.ts";
import type { Change, Collection } from "./collection.ts";
import { on, type Graph } from "./graph.ts";
import type { Inputs } from "./inputs.ts";
import type { Index } from "./keyed-index.ts";
import { labelTerms, selectorTerm } from "./label-terms.ts";

/** Who is asked about: the labels decide which selectors hold. */
export interface Subject {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Where a changed selector may make a difference. */
export interface Reach {
  /** `*` for every namespace. */
  readonly namespace: string;
  /** Undefined for everything in the namespace. */
  readonly selector: Readonly<Record<string, string>> | undefined;
}

const STATIC_KEY = "static";

/** Policies for node proxies, from AuthorizationPolicies and PeerAuthentications. */
export class Policies {
  /** AuthorizationPolicies as node proxies understand them, keyed `namespace/name`. */
  readonly authorization: Collection<ConvertedPolicy>;
  /** PeerAuthentications, keyed `namespace/name`. */
  readonly peers: Collection<PeerAuthenticationInput>;
  /** Policies for port exceptions, keyed by their PeerAuthentication. */
  readonly portExceptions: Collection<Policy>;
  /** The static policy under one key, while any PeerAuthentication exists. */
  readonly staticStrict: Collection<Policy>;
  readonly #options: MeshOptions;
  readonly #bySelector: Index<ConvertedPolicy>;
  readonly #peersByNamespace: Index<PeerAuthenticationInput>;

  constructor(graph: Graph, inputs: Inputs, options: MeshOptions) {
    this.#options = options;
    this.authorization = graph.derive(
      "authorization",
      (key) => {
        const resource = inputs.AuthorizationPolicy.get(key);
        return resource === undefined ? undefined : translateAuthorizationPolicy(resource, options);
      },
      [on(inputs.AuthorizationPolicy, (change) => [change.key])],
    );
    this.#bySelector = this.authorization.index((converted) => this.#selectorTerms(converted));
    this.peers = graph.derive(
      "peers",
      (key) => {
        const resource = inputs.PeerAuthentication.get(key);
        return resource === undefined ? undefined : translatePeerAuthentication(resource);
      },
      [on(inputs.PeerAuthentication, (change) => [change.key])],
    );
    this.#peersByNamespace = this.peers.index((peer) => [peer.namespace]);
    this.portExceptions = graph.derive("portExceptions", (key) => this.#portException(key), [
      on(this.peers, (change) => this.#inheritors(change)),
    ]);
    this.staticStrict = graph.derive(
      "staticStrict",
      () => (this.peers.size > 0 ? staticStrictPolicy(options.rootNamespace) : undefined),
      [on(this.peers, () => [STATIC_KEY])],
    );
  }

  /** Every policy the node proxies get. */
  *all(): Generator<Policy> {
    for (const { policy } of this.authorization.values()) if (policy !== undefined) yield policy;
    yield* this.portExceptions.values();
    yield* this.staticStrict.values();
  }

  /** A policy by its key `namespace/name`. */
  get(key: string): Policy | undefined {
    const own = this.authorization.get(key)?.policy;
    if (own !== undefined) return own;
    for (const policy of this.staticStrict.values()) if (policyKey(policy) === key) return policy;
    for (const policy of this.portExceptions.values()) if (policyKey(policy) === key) return policy;
    return undefined;
  }

  /** The changes of this flush, by policy key. */
  *changes(): Generator<Change<Policy>> {
    for (const { before, after } of this.authorization.changes()) {
      yield* policyStep(before?.policy, after?.policy);
    }
    for (const collection of [this.portExceptions, this.staticStrict]) {
      for (const { before, after } of collection.changes()) yield* policyStep(before, after);
    }
  }

  /** Keys of the selector policies that concern a workload, sorted (ambient.md 2.9). */
  keysFor(subject: Subject): readonly string[] {
    const { rootNamespace } = this.#options;
    const keys = new Set(peerAuthenticationPolicyKeys(this.peerLevels(subject), rootNamespace));
    for (const scope of new Set([subject.namespace, rootNamespace])) {
      for (const term of labelTerms(scope, subject.labels)) {
        for (const { policy, selector } of this.#bySelector.values(term)) {
          if (policy === undefined || selector === undefined) continue;
          if (policySelects(policy.namespace, selector, subject, rootNamespace)) keys.add(policyKey(policy));
        }
      }
    }
    return [...keys].sort();
  }

  /** The PeerAuthentications that count for a workload. */
  peerLevels(subject: Subject): PeerAuthenticationLevels {
    return peerAuthenticationLevels(
      this.#peersAround(subject.namespace),
      subject,
      this.#options.rootNamespace,
    );
  }

  /** Where the workloads' lists of policies may have to change with this flush. */
  *reaches(): Generator<Reach> {
    const { rootNamespace } = this.#options;
    for (const { before, after } of this.authorization.changes()) {
      // Lists name policies; what a policy says may change without touching them.
      const listed = before?.policy !== undefined && after?.policy !== undefined;
      if (listed && isDeepStrictEqual(before.selector, after.selector)) continue;
      for (const converted of [before, after]) {
        const { policy, selector } = converted ?? {};
        if (policy === undefined || selector === undefined) continue;
        yield { namespace: policy.namespace === rootNamespace ? "*" : policy.namespace, selector };
      }
    }
    for (const { before, after } of this.peers.changes()) {
      for (const peer of [before, after]) {
        if (peer === undefined) continue;
        const whole = peer.selectorLabels === undefined && peer.namespace === rootNamespace;
        yield { namespace: whole ? "*" : peer.namespace, selector: peer.selectorLabels };
      }
    }
  }

  *#peersAround(namespace: string): Generator<PeerAuthenticationInput> {
    yield* this.#peersByNamespace.values(namespace);
    const { rootNamespace } = this.#options;
    if (namespace !== rootNamespace) yield* this.#peersByNamespace.values(rootNamespace);
  }

  /** Selector PeerAuthentications whose inherited mode a change may touch, and the changed one itself. */
  *#inheritors({ key, before, after }: Change<PeerAuthenticationInput>): Generator<string> {
    yield key;
    for (const peer of [before, after]) {
      if (peer === undefined || peer.selectorLabels !== undefined) continue;
      if (peer.namespace !== this.#options.rootNamespace) yield* this.#peersByNamespace.keys(peer.namespace);
      else for (const [other] of this.peers.entries()) yield other;
    }
  }

  #portException(key: string): Policy | undefined {
    const peer = this.peers.get(key);
    if (peer?.selectorLabels === undefined) return undefined;
    const subject = { namespace: peer.namespace, labels: peer.selectorLabels };
    return convertPeerAuthentication(peer, inheritedMode(this.peerLevels(subject)));
  }

  #selectorTerms({ policy, selector }: ConvertedPolicy): readonly string[] {
    if (policy === undefined || selector === undefined) return [];
    const term = selectorTerm(policy.namespace, selector);
    return term === undefined ? [] : [term];
  }
}

function* policyStep(before: Policy | undefined, after: Policy | undefined): Generator<Change<Policy>> {
  const named = after ?? before;
  if (named === undefined || before === after) return;
  yield { key: policyKey(named), before, after };
}
