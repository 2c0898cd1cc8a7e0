import type { Clock, Timer } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import type { Logger } from "@ambit/base/logger.ts";
import { TYPE_URLS, type TypeUrl } from "@ambit/contract/type-urls.ts";
import type { WorkloadCertificate } from "@ambit/identity/certificate.ts";
import type { MeshStore } from "@ambit/store/mesh-store.ts";
import { decodeAddress } from "@ambit/xds/resources/address.ts";
import { decodeAuthorization } from "@ambit/xds/resources/authorization.ts";
import { workloadIdentity } from "@ambit/model/workload-identity.ts";
import type { FromData, PodAnnouncement, ToData } from "../messages.ts";
import type { AccessLog } from "./access-log.ts";
import type { Certificates } from "./certificates.ts";
import type { Connections } from "./connections.ts";
import type { DnsMetrics } from "./dns-metrics.ts";
import type { KeyWaits } from "./key-waits.ts";
import type { LocalWorkloads } from "./local-workloads.ts";
import type { PeerTrust } from "./peer-trust.ts";
import type { Pod } from "./pod.ts";
import type { PodProxy } from "./pod-proxy.ts";
import type { TrafficMetrics } from "./traffic-metrics.ts";

export interface DataPlaneDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: MeshStore;
  readonly local: LocalWorkloads;
  readonly certificates: Certificates;
  readonly connections: Connections;
  readonly keys: KeyWaits;
  readonly accessLog: AccessLog;
  readonly traffic: TrafficMetrics;
  readonly dns: DnsMetrics;
  readonly makeProxy: (pod: Pod) => PodProxy;
  readonly peerTrust: PeerTrust;
  readonly setLevels: (levels: Extract<ToData, { kind: "levels" }>["levels"]) => void;
  readonly post: (message: FromData) => void;
}

/** How often a drain looks whether its connections have ended. */
const DRAIN_POLL_MS = 50;

interface Entry {
  readonly pod: Pod;
  readonly proxy: PodProxy;
  draining: Timer | undefined;
}

/** The inside of a data thread: applies the main thread's messages in order, one writer of everything it owns. */
export class DataPlane {
  readonly #deps: DataPlaneDeps;
  readonly #pods = new Map<number, Entry>();

  constructor(deps: DataPlaneDeps) {
    this.#deps = deps;
  }

  /** Applies one message. Never throws. */
  handle(message: ToData): void {
    const { certificates, keys, traffic, dns, connections, post } = this.#deps;
    switch (message.kind) {
      case "resources":
        this.#apply(message.typeUrl, message.resources, message.removed);
        break;
      case "certificate":
        this.#deps.peerTrust.learn(message.certificate.chain);
        certificates.put(message.certificate);
        break;
      case "certificate-failed":
        certificates.fail(message.identity, message.error);
        break;
      case "certificate-gone":
        certificates.remove(message.identity);
        break;
      case "key-answered":
        keys.answered(message.key);
        break;
      case "pod-add":
        void this.#add(message.pod);
        break;
      case "pod-del":
        this.#remove(message.id, message.drainMs);
        break;
      case "drain":
        this.#drainAll(message.drainMs);
        break;
      case "scrape": {
        connections.sync();
        post({
          kind: "scraped",
          request: message.request,
          samples: [...traffic.samples(), ...dns.samples()],
        });
        break;
      }
      case "connections": {
        const pods = connections.rows(this.pods());
        post({ kind: "connections", request: message.request, pods });
        break;
      }
      case "levels":
        this.#deps.setLevels(message.levels);
    }
  }

  /**
   * A certificate took another one's place. What is asked from now on is asked with the new one: a peer may cut what
   * still goes over the old one as soon as it no longer trusts who issued it. Peers of ours that this holds for are cut.
   */
  onReplaced(before: WorkloadCertificate, after: WorkloadCertificate): void {
    const isTrusted = this.#deps.peerTrust.after(before.roots, after.roots);
    const { connections, logger } = this.#deps;
    for (const { pod, proxy } of this.#pods.values()) {
      if (pod.workload === undefined || workloadIdentity(pod.workload) !== after.identity) continue;
      proxy.retire();
      if (isTrusted === undefined) continue;
      const cut = connections.cutUntrusted([pod], isTrusted);
      if (cut > 0) logger.info("connections closed: their issuer is no longer trusted", { connections: cut });
    }
  }

