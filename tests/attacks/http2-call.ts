import { connect, constants, type ClientHttp2Session } from "node:http2";
import { status } from "@grpc/grpc-js";
import type { Outcome, Place } from "./raw-client.ts";

/** A call as bytes on HTTP/2, for what no client library would send. */
export interface ByteCall {
  readonly path: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Written one after the other. */
  readonly body: readonly Uint8Array[];
  /** Leave the request's end open. @default false */
  readonly open?: boolean;
}

export interface CallEnd {
  /** Name of the gRPC status, `http N`, `reset N`, `closed`, or `open` when nothing came in time. */
  readonly outcome: Outcome;
  /** Bytes of messages that came. */
  readonly bytes: number;
}

/** A connection without a client certificate that asks what it likes. */
export function openHttp2(place: Place): Promise<ClientHttp2Session> {
  return new Promise((resolve, reject) => {
    const session = connect(`https://${place.ip}:${place.port}`, { rejectUnauthorized: false });
    session.once("error", reject);
    session.once("connect", () => {
      session.off("error", reject);
      session.on("error", () => undefined);
      resolve(session);
    });
  });
}

/** One call on a connection that stays open. */
export function callBytes(session: ClientHttp2Session, call: ByteCall, timeoutMs = 8_000): Promise<CallEnd> {
  return new Promise((resolve) => {
    let bytes = 0;
    let found = "closed";
    const stream = session.request({
      ":method": "POST",
      ":path": call.path,
      "content-type": "application/grpc",
      te: "trailers",
      clusterid: "Kubernetes",
      ...(call.token === undefined ? {} : { authorization: `Bearer ${call.token}` }),
      ...call.headers,
    });
    const end = (outcome: string): void => {
      clearTimeout(timer);
      stream.destroy();
      resolve({ outcome, bytes });
    };
    const timer = setTimeout(() => end("open"), timeoutMs);
    const look = (headers: Readonly<Record<string, unknown>>): void => {
      const code = headers["grpc-status"];
      if (code !== undefined) found = status[Number(code)] ?? `status ${Number(code)}`;
      else if (headers[":status"] !== 200) found = `http ${String(headers[":status"])}`;
    };
    stream.on("response", look);
    stream.on("trailers", look);
    stream.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
    });
    stream.on("error", () => undefined);
    stream.on("close", () => {
      if (found === "closed" && stream.rstCode !== constants.NGHTTP2_NO_ERROR)
        found = `reset ${stream.rstCode}`;
      end(found);
    });
    for (const piece of call.body) stream.write(piece);
    if (call.open !== true) stream.end();
  });
}

/** A message of gRPC as its wire has it; `length` and `flag` may lie. */
export function grpcMessage(payload: Uint8Array, flag = 0, length = payload.length): Buffer {
  const head = Buffer.alloc(5);
  head[0] = flag;
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, payload]);
}
