import type { DeltaRequestProperties, DeltaResponse } from "@ambit/contract/grpc-services.ts";
import type { envoy } from "@ambit/contract/gen/ambit.js";

/** A type a client asks for. */
export interface ClientType {
  readonly typeUrl: string;
  /** Ask for single keys instead of everything. */
  readonly onDemand: boolean;
}

/** A resource as it arrived. */
export interface ReceivedResource {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Why one resource could not be used. */
export interface RejectedResource {
  readonly name: string;
  readonly reason: string;
}

type Node = envoy.service.discovery.v3.Node.$Properties;

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
  }

  /** True once a response was accepted in full, or when nothing is asked for up front. */
  get synced(): boolean {
    return this.#acked || this.type.onDemand;
  }

  /** The first request of a stream: everything held, so that only differences come back. */
  initialRequest(node: Node): DeltaRequestProperties {
    const initialResourceVersions: Record<string, string> = Object.fromEntries(this.#versions);
    for (const key of this.#waiting.keys()) initialResourceVersions[key] ??= "";
    const optOut = this.type.onDemand
      ? { resourceNamesSubscribe: ["*"], resourceNamesUnsubscribe: ["*"] }
      : {};
    return { node, typeUrl: this.type.typeUrl, initialResourceVersions, ...optOut };
  }

  /** Applies a response and gives the ACK or NACK to send. `apply` says which resources it rejected. */
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
    const rejected = apply(received, response.removedResources);
    const bad = new Set(rejected.map((resource) => resource.name));
    for (const { name, version } of received) {
      // A rejected resource is left out of the versions, so that it is sent again at the next connect.
      if (bad.has(name)) this.#versions.delete(name);
      else this.#versions.set(name, version);
      this.#wake(name);
    }
    for (const name of response.removedResources) {
      this.#versions.delete(name);
      this.#wake(name);
    }
    const answer = { typeUrl: this.type.typeUrl, responseNonce: response.nonce };
    if (rejected.length === 0) {
      this.#acked = true;
      return answer;
    }
    const message = rejected.map((resource) => `${resource.name}: ${resource.reason}`).join("; ");
    return { ...answer, errorDetail: { code: 0, message } };
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
