import protobuf from "protobufjs/minimal.js";
import type { SessionResponse } from "./session.ts";
import type { SnapshotResource } from "./snapshot.ts";

// Field numbers of DeltaDiscoveryResponse, as tags for length-delimited fields.
const SYSTEM_VERSION_INFO = (1 << 3) | 2;
const RESOURCES = (2 << 3) | 2;
const TYPE_URL = (4 << 3) | 2;
const NONCE = (5 << 3) | 2;
const REMOVED_RESOURCES = (6 << 3) | 2;
// Field number of aliases in Resource.
const ALIASES = (4 << 3) | 2;

/** Encodes a DeltaDiscoveryResponse around the shared bytes of its resources. */
export function encodeResponse(response: SessionResponse, typeUrl: string, systemVersion: string): Buffer {
  const writer = protobuf.Writer.create();
  writer.uint32(SYSTEM_VERSION_INFO).string(systemVersion);
  for (const resource of response.resources)
    writer.uint32(RESOURCES).bytes(resourceBytes(resource, response.withAliases));
  writer.uint32(TYPE_URL).string(typeUrl);
  writer.uint32(NONCE).string(response.nonce);
  for (const name of response.removed) writer.uint32(REMOVED_RESOURCES).string(name);
  const bytes = writer.finish();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

// Fields may stand in any order, so aliases can follow the shared bytes.
function resourceBytes(resource: SnapshotResource, withAliases: boolean): Uint8Array {
  if (!withAliases || resource.aliases.length === 0) return resource.encoded;
  const writer = protobuf.Writer.create();
  for (const alias of resource.aliases) writer.uint32(ALIASES).string(alias);
  return Buffer.concat([resource.encoded, writer.finish()]);
}
