import type { Cidr, IpBytes } from "@ambit/base/ip.ts";

interface Node<T> {
  readonly children: [Node<T> | undefined, Node<T> | undefined];
  readonly values: T[];
}

/** A value found by address, with the length of the block it was stored under. */
export interface CidrHit<T> {
  readonly length: number;
  readonly value: T;
}

/** Values by address block, IPv4 and IPv6 apart; a lookup walks at most one node per bit of the address. */
export class CidrTrie<T> {
  #v4 = newNode<T>();
  #v6 = newNode<T>();
  #size = 0;

  /** How many values are stored. */
  get size(): number {
    return this.#size;
  }

  add(block: Cidr, value: T): void {
    let node = this.#root(block.bytes);
    for (let depth = 0; depth < block.length; depth++) {
      const bit = bitAt(block.bytes, depth);
      node = node.children[bit] ??= newNode<T>();
    }
    node.values.push(value);
    this.#size += 1;
  }

  /** Removes one occurrence of the value under exactly this block, and the branch it leaves empty. */
  remove(block: Cidr, value: T): boolean {
    const path: Node<T>[] = [this.#root(block.bytes)];
    for (let depth = 0; depth < block.length; depth++) {
      const next = path[depth]?.children[bitAt(block.bytes, depth)];
      if (next === undefined) return false;
      path.push(next);
    }
    const values = path[block.length]?.values;
    const index = values?.indexOf(value) ?? -1;
    if (values === undefined || index < 0) return false;
    values.splice(index, 1);
    this.#size -= 1;
    for (let depth = block.length; depth > 0; depth--) {
      const node = path[depth];
      if (node === undefined || node.values.length > 0 || node.children[0] || node.children[1]) break;
      const parent = path[depth - 1];
      if (parent !== undefined) parent.children[bitAt(block.bytes, depth - 1)] = undefined;
    }
    return true;
  }

  /** Every value whose block contains the address, longest block first. */
  find(address: IpBytes): CidrHit<T>[] {
    const hits: CidrHit<T>[] = [];
    let node: Node<T> | undefined = this.#root(address);
    for (let depth = 0; node !== undefined; depth++) {
      for (const value of node.values) hits.push({ length: depth, value });
      node = depth < address.length * 8 ? node.children[bitAt(address, depth)] : undefined;
    }
    return hits.reverse();
  }

  #root(bytes: IpBytes): Node<T> {
    return bytes.length === 4 ? this.#v4 : this.#v6;
  }
}

function newNode<T>(): Node<T> {
  return { children: [undefined, undefined], values: [] };
}

function bitAt(bytes: IpBytes, depth: number): 0 | 1 {
  return (((bytes[depth >> 3] ?? 0) >> (7 - (depth & 7))) & 1) as 0 | 1;
}
