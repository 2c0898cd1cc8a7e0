import { TransportError } from "../transport-error.ts";
import { readUint32, writeUint32 } from "./frames.ts";
import { H2_CODE } from "./h2-code.ts";
import { MAX_FRAME_BYTES, SERVER_MAX_STREAMS, STREAM_WINDOW_BYTES } from "./session-stream.ts";

/** What a peer says about itself (RFC 9113, section 6.5.2), with the defaults before it has said anything. */
export interface PeerSettings {
  maxConcurrentStreams: number;
  initialWindowBytes: number;
  maxFrameBytes: number;
}

export const DEFAULT_WINDOW_BYTES = 65_535;
export const MAX_WINDOW_BYTES = 2_147_483_647;
const MIN_MAX_FRAME = 16_384;
const MAX_MAX_FRAME = 16_777_215;

const ID = {
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindow: 4,
  maxFrame: 5,
  maxHeaderList: 6,
} as const;

/** Entries of one SETTINGS frame beyond this are a flood, not configuration. */
const MAX_ENTRIES = 64;

export function initialPeerSettings(): PeerSettings {
  // Until the peer has spoken, no more than a hundred streams are risked on it.
  return {
    maxConcurrentStreams: 100,
    initialWindowBytes: DEFAULT_WINDOW_BYTES,
    maxFrameBytes: MIN_MAX_FRAME,
  };
}

/** What we say about ourselves. */
interface OwnSettings {
  readonly initialWindowBytes: number;
  readonly maxFrameBytes: number;
  readonly maxHeaderListBytes: number;
  /** Left out by clients. */
  readonly maxConcurrentStreams?: number;
  /** Sent as "no push" by clients. */
  readonly disablePush?: boolean;
}

/** What either end says about itself; the contract's numbers. */
export function ownSettings(role: "client" | "server", maxHeaderListBytes: number): OwnSettings {
  const both = {
    initialWindowBytes: STREAM_WINDOW_BYTES,
    maxFrameBytes: MAX_FRAME_BYTES,
    maxHeaderListBytes,
  };
  return role === "server"
    ? { ...both, maxConcurrentStreams: SERVER_MAX_STREAMS }
    : { ...both, disablePush: true };
}

/** The payload of our SETTINGS frame. */
export function encodeSettings(own: OwnSettings): Buffer {
  const entries: [number, number][] = [
    ...(own.disablePush === true ? [[ID.enablePush, 0] as [number, number]] : []),
    ...(own.maxConcurrentStreams === undefined
      ? []
      : [[ID.maxConcurrentStreams, own.maxConcurrentStreams] as [number, number]]),
    [ID.initialWindow, own.initialWindowBytes],
    [ID.maxFrame, own.maxFrameBytes],
    [ID.maxHeaderList, own.maxHeaderListBytes],
  ];
  const bytes = Buffer.alloc(entries.length * 6);
  for (const [index, [id, value]] of entries.entries()) {
    bytes.writeUInt16BE(id, index * 6);
    writeUint32(bytes, index * 6 + 2, value);
  }
  return bytes;
}

/** Applies a SETTINGS payload. Throws a TransportError for sizes and values the RFC forbids. */
export function applySettings(
  settings: PeerSettings,
  bytes: Uint8Array,
  start: number,
  length: number,
): void {
  if (length % 6 !== 0) throw new TransportError(H2_CODE.frameSizeError, "SETTINGS of a broken size");
  if (length / 6 > MAX_ENTRIES)
    throw new TransportError(H2_CODE.enhanceYourCalm, "SETTINGS with too many entries");
  for (let offset = start; offset < start + length; offset += 6) {
    const id = ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
    applySetting(settings, id, readUint32(bytes, offset + 2));
  }
}

function applySetting(settings: PeerSettings, id: number, value: number): void {
  switch (id) {
    case ID.enablePush:
      if (value > 1) throw new TransportError(H2_CODE.protocolError, "ENABLE_PUSH is neither 0 nor 1");
      break;
    case ID.maxConcurrentStreams:
      settings.maxConcurrentStreams = value;
      break;
    case ID.initialWindow:
      if (value > MAX_WINDOW_BYTES)
        throw new TransportError(H2_CODE.flowControlError, "INITIAL_WINDOW_SIZE is too large");
      settings.initialWindowBytes = value;
      break;
    case ID.maxFrame:
      if (value < MIN_MAX_FRAME || value > MAX_MAX_FRAME) {
        throw new TransportError(H2_CODE.protocolError, "MAX_FRAME_SIZE is out of range");
      }
      settings.maxFrameBytes = value;
      break;
    default:
      // Unknown settings are ignored (section 6.5.2); the table size does not matter, our encoder has no table.
      break;
  }
}
