import type { Clock, Timer } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { ManifestFolder } from "./manifest-folder.ts";
import { namespaceManifest, serviceAccountManifest, serviceManifest } from "./manifests.ts";
import { deriveServices, type ServiceMember } from "./services.ts";

/** Changes within this time are written together. */
const SETTLE_MS = 10;

export interface ServiceBookDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly folder: Pick<ManifestFolder, "write" | "remove">;
  readonly members: () => readonly ServiceMember[];
  /** True when manifests of the user define the service: then theirs holds. */
  readonly isUserService: (namespace: string, name: string) => boolean;
  /** True when manifests of the user define the namespace: then theirs holds, with its labels. */
  readonly isUserNamespace: (name: string) => boolean;
}

/** Keeps the Service, ServiceAccount and Namespace objects equal to what the containers make of them. */
export class ServiceBook {
  readonly #deps: ServiceBookDeps;
  readonly #written = new Map<string, () => void>();
  #timer: Timer | undefined;

  constructor(deps: ServiceBookDeps) {
    this.#deps = deps;
  }

  /** Members changed: the objects follow soon. */
  changed(): void {
    this.#timer ??= this.#deps.clock.after(SETTLE_MS, () => this.update(), true);
  }

  /** Writes what is wanted now and takes away what is not. */
  update(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const { members, isUserService, isUserNamespace } = this.#deps;
    const present = members();
    const wanted = new Set<string>();
    for (const { namespace, name, ports } of deriveServices(present)) {
      if (isUserService(namespace, name)) continue;
      this.#write(wanted, "services", namespace, name, serviceManifest(namespace, name, ports));
    }
    for (const { namespace, serviceAccount } of present.map(({ pod }) => pod)) {
      const object = serviceAccountManifest(namespace, serviceAccount);
      this.#write(wanted, "serviceaccounts", namespace, serviceAccount, object);
      // Its file is named twice: one called ambit.yaml is no manifest.
      if (!isUserNamespace(namespace))
        this.#write(wanted, "namespaces", namespace, namespace, namespaceManifest(namespace));
    }
    for (const [key, remove] of this.#written) {
      if (wanted.has(key)) continue;
      this.#written.delete(key);
      remove();
    }
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #write(
    wanted: Set<string>,
    kind: "services" | "serviceaccounts" | "namespaces",
    namespace: string,
    name: string,
    object: Record<string, unknown>,
  ): void {
    const key = `${kind}/${namespace}/${name}`;
    if (wanted.has(key)) return;
    wanted.add(key);
    try {
      this.#deps.folder.write(kind, namespace, name, object);
      this.#written.set(key, () => this.#deps.folder.remove(kind, namespace, name));
    } catch (thrown) {
      this.#deps.logger.error("an object cannot be written", { object: key, error: describeError(thrown) });
    }
  }
}
