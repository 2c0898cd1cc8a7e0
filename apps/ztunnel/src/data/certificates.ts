import type { Clock, Timer } from "@ambit/base/clock.ts";
import type { WorkloadCertificate } from "@ambit/identity/certificate.ts";
import type { TlsContext, TlsMaterial } from "@ambit/io/driver.ts";

/** How long accepted traffic waits for its certificate (ambient.md 3.1). */
const WAIT_MS = 5_000;

/** A loaded identity. Sockets made from an older context stay valid. */
export interface LoadedIdentity {
  readonly identity: string;
  readonly context: TlsContext;
  readonly certificate: WorkloadCertificate;
}

/** Called once: with the identity, or with why there is none. */
export type IdentityCallback = (loaded: LoadedIdentity | undefined, error: string) => void;

export interface CertificatesDeps {
  readonly clock: Clock;
  /** Throws an IoError when the material cannot be used. */
  readonly load: (material: TlsMaterial) => TlsContext;
  /** Asks the main thread; answered by `put` or `fail`. */
  readonly want: (identity: string) => void;
  /** Called when a certificate replaced another one. */
  readonly onReplaced: (before: WorkloadCertificate, after: WorkloadCertificate) => void;
}

interface Waiter {
  readonly callback: IdentityCallback;
  readonly timer: Timer;
}

/** The identities of one data thread: contexts ready for handshakes, and those who wait for one. */
export class Certificates {
  readonly #deps: CertificatesDeps;
  readonly #loaded = new Map<string, LoadedIdentity>();
  readonly #waiting = new Map<string, Set<Waiter>>();

  constructor(deps: CertificatesDeps) {
    this.#deps = deps;
  }

  /** The identity when it is loaded and valid now; an expired one is never used. */
  peek(identity: string): LoadedIdentity | undefined {
    const loaded = this.#loaded.get(identity);
    return loaded !== undefined && loaded.certificate.notAfter > this.#deps.clock.now() ? loaded : undefined;
  }

  /**
   * Calls back at once when the identity is there, else when it arrives, with an error when it cannot be had or does
   * not come within five seconds. The returned function gives the wait up.
   */
  whenReady(identity: string, callback: IdentityCallback): () => void {
    const loaded = this.peek(identity);
    if (loaded !== undefined) {
      callback(loaded, "");
      return () => undefined;
    }
    const waiters = this.#waiting.get(identity) ?? new Set<Waiter>();
    const waiter: Waiter = {
      callback,
      timer: this.#deps.clock.after(WAIT_MS, () => {
        this.#forgetWaiter(identity, waiter);
        callback(undefined, `no certificate for ${identity} within ${WAIT_MS / 1000} s`);
      }),
    };
    waiters.add(waiter);
    this.#waiting.set(identity, waiters);
    if (waiters.size === 1) this.#deps.want(identity);
    return () => {
      waiter.timer.cancel();
      this.#forgetWaiter(identity, waiter);
    };
  }

  /** Takes a new certificate into use for new handshakes and serves those who wait. */
  put(certificate: WorkloadCertificate): void {
    const { identity, chain, privateKey, roots, serial } = certificate;
    const before = this.#loaded.get(identity);
    if (before?.certificate.serial !== serial) {
      let context: TlsContext;
      try {
        context = this.#deps.load({ certificateChain: chain, privateKey, roots });
      } catch {
        this.fail(identity, `the certificate for ${identity} cannot be loaded`);
        return;
      }
      this.#loaded.set(identity, { identity, context, certificate });
      before?.context.release();
      if (before !== undefined) this.#deps.onReplaced(before.certificate, certificate);
    }
    for (const waiter of this.#takeWaiters(identity)) {
      const loaded = this.peek(identity);
      waiter.callback(loaded, loaded === undefined ? `the certificate for ${identity} has expired` : "");
    }
  }

  /** Tells those who wait that there is no certificate. */
  fail(identity: string, error: string): void {
    for (const waiter of this.#takeWaiters(identity)) waiter.callback(undefined, error);
  }

  /** Forgets an identity that no workload of the node has any more. */
  remove(identity: string): void {
    this.#loaded.get(identity)?.context.release();
    this.#loaded.delete(identity);
    this.fail(identity, `${identity} is no longer used on this node`);
  }

  #takeWaiters(identity: string): readonly Waiter[] {
    const waiters = [...(this.#waiting.get(identity) ?? [])];
    this.#waiting.delete(identity);
    for (const waiter of waiters) waiter.timer.cancel();
    return waiters;
  }

  #forgetWaiter(identity: string, waiter: Waiter): void {
    const waiters = this.#waiting.get(identity);
    waiters?.delete(waiter);
    if (waiters?.size === 0) this.#waiting.delete(identity);
  }
}
