import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { X509Certificate } from "node:crypto";
import type { Clock } from "@ambit/base/clock.ts";
import { writeFileAtomic } from "@ambit/base/files.ts";
import type { Random } from "@ambit/base/random.ts";
import { followChain, readChain } from "@ambit/identity/chain.ts";
import { pemBlocks } from "@ambit/identity/pem.ts";
import { TrustBundle } from "@ambit/identity/trust-bundle.ts";
import {
  createIntermediate,
  createRoot,
  keyBelongsTo,
  readCertificate,
  readPrivateKey,
  type SigningCertificate,
} from "@ambit/identity/x509.ts";
import { CaError } from "./ca-error.ts";
import { readKeyFile, readText, securedDirectory } from "./secure-files.ts";

const STATE = "state.json";

const YEAR_MS = 365 * 24 * 3_600_000;
const ROOT_LIFETIME_MS = 10 * YEAR_MS;
const INTERMEDIATE_LIFETIME_MS = YEAR_MS;

/** Clocks of verifiers may be behind by this much. */
const BACKDATE_MS = 120_000;

/** One generation of the authority: what signs, and what it chains to. */
export interface Generation {
  readonly id: string;
  /** What signs leaves. */
  readonly signer: SigningCertificate;
  /** PEM of the intermediates a leaf is sent with, nearest first. */
  readonly intermediates: readonly string[];
  /** PEM. */
  readonly root: string;
}

interface StateFile {
  readonly signing: string;
  readonly trusted: readonly string[];
}

/** The replica that leads may drop a generation while another reads it: it reads anew this often. */
const READ_ATTEMPTS = 5;

/**
 * The authority's keys and certificates on disk. `state.json` names the generation that signs and those that are
 * trusted; it is replaced as a whole, so that a crash leaves either the old or the new state. The replica that leads
 * writes it, the others follow by `refresh`.
 */
export class RootStore {
  readonly #dir: string;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #plugged: Generation | undefined;
  #signing!: Generation;
  #trusted: readonly Generation[] = [];
  #version = "";

  private constructor(dir: string, plugged: Generation | undefined, deps: { clock: Clock; random: Random }) {
    this.#dir = dir;
    this.#plugged = plugged;
    this.#clock = deps.clock;
    this.#random = deps.random;
  }

  /** True when the folder has a state, so that it can be opened without making one. */
  static exists(stateDir: string): boolean {
    return existsSync(join(stateDir, STATE));
  }

  /**
   * Opens the state, making a first generation when there is none, which only the replica that leads may do. Throws a
   * CaError `state` naming the file.
   */
  static async open(
    options: { readonly stateDir: string; readonly pluggedInDir: string | undefined },
    deps: { clock: Clock; random: Random },
  ): Promise<RootStore> {
    securedDirectory(options.stateDir);
    const plugged =
      options.pluggedInDir === undefined ? undefined : readPluggedIn(options.pluggedInDir, deps.clock.now());
    const store = new RootStore(options.stateDir, plugged, deps);
    await store.#load();
    return store;
  }

  /** True when the keys come from outside and cannot be rotated here. */
  get pluggedIn(): boolean {
    return this.#plugged !== undefined;
  }

  get signing(): Generation {
    return this.#signing;
  }

  get trusted(): readonly Generation[] {
    return this.#trusted;
  }

