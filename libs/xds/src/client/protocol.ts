import { describeError } from "@ambit/base/errors.ts";
import type { DeltaRequestProperties, DeltaResponse } from "@ambit/contract/grpc-services.ts";
import type { envoy } from "@ambit/contract/gen/ambit.js";

/** A type a client asks for. */
export interface ClientType {
  readonly typeUrl: string;
  /** Ask for single keys instead of everything. */
  readonly onDemand: boolean;
  /** Versions by name that the caller holds from an earlier run: only differences to them are sent. */
  readonly held?: ReadonlyMap<string, string>;
}

/** A resource as it arrived. */
export interface ReceivedResource {
  readonly name: string;
  readonly version: string;
  readonly bytes: Uint8Array;
}

/** Why one resource could not be used. */
export interface RejectedResource {
  readonly name: string;
  readonly reason: string;
}

type Node = envoy.service.discovery.v3.Node.$Properties;

/** Most text of a rejection that is sent. */
const MAX_NACK_LENGTH = 16_384;

/**
 * The client's half of the delta protocol for one type, without the stream: which versions are held, which keys are
 * awaited, what to send at the start of a stream and in answer to a response.
 */
export class ClientSession {
  readonly type: ClientType;
  readonly #versions = new Map<string, string>();
  readonly #waiting = new Map<string, (() => void)[]>();
  #acked = false;

  constructor(type: ClientType) {
    this.type = type;
    for (const [name, version] of type.held ?? []) this.#versions.set(name, version);
  }

  /** True once a response was accepted in full, or when nothing is asked for up front. */
  get synced(): boolean {
    return this.#acked || this.type.onDemand;
  }

  /** The first request of a stream: everything held, so that only differences come back; keys still awaited have no version. */
  initialRequest(node: Node): DeltaRequestProperties {
    const initialResourceVersions: Record<string, string> = Object.fromEntries(this.#versions);
    for (const key of this.#waiting.keys()) initialResourceVersions[key] ??= "";
    const optOut = this.type.onDemand
      ? { resourceNamesSubscribe: ["*"], resourceNamesUnsubscribe: ["*"] }
      : {};
    return { node, typeUrl: this.type.typeUrl, initialResourceVersions, ...optOut };
  }

  /**
   * Applies a response and gives the ACK or NACK to send. `apply` says which resources it rejected; when it throws, all
   * of them count as rejected.
   *
   * A rejected resource keeps the version of its last good content, if there was one: that is what the client holds, so
   * the server will send a newer one again, and will also say when the resource is gone.
   */
  onResponse(
    response: DeltaResponse,
    apply: (
      resources: readonly ReceivedResource[],
      removed: readonly string[],
    ) => readonly RejectedResource[],
  ): DeltaRequestProperties {
    const received = response.resources.map((resource) => ({
      name: resource.name ?? "",
      version: resource.version ?? "",
      bytes: resource.resource?.value ?? new Uint8Array(),
    }));
    const rejected = applied(received, () => apply(received, response.removedResources));
    const bad = new Set(rejected.map((resource) => resource.name));
    for (const { name, version } of received) if (!bad.has(name)) this.#versions.set(name, version);
    for (const name of response.removedResources) this.#versions.delete(name);
    for (const { name } of received) this.#wake(name);
    for (const name of response.removedResources) this.#wake(name);
    const answer = { typeUrl: this.type.typeUrl, responseNonce: response.nonce };
    if (rejected.length === 0) {
      this.#acked = true;
      return answer;
    }
    return { ...answer, errorDetail: { code: 0, message: rejectionText(rejected) } };
  }

  /** The request for one key, and a promise that resolves when its answer has been applied. */
  subscribe(key: string): { readonly request: DeltaRequestProperties; readonly answered: Promise<void> } {
    const answered = new Promise<void>((resolve) => {
      const waiters = this.#waiting.get(key);
      if (waiters === undefined) this.#waiting.set(key, [resolve]);
      else waiters.push(resolve);
    });
    return { request: { typeUrl: this.type.typeUrl, resourceNamesSubscribe: [key] }, answered };
  }

  #wake(name: string): void {
    const waiters = this.#waiting.get(name);
    this.#waiting.delete(name);
    for (const wake of waiters ?? []) wake();
  }
}

function applied(
  received: readonly ReceivedResource[],
  apply: () => readonly RejectedResource[],
): readonly RejectedResource[] {
  try {
    return apply();
  } catch (thrown) {
    const reason = describeError(thrown);
    const names = received.length === 0 ? [""] : received.map((resource) => resource.name);
    return names.map((name) => ({ name, reason }));
  }
}

function rejectionText(rejected: readonly RejectedResource[]): string {
  const text = rejected.map((resource) => `${resource.name}: ${resource.reason}`).join("; ");
  return text.length <= MAX_NACK_LENGTH ? text : `${text.slice(0, MAX_NACK_LENGTH)}...`;
}
