import type { SnapshotResource } from "./snapshot.ts";

/** Encoded resources share memory in blocks of this size. */
const BLOCK_BYTES = 8192;
/** A resource larger than this has a block of its own. */
const LARGE_BYTES = BLOCK_BYTES / 8;
/** The tag of `resources` in DeltaDiscoveryResponse. */
const RESOURCES = (2 << 3) | 2;

/** Bytes of resources as a response carries them, one behind the other, so that a first state is copied block by block. */
export class ResourceBlock {
  readonly #memory: Uint8Array;
  #used = 0;
  #added = 0;
  #resources: SnapshotResource[] = [];
  #marks: Uint32Array | undefined;

  constructor(size: number) {
    this.#memory = new Uint8Array(size);
  }

  /** What is still in force of all that was added. */
  get resources(): readonly SnapshotResource[] {
    return this.#resources;
  }

  /** True when everything in it is in force. */
  get whole(): boolean {
    return this.#added === this.#resources.length;
  }

  /** True when most of it is no longer in force. */
  get sparse(): boolean {
    return 2 * this.#resources.length < this.#added;
  }

  /** Every resource with its tag and length; meaningful when it is `whole`. */
  get framed(): Uint8Array {
    return this.#memory.subarray(0, this.#used);
  }

  /** Slot and the two words of its version for each resource in turn. */
  get marks(): Uint32Array {
    this.#marks ??= Uint32Array.from(
      this.#resources.flatMap(({ slot, words }) => [slot, words.high, words.low]),
    );
    return this.#marks;
  }

  /** Copies an encoded resource and returns the copy; undefined when there is no room. */
  write(encoded: Uint8Array): Uint8Array | undefined {
    if (this.#used + framedSize(encoded.length) > this.#memory.length) return undefined;
    let at = this.#used;
    this.#memory[at++] = RESOURCES;
    let rest = encoded.length;
    for (; rest > 127; rest >>>= 7) this.#memory[at++] = (rest & 127) | 128;
    this.#memory[at++] = rest;
    this.#memory.set(encoded, at);
    this.#used = at + encoded.length;
    return this.#memory.subarray(at, this.#used);
  }

  /** A resource whose bytes were written last. */
  add(resource: SnapshotResource): void {
    this.#resources.push(resource);
    this.#added++;
    this.#marks = undefined;
  }

  /** The same content under other keys. */
  replace(before: SnapshotResource, after: SnapshotResource): void {
    this.#resources[this.#resources.indexOf(before)] = after;
  }

  remove(resource: SnapshotResource): void {
    this.#resources = this.#resources.filter((other) => other !== resource);
    this.#marks = undefined;
  }
}

/** All blocks of a snapshot. */
export class BlockStore {
  readonly #blocks = new Set<ResourceBlock>();
  #open: ResourceBlock | undefined;

  /** In the order in which they were begun. */
  blocks(): IterableIterator<ResourceBlock> {
    return this.#blocks.values();
  }

  /** Finds a place for an encoded resource; the caller adds the resource to the block. */
  put(encoded: Uint8Array): { readonly encoded: Uint8Array; readonly block: ResourceBlock } {
    if (encoded.length <= LARGE_BYTES) {
      const written = this.#open?.write(encoded);
      if (this.#open !== undefined && written !== undefined) return { encoded: written, block: this.#open };
    }
    const large = encoded.length > LARGE_BYTES;
    const block = new ResourceBlock(large ? framedSize(encoded.length) : BLOCK_BYTES);
    this.#blocks.add(block);
    if (!large) {
      // Nobody will leave an empty block any more, so that it must go now.
      if (this.#open?.resources.length === 0) this.#blocks.delete(this.#open);
      this.#open = block;
    }
    const written = block.write(encoded);
    if (written === undefined) throw new RangeError(`no room for ${encoded.length} bytes in a new block`);
    return { encoded: written, block };
  }

  /** A resource is no longer in force; returns those that must be put elsewhere because their block is given up. */
  remove(resource: SnapshotResource): readonly SnapshotResource[] {
    const { block } = resource;
    block.remove(resource);
    if (!block.sparse || block === this.#open) return [];
    this.#blocks.delete(block);
    return block.resources;
  }
}

function framedSize(length: number): number {
  let size = 2 + length;
  for (let rest = length; rest > 127; rest >>>= 7) size++;
  return size;
}
