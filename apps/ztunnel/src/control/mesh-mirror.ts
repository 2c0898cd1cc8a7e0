import { TYPE_URLS, type TypeUrl } from "@ambit/contract/type-urls.ts";
import { MeshStore } from "@ambit/store/mesh-store.ts";
import type { DeltaBatch } from "@ambit/xds/client/delta-client.ts";
import type { RejectedResource } from "@ambit/xds/client/protocol.ts";
import { decodeAddress } from "@ambit/xds/resources/address.ts";
import { decodeAuthorization } from "@ambit/xds/resources/authorization.ts";
import type { ToData } from "../messages.ts";

type Resources = Extract<ToData, { kind: "resources" }>;

/**
 * The main thread's copy of the mesh: decides which resources are good, answers the admin page, and passes the bytes of
 * the good ones on. A rejected resource leaves the last good one in force.
 */
export class MeshMirror {
  readonly store = new MeshStore();

  /** Applies one response. Returns what to reject, and what the data threads have to apply. */
  apply(batch: DeltaBatch): { rejected: readonly RejectedResource[]; accepted: Resources } {
    const rejected: RejectedResource[] = [];
    const good: Uint8Array[] = [];
    const put = batch.typeUrl === TYPE_URLS.authorization ? this.#putPolicy : this.#putAddress;
    for (const resource of batch.resources) {
      const reason = put(resource.bytes);
      if (reason === undefined) good.push(resource.bytes);
      else rejected.push({ name: resource.name, reason });
    }
    for (const name of batch.removed) {
      if (batch.typeUrl === TYPE_URLS.authorization) this.store.removePolicy(name);
      else this.store.removeAddress(name);
    }
    const typeUrl = batch.typeUrl as TypeUrl;
    return { rejected, accepted: { kind: "resources", typeUrl, resources: good, removed: batch.removed } };
  }

  readonly #putPolicy = (bytes: Uint8Array): string | undefined => {
    const decoded = decodeAuthorization(bytes);
    if (!decoded.ok) return decoded.reason;
    this.store.upsertPolicy(decoded.value);
    return undefined;
  };

  readonly #putAddress = (bytes: Uint8Array): string | undefined => {
    const decoded = decodeAddress(bytes);
    if (!decoded.ok) return decoded.reason;
    if (decoded.value.kind === "workload") this.store.upsertWorkload(decoded.value.workload);
    else this.store.upsertService(decoded.value.service);
    return undefined;
  };
}
