import {
  FRAME,
  FRAME_HEAD_BYTES,
  PREFACE,
  readUint24,
  readUint32,
  writeFrameHead,
  writeUint32,
} from "../h2/frames.ts";

/** A frame taken apart. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

/** The bytes of one frame. */
export function frame(type: number, flags: number, streamId: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(FRAME_HEAD_BYTES + payload.length);
  writeFrameHead(bytes, 0, payload.length, type, flags, streamId);
  bytes.set(payload, FRAME_HEAD_BYTES);
  return bytes;
}

/** The frames of complete bytes, after a client's preface when there is one. */
export function framesOf(bytes: Buffer): Frame[] {
  const frames: Frame[] = [];
  let at = bytes.subarray(0, PREFACE.length).equals(PREFACE) ? PREFACE.length : 0;
  while (at < bytes.length) {
    const end = at + FRAME_HEAD_BYTES + readUint24(bytes, at);
    frames.push({
      type: bytes[at + 3] ?? 0,
      flags: bytes[at + 4] ?? 0,
      streamId: readUint32(bytes, at + 5),
      payload: Buffer.from(bytes.subarray(at + FRAME_HEAD_BYTES, end)),
    });
    at = end;
  }
  return frames;
}

/** A SETTINGS frame of pairs of id and value. */
export function settingsFrame(...entries: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(entries.length * 6);
  for (const [index, [id, value]] of entries.entries()) {
    payload.writeUInt16BE(id, index * 6);
    writeUint32(payload, index * 6 + 2, value);
  }
  return frame(FRAME.settings, 0, 0, payload);
}

/** A frame whose payload is one number, such as WINDOW_UPDATE and RST_STREAM. */
export function numberFrame(type: number, streamId: number, value: number): Buffer {
  const payload = Buffer.alloc(4);
  writeUint32(payload, 0, value);
  return frame(type, 0, streamId, payload);
}

/** What a client says first: preface and empty settings. */
export const CLIENT_START = Buffer.concat([PREFACE, settingsFrame()]);
