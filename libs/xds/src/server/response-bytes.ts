import { ResourceBlock } from "./resource-blocks.ts";
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
 * resource, or per block of them where a client gets everything.
 */
export function encodeResponse(response: SessionResponse, typeUrl: string, systemVersion: string): Buffer {
  const { parts, withAliases, removed, nonce } = response;
  let size = textSize(systemVersion) + textSize(typeUrl) + textSize(nonce);
  for (const part of parts) {
    if (part instanceof ResourceBlock) size += part.framed.length;
    else size += fieldSize(part.encoded.length + (withAliases ? aliasBytes(part) : 0));
  }
  for (const name of removed) size += textSize(name);

  const bytes = Buffer.allocUnsafe(size);
  let at = writeText(bytes, 0, SYSTEM_VERSION_INFO, systemVersion);
  for (const part of parts) {
    if (part instanceof ResourceBlock) {
      bytes.set(part.framed, at);
      at += part.framed.length;
    } else at = writeResource(bytes, at, part, withAliases);
  }
  at = writeText(bytes, at, TYPE_URL, typeUrl);
  at = writeText(bytes, at, NONCE, nonce);
  for (const name of removed) at = writeText(bytes, at, REMOVED_RESOURCES, name);
  if (at !== size) throw new RangeError(`encoded ${at} bytes where ${size} were counted`);
  return bytes;
}

function writeResource(
  bytes: Buffer,
  start: number,
  resource: SnapshotResource,
  withAliases: boolean,
): number {
  const { encoded, aliases } = resource;
  const extra = withAliases ? aliasBytes(resource) : 0;
  let at = writeHead(bytes, start, RESOURCES, encoded.length + extra);
  bytes.set(encoded, at);
  at += encoded.length;
  // Fields may stand in any order, so aliases can follow the shared bytes.
  if (extra > 0) for (const alias of aliases) at = writeText(bytes, at, ALIASES, alias);
  return at;
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
