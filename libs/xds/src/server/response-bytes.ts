import type { SessionResponse } from "./session.ts";
import type { SnapshotResource } from "./snapshot.ts";

// Field numbers of DeltaDiscoveryResponse, as tags for length-delimited fields. Each tag is one byte.
const SYSTEM_VERSION_INFO = (1 << 3) | 2;
const RESOURCES = (2 << 3) | 2;
const TYPE_URL = (4 << 3) | 2;
const NONCE = (5 << 3) | 2;
const REMOVED_RESOURCES = (6 << 3) | 2;
// Field number of aliases in Resource.
const ALIASES = (4 << 3) | 2;

/**
 * Encodes a DeltaDiscoveryResponse around the shared bytes of its resources: one buffer of the exact size, one copy per
 * resource. A large mesh's first answers are mostly this.
 */
export function encodeResponse(response: SessionResponse, typeUrl: string, systemVersion: string): Buffer {
  const { resources, withAliases, removed, nonce } = response;
  const aliases = resources.map((resource) => (withAliases ? aliasBytes(resource) : 0));
  let size = textSize(systemVersion) + textSize(typeUrl) + textSize(nonce);
  for (const [index, { encoded }] of resources.entries())
    size += fieldSize(encoded.length + (aliases[index] ?? 0));
  for (const name of removed) size += textSize(name);

  const bytes = Buffer.allocUnsafe(size);
  let at = writeText(bytes, 0, SYSTEM_VERSION_INFO, systemVersion);
  for (const [index, { encoded, aliases: texts }] of resources.entries()) {
    const extra = aliases[index] ?? 0;
    at = writeHead(bytes, at, RESOURCES, encoded.length + extra);
    bytes.set(encoded, at);
    at += encoded.length;
    // Fields may stand in any order, so aliases can follow the shared bytes.
    if (extra > 0) for (const alias of texts) at = writeText(bytes, at, ALIASES, alias);
  }
  at = writeText(bytes, at, TYPE_URL, typeUrl);
  at = writeText(bytes, at, NONCE, nonce);
  for (const name of removed) at = writeText(bytes, at, REMOVED_RESOURCES, name);
  if (at !== size) throw new RangeError(`encoded ${at} bytes where ${size} were counted`);
  return bytes;
}

function aliasBytes(resource: SnapshotResource): number {
  return resource.aliases.reduce((sum, alias) => sum + textSize(alias), 0);
}

function textSize(text: string): number {
  return fieldSize(Buffer.byteLength(text));
}

function fieldSize(length: number): number {
  let size = 2 + length;
  for (let rest = length; rest > 127; rest >>>= 7) size++;
  return size;
}

function writeHead(bytes: Buffer, start: number, tag: number, length: number): number {
  let at = start;
  bytes[at++] = tag;
  let rest = length;
  for (; rest > 127; rest >>>= 7) bytes[at++] = (rest & 127) | 128;
  bytes[at++] = rest;
  return at;
}

function writeText(bytes: Buffer, start: number, tag: number, text: string): number {
  const at = writeHead(bytes, start, tag, Buffer.byteLength(text));
  return at + bytes.write(text, at);
}
