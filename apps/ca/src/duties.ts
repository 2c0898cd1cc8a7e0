import type { ServerTls } from "@ambit/runtime/reloadable-tls.ts";
import type { OwnCertificate } from "./own-certificate.ts";
import type { Replica, ReplicaDuties } from "./replica.ts";
import type { RootStore } from "./root-store.ts";
import type { RotationRequests } from "./rotation-requests.ts";
import type { Rotation } from "./rotation.ts";
import type { Upkeep } from "./upkeep.ts";

export interface DutiesDeps {
  readonly store: Pick<RootStore, "refresh" | "version">;
  readonly own: Pick<OwnCertificate, "renew">;
  readonly rotation: Pick<Rotation, "begin" | "resume">;
  readonly upkeep: Pick<Upkeep, "start">;
  readonly requests: RotationRequests;
  readonly replica: Pick<Replica, "leads" | "slot">;
  /** Writes the trust bundle where others read it. */
  readonly publish: () => void;
}

/** What a replica of the authority does beside signing: as the one that leads, and as one that follows. */
export class Duties implements ReplicaDuties {
  readonly #deps: DutiesDeps;
  /** The state that the own certificate was made under. */
  #certified = "";

  constructor(deps: DutiesDeps) {
    this.#deps = deps;
  }

  /** Makes the own certificate anew: by the present signer, and with the present roots for those who come with one. */
  async certify(): Promise<ServerTls> {
    const { store, own } = this.#deps;
    const { version } = store;
    const tls = await own.renew();
    this.#certified = version;
    return tls;
  }

  async lead(): Promise<void> {
    const { rotation, upkeep, publish } = this.#deps;
    publish();
    rotation.resume();
    await upkeep.start();
  }

  async follow(): Promise<void> {
    const { store, replica, rotation, requests } = this.#deps;
    store.refresh();
    if (store.version !== this.#certified) await this.certify();
    if (replica.leads) await requests.serve(() => rotation.begin());
  }

  /** Begins a rotation, here or at the replica that leads. Rejects with a CaError `state`. */
  async rotate(): Promise<void> {
    const { replica, rotation, requests } = this.#deps;
    if (replica.leads) await rotation.begin();
    else await requests.ask(replica.slot);
  }
}
