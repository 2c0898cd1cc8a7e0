import { workloadIdentity } from "@ambit/model/workload-identity.ts";
import type { Workload } from "@ambit/model/workload.ts";

export interface LocalIdentitiesDeps {
  /** The first workload of an identity appeared: its certificate is fetched ahead of use. */
  readonly onFirst: (identity: string) => void;
  /** The last one is gone. */
  readonly onLast: (identity: string) => void;
}

/** Which identities the captured workloads of this node have (ambient.md 3.1, "Who gets one"). */
export class LocalIdentities {
  readonly #node: string;
  readonly #deps: LocalIdentitiesDeps;
  readonly #byUid = new Map<string, string>();
  readonly #uses = new Map<string, number>();

  /** `node`: name of the own node. */
  constructor(node: string, deps: LocalIdentitiesDeps) {
    this.#node = node;
    this.#deps = deps;
  }

  /** A workload as it is now; undefined when it was removed. */
  update(uid: string, workload: Workload | undefined): void {
    const before = this.#byUid.get(uid);
    const after = workload === undefined || !this.#isOurs(workload) ? undefined : workloadIdentity(workload);
    if (before === after) return;
    // The new one first, so that an identity which merely moves between workloads is not dropped in between.
    if (after !== undefined) {
      this.#byUid.set(uid, after);
      const uses = this.#uses.get(after) ?? 0;
      this.#uses.set(after, uses + 1);
      if (uses === 0) this.#deps.onFirst(after);
    } else this.#byUid.delete(uid);
    if (before !== undefined) this.#release(before);
  }

  #release(identity: string): void {
    const uses = (this.#uses.get(identity) ?? 1) - 1;
    if (uses > 0) {
      this.#uses.set(identity, uses);
      return;
    }
    this.#uses.delete(identity);
    this.#deps.onLast(identity);
  }

  #isOurs(workload: Workload): boolean {
    return workload.node === this.#node && workload.tunnelProtocol === "HBONE" && !workload.nativeTunnel;
  }
}
