import type { Diagnostic, Origin, ResourceName } from "./diagnostics.ts";
import type { KubeObject } from "./resources/registry.ts";

/** A file's statement that a resource looks like this. */
export interface Claim {
  readonly key: string;
  readonly resource: ResourceName;
  readonly object: KubeObject;
  readonly origin: Origin;
  /** Roots with a higher rank describe what really runs; they win over manifests without a message. */
  readonly rank: number;
  /** The round in which the file first made the claim: who was there first stays. */
  readonly since: number;
}

/**
 * Who wins when several documents define one resource: the one that was there first, so that a duplicate dropped into the
 * directory changes nothing; of those that came together (as at a start), the first by file name and line.
 */
export class Claims {
  readonly #byKey = new Map<string, Claim[]>();

  /** Replaces one file's claims; returns the keys of which the winner may have changed. */
  replace(before: readonly Claim[], after: readonly Claim[]): Set<string> {
    const touched = new Set<string>();
    for (const claim of before) {
      const others = this.#byKey.get(claim.key)?.filter((other) => other !== claim) ?? [];
      if (others.length === 0) this.#byKey.delete(claim.key);
      else this.#byKey.set(claim.key, others);
      touched.add(claim.key);
    }
    for (const claim of after) {
      const all = this.#byKey.get(claim.key);
      if (all === undefined) this.#byKey.set(claim.key, [claim]);
      else this.#byKey.set(claim.key, [...all, claim].sort(compareClaims));
      touched.add(claim.key);
    }
    return touched;
  }

  winner(key: string): Claim | undefined {
    return this.#byKey.get(key)?.[0];
  }

  /** AMB0008 for every claim on `key` that loses against one of its own rank. */
  duplicates(key: string): Diagnostic[] {
    const all = this.#byKey.get(key);
    if (all === undefined || all.length < 2) return [];
    const found: Diagnostic[] = [];
    for (const [index, claim] of all.entries()) {
      const winner = all.find((other) => other.rank === claim.rank);
      if (index === 0 || winner === undefined || winner === claim) continue;
      found.push({
        code: "AMB0008",
        severity: "error",
        message: `already defined at ${winner.origin.file}:${winner.origin.line}; this one is ignored`,
        origin: claim.origin,
        field: "metadata.name",
        remedy: "rename or remove one of them",
        resource: claim.resource,
      });
    }
    return found;
  }
}

function compareClaims(left: Claim, right: Claim): number {
  if (left.rank !== right.rank) return right.rank - left.rank;
  if (left.since !== right.since) return left.since - right.since;
  const { origin: a } = left;
  const { origin: b } = right;
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line;
}
