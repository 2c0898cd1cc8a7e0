import { TYPE_URLS, type TypeUrl } from "@ambit/contract/type-urls.ts";
import { policyKey } from "@ambit/model/policy.ts";
import { serviceKey } from "@ambit/model/service.ts";
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
 *
 * A resource has to be named for what it is, and once in a response: a later removal or revocation comes by that name,
 * so content under another name could never be taken back. For the same reason nothing of a type that is not asked for
 * is taken: a state on disk can name any.
 */
export class MeshMirror {
  readonly store = new MeshStore();

  /** Applies one response. Returns what to reject, and what the data threads have to apply. */
  apply(batch: DeltaBatch): { rejected: readonly RejectedResource[]; accepted: Resources } {
    const typeUrl = batch.typeUrl as TypeUrl;
    if (typeUrl !== TYPE_URLS.authorization && typeUrl !== TYPE_URLS.address) {
      const rejected = batch.resources.map(({ name }) => ({ name, reason: "its type is not known" }));
      return { rejected, accepted: { kind: "resources", typeUrl, resources: [], removed: [] } };
    }
    const rejected: RejectedResource[] = [];
    const good: Uint8Array[] = [];
    const put = typeUrl === TYPE_URLS.authorization ? this.#putPolicy : this.#putAddress;
    const twice = repeated(batch.resources.map(({ name }) => name));
    for (const resource of batch.resources) {
      const { name, bytes } = resource;
      const reason = twice.has(name) ? "named twice in one response" : put(name, bytes);
      if (reason === undefined) good.push(resource.bytes);
      else rejected.push({ name: resource.name, reason });
    }
    for (const name of batch.removed) {
      if (typeUrl === TYPE_URLS.authorization) this.store.removePolicy(name);
      else this.store.removeAddress(name);
    }
    return { rejected, accepted: { kind: "resources", typeUrl, resources: good, removed: batch.removed } };
  }

  readonly #putPolicy = (name: string, bytes: Uint8Array): string | undefined => {
    const decoded = decodeAuthorization(bytes);
    if (!decoded.ok) return decoded.reason;
    const key = policyKey(decoded.value);
    if (key !== name) return misnamed(key);
    this.store.upsertPolicy(decoded.value);
    return undefined;
  };

  readonly #putAddress = (name: string, bytes: Uint8Array): string | undefined => {
    const decoded = decodeAddress(bytes);
    if (!decoded.ok) return decoded.reason;
    const address = decoded.value;
    const key = address.kind === "workload" ? address.workload.uid : serviceKey(address.service);
    if (key !== name) return misnamed(key);
    if (address.kind === "workload") this.store.upsertWorkload(address.workload);
    else this.store.upsertService(address.service);
    return undefined;
  };
}

function misnamed(key: string): string {
  return `it is ${key}, which is not its name`;
}

function repeated(names: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  return new Set(names.filter((name) => seen.size === seen.add(name).size));
}
