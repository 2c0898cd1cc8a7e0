import { hash } from "node:crypto";
import { envoy } from "@ambit/contract/gen/ambit.js";
import type { TypeUrl } from "@ambit/contract/type-urls.ts";
import type { HeldResource, VersionWords } from "./held.ts";
import { BlockStore, type ResourceBlock } from "./resource-blocks.ts";
import { Slots } from "./slots.ts";

/** One resource as every stream sends it; its bytes are made once. */
export interface SnapshotResource extends HeldResource {
  readonly name: string;
  /** Hash of the content: equal across replicas and restarts. */
  readonly version: string;
  /** The encoded `Resource` message without aliases; a view into its block. */
  readonly encoded: Uint8Array;
  readonly block: ResourceBlock;
  /** `network/ip` keys that an on-demand client may ask for; sent as aliases. */
  readonly aliases: readonly string[];
  /** Further keys that lead here, such as the services of a workload; never sent. */
  readonly keys: readonly string[];
}

/** The key under which a node's own workloads are found; on-demand proxies of that node watch it without asking. */
export function nodeKey(node: string): string {
  return `node:${node}`;
}

/** Told the names that changed, once per change set. */
export type SnapshotListener = (names: readonly string[]) => void;

/** All resources of one type. A change costs work in proportion to the names it touches. */
export class Snapshot {
  readonly typeUrl: TypeUrl;
  /** Numbers of the names, for what clients hold. */
  readonly slots = new Slots();
  readonly #resources = new Map<string, SnapshotResource>();
  /** Names by key; a name that is alone stands for itself, because most keys (addresses) lead to one. */
  readonly #byKey = new Map<string, string | Set<string>>();
  readonly #listeners = new Set<SnapshotListener>();
  readonly #blocks = new BlockStore();
  #revision = 0;
  #bytes = 0;

  constructor(typeUrl: TypeUrl) {
    this.typeUrl = typeUrl;
  }

  /** Counts change sets; only differences mean anything. */
  get revision(): number {
    return this.#revision;
  }

  get size(): number {
    return this.#resources.size;
  }

  /** Encoded bytes of all resources together. */
  get bytes(): number {
    return this.#bytes;
  }

  get(name: string): SnapshotResource | undefined {
    return this.#resources.get(name);
  }

  /** Every resource. */
  resources(): IterableIterator<SnapshotResource> {
    return this.#resources.values();
  }

  /** Blocks with every resource; live, so that a walk in several steps sees what is put into blocks ahead of it. */
  blocks(): IterableIterator<ResourceBlock> {
    return this.#blocks.blocks();
  }

  /** Names that `key` leads to: the resource of that name, and those that list it as alias or key. */
  resolve(key: string): readonly string[] {
    const names = this.#byKey.get(key) ?? [];
    const found = typeof names === "string" ? [names] : [...names];
    return this.#resources.has(key) ? [key, ...found] : found;
  }

  /** Applies a change set; names whose content stays the same are not reported. */
  apply(change: {
    readonly put?: ReadonlyArray<{
      name: string;
      bytes: Uint8Array;
      aliases?: readonly string[];
      keys?: readonly string[];
    }>;
    readonly remove?: readonly string[];
  }): readonly string[] {
    const changed: string[] = [];
    for (const name of change.remove ?? []) if (this.#remove(name)) changed.push(name);
    for (const entry of change.put ?? []) {
      if (this.#put(entry.name, entry.bytes, entry.aliases ?? [], entry.keys ?? [])) changed.push(entry.name);
    }
    if (changed.length === 0) return changed;
    this.#revision++;
    for (const listener of this.#listeners) listener(changed);
    return changed;
  }

  /** Makes every stream look at these names again: not their content but who may read them has changed. */
  reconsider(names: readonly string[]): void {
    for (const listener of this.#listeners) listener(names);
  }

  subscribe(listener: SnapshotListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #put(name: string, bytes: Uint8Array, aliases: readonly string[], keys: readonly string[]): boolean {
    const digest = hash("sha256", bytes, "buffer");
    const version = digest.toString("hex", 0, 8);
    const before = this.#resources.get(name);
    if (before !== undefined) this.#unindex(before);
    const place =
      before?.version === version
        ? before
        : this.#blocks.put(
            envoy.service.discovery.v3.Resource.encode({
              name,
              version,
              resource: { typeUrl: this.typeUrl, value: bytes },
            }).finish(),
          );
    const { encoded, block } = place;
    const slot = before?.slot ?? this.slots.enter(name);
    const words = before?.version === version ? before.words : wordsOf(digest);
    const resource: SnapshotResource = { name, version, encoded, block, aliases, keys, slot, words };
    if (place === before) block.replace(before, resource);
    else {
      block.add(resource);
      if (before !== undefined) this.#vacate(before);
    }
    this.#resources.set(name, resource);
    this.#bytes += encoded.length - (before?.encoded.length ?? 0);
    for (const key of [...aliases, ...keys]) {
      const names = this.#byKey.get(key);
      if (names === undefined) this.#byKey.set(key, name);
      else if (typeof names !== "string") names.add(name);
      else if (names !== name) this.#byKey.set(key, new Set([names, name]));
    }
    return before?.version !== version;
  }

  // Who is left behind in a block that is mostly gone moves out, so that the memory of a block is never for a few.
  #vacate(resource: SnapshotResource): void {
    for (const survivor of this.#blocks.remove(resource)) {
      const moved = { ...survivor, ...this.#blocks.put(survivor.encoded) };
      moved.block.add(moved);
      this.#resources.set(moved.name, moved);
    }
  }

  #remove(name: string): boolean {
    const before = this.#resources.get(name);
    if (before === undefined) return false;
    this.#unindex(before);
    this.#bytes -= before.encoded.length;
    this.slots.leave(name);
    this.#resources.delete(name);
    this.#vacate(before);
    return true;
  }

  #unindex(resource: SnapshotResource): void {
    for (const key of [...resource.aliases, ...resource.keys]) {
      const names = this.#byKey.get(key);
      if (names === resource.name) this.#byKey.delete(key);
      else if (typeof names === "object" && names.delete(resource.name) && names.size === 0)
        this.#byKey.delete(key);
    }
  }
}

// All zeros mean "not held"; the one hash that is all zeros borrows its neighbour's numbers.
function wordsOf(digest: Buffer): VersionWords {
  const [high, low] = [digest.readUInt32BE(0), digest.readUInt32BE(4)];
  return high === 0 && low === 0 ? { high, low: 1 } : { high, low };
}
