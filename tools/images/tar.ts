import type { Entry } from "./entry.ts";

const BLOCK = 512;

/** Longest values of the header's fields. */
const NAME_BYTES = 100;
const PREFIX_BYTES = 155;
const MAX_SIZE = 8 ** 11 - 1;

/**
 * A POSIX ustar archive of the entries in their order. The same entries give the same bytes anywhere and at any time:
 * no clock, no names of users. Throws a RangeError for a path or a file that the format cannot hold.
 */
export function tar(entries: readonly Entry[]): Buffer {
  const blocks: Uint8Array[] = [];
  for (const entry of entries) {
    blocks.push(header(entry));
    if (entry.type !== "file") continue;
    blocks.push(entry.data, new Uint8Array(padding(entry.data.length)));
  }
  blocks.push(new Uint8Array(2 * BLOCK));
  return Buffer.concat(blocks);
}

function padding(bytes: number): number {
  return (BLOCK - (bytes % BLOCK)) % BLOCK;
}

function header(entry: Entry): Buffer {
  const block = Buffer.alloc(BLOCK);
  const { name, prefix } = splitPath(entry.type === "directory" ? `${entry.path}/` : entry.path);
  if (Buffer.byteLength(entry.target) > NAME_BYTES)
    throw new RangeError(`Link target is too long: "${entry.target}"`);
  if (entry.data.length > MAX_SIZE) throw new RangeError(`File is too large: "${entry.path}"`);
  block.write(name, 0);
  octal(block, entry.mode, 100, 8);
  octal(block, entry.uid, 108, 8);
  octal(block, entry.gid, 116, 8);
  octal(block, entry.type === "file" ? entry.data.length : 0, 124, 12);
  octal(block, 0, 136, 12);
  block.write({ file: "0", link: "2", directory: "5" }[entry.type], 156);
  block.write(entry.target, 157);
  block.write("ustar\0" + "00", 257);
  octal(block, 0, 329, 8);
  octal(block, 0, 337, 8);
  block.write(prefix, 345);
  // The checksum counts its own field as blanks.
  block.fill(" ", 148, 156);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

function octal(block: Buffer, value: number, offset: number, width: number): void {
  block.write(`${value.toString(8).padStart(width - 1, "0")}\0`, offset);
}

function splitPath(path: string): { name: string; prefix: string } {
  if (Buffer.byteLength(path) <= NAME_BYTES) return { name: path, prefix: "" };
  for (let cut = path.indexOf("/"); cut !== -1; cut = path.indexOf("/", cut + 1)) {
    const [prefix, name] = [path.slice(0, cut), path.slice(cut + 1)];
    const fits = Buffer.byteLength(prefix) <= PREFIX_BYTES && Buffer.byteLength(name) <= NAME_BYTES;
    if (fits && name !== "") return { name, prefix };
  }
  throw new RangeError(`Path is too long: "${path}"`);
}
