import { formatIp, parseCidr, parseIp, type Cidr } from "@ambit/base/ip.ts";

/** Where virtual addresses of services come from in the local mesh. */
export const SERVICE_CIDRS = { IPv4: "10.96.0.0/16", IPv6: "fd00:10:96::/112" } as const;

/** Where host names of ServiceEntries without an address get one, so that a DNS answer can be told apart later. */
export const HOST_CIDR = "240.240.0.0/16";

/** Offsets never handed out: network, API server (.0.1), cluster DNS (.0.10), and the last address. */
const RESERVED_OFFSETS = new Set([0, 1, 10, 65_535]);
const SLOTS = 65_536;

/** One wish: the owner's key, and the address it insists on, if any. */
export interface AddressWish {
  readonly owner: string;
  readonly explicit?: string;
}

/**
 * Hands out addresses of one /16 (IPv4) or /112 (IPv6): the owner's name decides where the search begins, so the same
 * services get the same addresses on every machine and after every restart. An address once given stays
 * until it is released; an explicit wish takes an address even from an owner that only happened to get it.
 */
export class ClusterIpAllocator {
  readonly #block: Cidr;
  readonly #byOwner = new Map<string, { offset: number | undefined; address: string }>();
  readonly #byOffset = new Map<number, string>();

  /** Throws a RangeError unless `cidr` leaves 16 bits. */
  constructor(cidr: string) {
    const block = parseCidr(cidr);
    if (block === undefined || block.bytes.length * 8 - block.length !== 16) {
      throw new RangeError(`"${cidr}" is no block of 65536 addresses`);
    }
    this.#block = block;
  }

  /** The address of an owner; undefined when it has none. */
  get(owner: string): string | undefined {
    return this.#byOwner.get(owner)?.address;
  }

  /**
   * Fulfils wishes together: explicit ones first, the rest in the order of their names, so that the result does not
   * depend on the order they came in. Returns the owners whose address is new or another one.
   */
  allocate(wishes: readonly AddressWish[]): ReadonlySet<string> {
    const changed = new Set<string>();
    const displaced: string[] = [];
    for (const { owner, explicit } of wishes) {
      if (explicit !== undefined) this.#take(owner, explicit, changed, displaced);
    }
    const rest = wishes.filter((wish) => wish.explicit === undefined).map((wish) => wish.owner);
    for (const owner of [...new Set([...rest, ...displaced])].sort()) this.#search(owner, changed);
    return changed;
  }

  release(owner: string): void {
    const held = this.#byOwner.get(owner);
    if (held === undefined) return;
    this.#byOwner.delete(owner);
    if (held.offset !== undefined && this.#byOffset.get(held.offset) === owner)
      this.#byOffset.delete(held.offset);
  }

  #take(owner: string, explicit: string, changed: Set<string>, displaced: string[]): void {
    const bytes = parseIp(explicit);
    const address = bytes === undefined ? explicit : formatIp(bytes);
    if (this.#byOwner.get(owner)?.address === address) return;
    this.release(owner);
    const offset = bytes === undefined ? undefined : this.#offsetOf(bytes);
    if (offset !== undefined) {
      const holder = this.#byOffset.get(offset);
      if (holder !== undefined) {
        this.release(holder);
        displaced.push(holder);
      }
      this.#byOffset.set(offset, owner);
    }
    this.#byOwner.set(owner, { offset, address });
    changed.add(owner);
  }

  #search(owner: string, changed: Set<string>): void {
    const held = this.#byOwner.get(owner);
    if (held?.offset !== undefined) return;
    this.release(owner);
    const start = hash(owner) % SLOTS;
    for (let step = 0; step < SLOTS; step++) {
      const offset = (start + step) % SLOTS;
      if (RESERVED_OFFSETS.has(offset) || this.#byOffset.has(offset)) continue;
      this.#byOffset.set(offset, owner);
      this.#byOwner.set(owner, { offset, address: this.#addressAt(offset) });
      changed.add(owner);
      return;
    }
  }

  #offsetOf(bytes: Uint8Array): number | undefined {
    const { bytes: base } = this.#block;
    const at = base.length - 2;
    if (bytes.length !== base.length) return undefined;
    for (let index = 0; index < at; index++) if (bytes[index] !== base[index]) return undefined;
    return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  }

  #addressAt(offset: number): string {
    const bytes = Uint8Array.from(this.#block.bytes);
    bytes[bytes.length - 2] = offset >> 8;
    bytes[bytes.length - 1] = offset & 0xff;
    return formatIp(bytes);
  }
}

// FNV-1a, 32 bit, with a final mix: similar names must not land beside each other.
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
  }
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
  return (state ^ (state >>> 13)) >>> 0;
}