  /** All roots that are trusted now. */
  get bundle(): TrustBundle {
    return TrustBundle.parse(this.#trusted.map((generation) => generation.root).join(""));
  }

  /** Makes a new root and intermediate and saves them, without using them yet. */
  async createGeneration(): Promise<Generation> {
    const now = this.#clock.now();
    const root = await createRoot(`ambit root ${this.#newId()}`, this.newSerial(), {
      notBefore: now - BACKDATE_MS,
      notAfter: now + ROOT_LIFETIME_MS,
    });
    return this.#createUnder(root);
  }

  /** Signs with a new intermediate of the same root from now on; what is trusted stays the same. */
  async renewIntermediate(): Promise<void> {
    const { id, root } = this.#signing;
    const privateKey = readKeyFile(join(this.#dir, `${id}.root.key`));
    const next = await this.#createUnder({ certificate: root, privateKey });
    this.commit(
      next,
      this.#trusted.map((generation) => (generation === this.#signing ? next : generation)),
    );
  }

  /**
   * Says which generation signs and which are trusted, durably. Keys of those that are no longer trusted are removed,
   * their certificates stay.
   */
  commit(signing: Generation, trusted: readonly Generation[]): void {
    if (this.pluggedIn) throw new CaError("state", "The authority is plugged in from outside");
    const state: StateFile = { signing: signing.id, trusted: trusted.map((generation) => generation.id) };
    this.#save(STATE, JSON.stringify(state));
    this.#version = versionOf(join(this.#dir, STATE));
    const dropped = this.#trusted.filter((generation) => !state.trusted.includes(generation.id));
    this.#signing = signing;
    this.#trusted = trusted;
    for (const { id } of dropped) {
      for (const name of [`${id}.key`, `${id}.root.key`]) rmSync(join(this.#dir, name), { force: true });
    }
  }

  /** Another text after every change, here or by another replica; what `refresh` has seen. */
  get version(): string {
    return this.#version;
  }

  /** Takes in what another replica has committed; costs one look at a file when it has not. Throws a CaError `state`. */
  refresh(): void {
    if (this.pluggedIn) return;
    const path = join(this.#dir, STATE);
    for (let attempt = 1; ; attempt++) {
      const version = versionOf(path);
      if (version === this.#version) return;
      try {
        this.#read(path);
        this.#version = version;
        return;
      } catch (thrown) {
        if (attempt >= READ_ATTEMPTS || version === versionOf(path)) throw thrown;
      }
    }
  }

  /** A random positive serial of 127 bits, upper-case hexadecimal. */
  newSerial(): string {
    const bytes = Buffer.from(this.#random.bytes(16));
    bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
    return bytes.toString("hex").toUpperCase();
  }

  async #load(): Promise<void> {
    if (this.#plugged !== undefined) {
      this.#signing = this.#plugged;
      this.#trusted = [this.#plugged];
      return;
    }
    const path = join(this.#dir, STATE);
    if (existsSync(path)) {
      this.refresh();
      return;
    }
    this.#refuseLoss(path);
    const first = await this.createGeneration();
    this.commit(first, [first]);
  }

  // An authority that has signed before would quietly become another one that nobody trusts.
  #refuseLoss(path: string): void {
    const isFilled = (name: string): boolean =>
      name.startsWith("audit") && statSync(join(this.#dir, name)).size > 0;
    const journal = readdirSync(this.#dir).find(isFilled);
    if (journal === undefined) return;
    throw new CaError("state", `${path} is missing, but ${journal} says that certificates were issued`, {
      hint: "restore the folder from a backup, or move it away to begin with a new root",
    });
  }

  #read(path: string): void {
    const { signing, trusted } = readState(path);
    const known = new Map(this.#trusted.map((generation) => [generation.id, generation]));
    const generations = trusted.map((id) => known.get(id) ?? this.#readGeneration(id));
    const signer = generations.find(({ id }) => id === signing);
    if (signer === undefined)
      throw new CaError("state", `${path} names a signing generation that is not trusted`);
    this.#signing = signer;
    this.#trusted = generations;
  }

  #readGeneration(id: string): Generation {
    const file = (name: string): string => join(this.#dir, name);
    const certificate = readText(file(`${id}.pem`));
    const privateKey = readKeyFile(file(`${id}.key`));
    checkPair(certificate, privateKey, file(`${id}.key`));
    const root = readText(file(`${id}.root.pem`));
    return { id, signer: { certificate, privateKey }, intermediates: [certificate], root };
  }

  async #createUnder(root: SigningCertificate): Promise<Generation> {
    const now = this.#clock.now();
    const id = this.#newId();
    const rootEnd = readCertificate(root.certificate).validToDate.getTime();
    const signer = await createIntermediate(root, `ambit intermediate ${id}`, this.newSerial(), {
      notBefore: now - BACKDATE_MS,
      notAfter: Math.min(now + INTERMEDIATE_LIFETIME_MS, rootEnd),
    });
    this.#save(`${id}.root.key`, root.privateKey);
    this.#save(`${id}.root.pem`, root.certificate);
    this.#save(`${id}.key`, signer.privateKey);
    this.#save(`${id}.pem`, signer.certificate);
    return { id, signer, intermediates: [signer.certificate], root: root.certificate };
  }

  #newId(): string {
    return `${this.#clock.now().toString(36)}-${Buffer.from(this.#random.bytes(4)).toString("hex")}`;
  }

  #save(name: string, data: string): void {
    writeFileAtomic(join(this.#dir, name), data, 0o600);
  }
}

// Every replacement is another file, made at another time.
function versionOf(path: string): string {
  try {
    const { ino, mtimeNs } = statSync(path, { bigint: true });
    return `${ino} ${mtimeNs}`;
  } catch (cause) {
    throw new CaError("state", `${path} cannot be read`, { cause });
  }
}

function readState(path: string): StateFile {
  try {
    const { signing, trusted } = JSON.parse(readText(path)) as Partial<StateFile>;
    if (typeof signing === "string" && Array.isArray(trusted)) return { signing, trusted };
  } catch (cause) {
    if (cause instanceof CaError) throw cause;
    throw new CaError("state", `${path} cannot be read`, { cause });
  }
  throw new CaError("state", `${path} does not say which generation signs`);
}

function checkPair(certificate: string, privateKey: string, keyPath: string): void {
  if (keyBelongsTo(readCertificate(certificate), readPrivateKey(privateKey))) return;
  throw new CaError("state", `${keyPath} does not belong to its certificate`);
}

/** Reads Istio's `cacerts` layout. Throws a CaError `state` naming the file and what is wrong with it. */
function readPluggedIn(dir: string, now: number): Generation {
  const file = (name: string): string => join(dir, name);
  for (const name of ["ca-cert.pem", "ca-key.pem", "root-cert.pem", "cert-chain.pem"]) {
    if (!existsSync(file(name)))
      throw new CaError("state", `${file(name)} is missing from the plugged-in authority`);
  }
  const certificate = readText(file("ca-cert.pem"));
  const privateKey = readKeyFile(file("ca-key.pem"));
  checkPair(certificate, privateKey, file("ca-key.pem"));
  const parsed = readCertificate(certificate);
  if (!parsed.ca)
    throw new CaError("state", `${file("ca-cert.pem")} is no certificate authority (basicConstraints)`);
  const root = TrustBundle.parse(readText(file("root-cert.pem")));
  const chain = pemBlocks(readText(file("cert-chain.pem")), "CERTIFICATE");
  try {
    followChain([parsed, ...chain.map(readCertificate).filter(isOther(parsed))], readChain(root.pem), now);
  } catch (cause) {
    throw new CaError("state", `${file("ca-cert.pem")} does not lead to ${file("root-cert.pem")}`, { cause });
  }
  const intermediates = withoutRoots([certificate, ...chain], root);
  return { id: "plugged-in", signer: { certificate, privateKey }, intermediates, root: root.pem };
}

// `cert-chain.pem` usually begins with the authority's own certificate.
function isOther(certificate: X509Certificate): (candidate: X509Certificate) => boolean {
  return (candidate) => candidate.fingerprint256 !== certificate.fingerprint256;
}

// A leaf is sent with what leads to the root, not with the root itself, and with no certificate twice.
function withoutRoots(chain: readonly string[], roots: TrustBundle): readonly string[] {
  const seen = new Set(roots.fingerprints);
  return chain.filter((block) => {
    const print = new X509Certificate(block).fingerprint256;
    if (seen.has(print)) return false;
    seen.add(print);
    return true;
  });
}
