import type { ResourceBlock } from "./resource-blocks.ts";
import type { SnapshotResource } from "./snapshot.ts";

/** What is copied into a response in one go: one resource, or a whole block of them. */
export type ResponsePart = SnapshotResource | ResourceBlock;

/** Bytes that tags and lengths add to one entry, at most. */
const ENTRY_BYTES = 8;

/** What one response will carry, bounded in bytes. A first entry always fits, so that nothing is stuck for its size. */
export class ResponseBatch {
  readonly resources: SnapshotResource[] = [];
  /** The same resources as they are copied. */
  readonly parts: ResponsePart[] = [];
  readonly removed = new Set<string>();
  readonly #maxBytes: number;
  readonly #withAliases: boolean;
  #bytes = 0;

  constructor(maxBytes: number, withAliases: boolean) {
    this.#maxBytes = maxBytes;
    this.#withAliases = withAliases;
  }

  get empty(): boolean {
    return this.resources.length === 0 && this.removed.size === 0;
  }

  /** False when there is no room. */
  add(resource: SnapshotResource): boolean {
    let size = resource.encoded.length + ENTRY_BYTES;
    if (this.#withAliases) for (const alias of resource.aliases) size += textBytes(alias);
    if (!this.#take(size)) return false;
    this.resources.push(resource);
    this.parts.push(resource);
    return true;
  }

  /** False when there is no room for all of it, or it cannot be sent as it is. */
  addBlock(block: ResourceBlock): boolean {
    if (!block.whole || this.#withAliases) return false;
    const size = block.framed.length;
    if (this.#bytes + size > this.#maxBytes) return false;
    this.#bytes += size;
    for (const resource of block.resources) this.resources.push(resource);
    this.parts.push(block);
    return true;
  }

  /** False when there is no room. */
  remove(name: string): boolean {
    if (this.removed.has(name)) return true;
    if (!this.#take(textBytes(name))) return false;
    this.removed.add(name);
    return true;
  }

  #take(size: number): boolean {
    if (!this.empty && this.#bytes + size > this.#maxBytes) return false;
    this.#bytes += size;
    return true;
  }
}

function textBytes(text: string): number {
  return Buffer.byteLength(text) + ENTRY_BYTES;
}