  /** Every pod that is served or draining. */
  pods(): Pod[] {
    return [...this.#pods.values()].map((entry) => entry.pod);
  }

  #apply(typeUrl: TypeUrl, resources: readonly Uint8Array[], removed: readonly string[]): void {
    const { store, local, connections, logger } = this.#deps;
    if (typeUrl === TYPE_URLS.authorization) {
      for (const bytes of resources) {
        const decoded = decodeAuthorization(bytes);
        if (decoded.ok) store.upsertPolicy(decoded.value);
      }
      for (const name of removed) store.removePolicy(name);
    } else {
      for (const bytes of resources) {
        const decoded = decodeAddress(bytes);
        if (!decoded.ok) continue;
        if (decoded.value.kind === "workload") store.upsertWorkload(decoded.value.workload);
        else store.upsertService(decoded.value.service);
      }
      for (const name of removed) store.removeAddress(name);
    }
    const cut = connections.recheck(local.takeTouched());
    if (cut > 0) logger.info("connections closed due to policy change", { connections: cut });
  }

  async #add(announcement: PodAnnouncement): Promise<void> {
    const { id, uid, identity, namespaceFd } = announcement;
    const { local, post } = this.#deps;
    const pod: Pod = { uid, identity, namespaceFd, workload: undefined, transparent: false, paced: true };
    const proxy = this.#deps.makeProxy(pod);
    // Known before its listeners open, so that the first connection finds its workload.
    local.add(pod);
    const entry: Entry = { pod, proxy, draining: undefined };
    this.#pods.set(id, entry);
    try {
      await proxy.start();
      post({ kind: "pod-added", id, error: undefined });
    } catch (thrown) {
      local.remove(pod);
      this.#pods.delete(id);
      post({ kind: "pod-added", id, error: describeError(thrown) });
    }
  }

  #remove(id: number, drainMs: number): void {
    const entry = this.#pods.get(id);
    if (entry === undefined) {
      this.#deps.post({ kind: "pod-gone", id });
      return;
    }
    if (entry.draining !== undefined) return;
    this.#drain(entry, drainMs, () => {
      this.#pods.delete(id);
      this.#deps.local.remove(entry.pod);
      this.#deps.post({ kind: "pod-gone", id });
    });
  }

  #drainAll(drainMs: number): void {
    let cut = 0;
    let left = this.#pods.size;
    const finish = (): void => {
      this.#deps.accessLog.flush();
      this.#deps.post({ kind: "drained", cut });
    };
    if (left === 0) finish();
    for (const entry of [...this.#pods.values()]) {
      this.#drain(entry, drainMs, (count) => {
        cut += count;
        left--;
        if (left === 0) finish();
      });
    }
  }

  /** Closes the listeners now, waits for the connections to end, cuts the rest at the deadline. */
  #drain(entry: Entry, drainMs: number, done: (cut: number) => void): void {
    const { clock, connections } = this.#deps;
    entry.draining?.cancel();
    entry.proxy.drain();
    const deadline = clock.monotonic() + drainMs;
    const look = (): void => {
      const isOver = connections.count(entry.pod) === 0 && !entry.proxy.busy;
      if (!isOver && clock.monotonic() < deadline) {
        entry.draining = clock.after(DRAIN_POLL_MS, look);
        return;
      }
      const cut = connections.closeAll(entry.pod, "connection closed: the proxy is draining");
      entry.proxy.close();
      done(cut);
    };
    // Not at once: what waits in a queue of ours becomes a connection first.
    entry.draining = clock.after(DRAIN_POLL_MS, look);
  }
}
