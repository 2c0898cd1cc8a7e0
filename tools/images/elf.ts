const MAGIC = 0x464c457f;
const CLASS_64 = 2;
const LITTLE_ENDIAN = 1;
const LOAD = 1;

/**
 * A program or shared library without what is never loaded: symbol tables, debug information, section headers. The
 * kernel and the loader go by segments alone. Anything that is no 64-bit little-endian ELF file comes back as it is.
 */
export function trimElf(bytes: Buffer): Buffer {
  if (bytes.length < 64 || bytes.readUInt32LE(0) !== MAGIC) return bytes;
  if (bytes[4] !== CLASS_64 || bytes[5] !== LITTLE_ENDIAN) return bytes;
  const table = Number(bytes.readBigUInt64LE(32));
  const size = bytes.readUInt16LE(54);
  const count = bytes.readUInt16LE(56);
  let end = table + size * count;
  for (let index = 0; index < count; index += 1) {
    const at = table + index * size;
    const reach = Number(bytes.readBigUInt64LE(at + 8)) + Number(bytes.readBigUInt64LE(at + 32));
    if (bytes.readUInt32LE(at) === LOAD) end = Math.max(end, reach);
  }
  const trimmed = Buffer.from(bytes.subarray(0, end));
  trimmed.writeBigUInt64LE(0n, 40);
  trimmed.writeUInt16LE(0, 60);
  trimmed.writeUInt16LE(0, 62);
  return trimmed;
}
