import { once } from "node:events";
import { connect as connectHttp2, type ClientHttp2Session, type ClientHttp2Stream } from "node:http2";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import {
  Client,
  credentials,
  ServerCredentials,
  status,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type sendUnaryData,
} from "@grpc/grpc-js";
import { createGrpcServer, listenGrpc, stopGrpc, type GrpcServerOptions } from "./grpc-server.ts";

const same = (bytes: Buffer): Buffer => bytes;
const method = (path: string, isStream: boolean) => ({
  path,
  requestStream: isStream,
  responseStream: isStream,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
});
const SERVICE = { echo: method("/test/Echo", false), talk: method("/test/Talk", true) };

describe("GrpcServer", () => {
  const ends: (() => void)[] = [];
  afterEach(() => {
    for (const end of ends.splice(0).toReversed()) end();
  });

  async function serve(options: GrpcServerOptions = {}) {
    const server = createGrpcServer(options);
    server.addService(SERVICE, {
      echo: (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) =>
        answer(null, call.request),
      talk: (call: ServerDuplexStream<Buffer, Buffer>) => {
        call.on("data", (bytes: Buffer) => call.write(bytes));
        call.on("end", () => call.end());
      },
    });
    ends.push(() => server.forceShutdown());
    return { server, port: await listenGrpc(server, "127.0.0.1:0", ServerCredentials.createInsecure()) };
  }

  function dial(port: number): Socket {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.resume();
    ends.push(() => socket.destroy());
    return socket;
  }

  /** The message comes back, or the name of the status. */
  function echo(port: number, text: string): Promise<string> {
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
      "grpc.use_local_subchannel_pool": 1,
    });
    return new Promise((resolve) => {
      client.makeUnaryRequest(SERVICE.echo.path, same, same, Buffer.from(text), (error, answer) => {
        client.close();
        resolve(error === null ? (answer?.toString() ?? "") : (status[error.code] ?? "unknown"));
      });
    });
  }

  function begin(
    port: number,
    path: string,
    headers: Readonly<Record<string, string>> = {},
  ): { session: ClientHttp2Session; call: ClientHttp2Stream } {
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    session.on("error", () => undefined);
    const call = session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
      ...headers,
    });
    call.on("error", () => undefined);
    ends.push(() => session.destroy());
    return { session, call };
  }

  function messageOf(text: string): Buffer {
    const head = Buffer.alloc(5);
    head.writeUInt32BE(text.length, 1);
    return Buffer.concat([head, Buffer.from(text)]);
  }

  test("closes what one address opens beyond its share, and takes the next when one has gone", async () => {
    const { server, port } = await serve({ maxConnectionsPerAddress: 2 });
    const first = dial(port);
    await once(first, "connect");
    const second = dial(port);
    await once(second, "connect");
    const third = dial(port);
    await once(third, "close");
    expect([first.destroyed, second.destroyed, server.connections]).toEqual([false, false, 2]);
    first.destroy();
    await expect.poll(() => server.connections).toBe(1);
    expect(await echo(port, "served")).toBe("served");
  });

  test("closes what all together open beyond the bound", async () => {
    const { server, port } = await serve({ maxConnections: 1 });
    const first = dial(port);
    await once(first, "connect");
    const second = dial(port);
    await once(second, "close");
    expect([first.destroyed, server.connections]).toEqual([false, 1]);
  });

  test("cuts the connection of a call whose first message does not come, and no other", async () => {
    const { port } = await serve({ firstMessageMs: 40 });
    const prompt = begin(port, SERVICE.talk.path);
    prompt.call.write(messageOf("here"));
    await once(prompt.call, "data");
    const slow = begin(port, SERVICE.echo.path);
    slow.call.write(messageOf("never whole").subarray(0, 7));
    await once(slow.session, "close");
    prompt.call.write(messageOf("still here"));
    const [answer] = (await once(prompt.call, "data")) as [Buffer];
    expect(answer.subarray(5).toString()).toBe("still here");
  });

  test("does not cut a connection whose call was answered in time", async () => {
    const { server, port } = await serve({ firstMessageMs: 40 });
    const answered = begin(port, SERVICE.echo.path);
    answered.call.end(messageOf("x"));
    answered.call.resume();
    await once(answered.call, "close");
    const slow = begin(port, SERVICE.echo.path);
    slow.call.write(messageOf("x").subarray(0, 2));
    await once(slow.session, "close");
    await expect.poll(() => server.connections).toBe(1);
    expect(answered.session.closed).toBe(false);
  });

  /** Status of the answer, or how the stream was reset; the caller's half stays open. */
  function verdict(call: ClientHttp2Stream): Promise<string> {
    return new Promise((resolve) => {
      let found = "";
      const look = (headers: Readonly<Record<string, unknown>>): void => {
        if (headers["grpc-status"] !== undefined) found = status[Number(headers["grpc-status"])] ?? "";
      };
      call.on("response", look).on("trailers", look).resume();
      call.on("close", () => resolve(found === "" ? `reset ${call.rstCode}` : found));
    });
  }

  test.each(["-1S", "1", "S", "soon", "1.5S", "123456789S", `${"9".repeat(400)}S`])(
    "answers INTERNAL to the time limit %s",
    async (timeout) => {
      const { port } = await serve();
      const { call } = begin(port, SERVICE.echo.path, { "grpc-timeout": timeout });
      call.write(messageOf("x"));
      expect(await verdict(call)).toBe("INTERNAL");
    },
  );

  test.each(["1H", "99999999n", "99999999H", "99999999S"])(
    "serves within the time limit %s",
    async (timeout) => {
      const { port } = await serve();
      const { call } = begin(port, SERVICE.echo.path, { "grpc-timeout": timeout });
      call.end(messageOf("x"));
      expect(await verdict(call)).toBe("OK");
    },
  );

  test("ends the stream of a message that is announced too long, though its sender does not", async () => {
    const { port } = await serve();
    const { call } = begin(port, SERVICE.talk.path);
    const head = Buffer.alloc(5);
    head.writeUInt32BE(0xffff_ffff, 1);
    call.write(head);
    expect(await verdict(call)).toBe("RESOURCE_EXHAUSTED");
  });

  test.each([1, 5, 7])("gives no status to a stream that ends %i bytes into a message", async (bytes) => {
    const { port } = await serve();
    const { call } = begin(port, SERVICE.talk.path);
    call.write(messageOf("whole"));
    await once(call, "data");
    call.end(messageOf("cut short").subarray(0, bytes));
    expect(await verdict(call)).toBe("reset 0");
  });

  test("stopped by force, it leaves neither port nor silent connection behind", async () => {
    const { server, port } = await serve();
    const silent = dial(port);
    await once(silent, "connect");
    await expect.poll(() => server.connections).toBe(1);
    server.forceShutdown();
    await once(silent, "close");
    const late = dial(port);
    const [error] = (await once(late, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNREFUSED");
  });

  test("stopped in order, a call that runs may end", async () => {
    const { server, port } = await serve();
    const { call } = begin(port, SERVICE.talk.path);
    call.write(messageOf("one"));
    await once(call, "data");
    const stopped = stopGrpc(server, new AbortController().signal);
    call.end(messageOf("two"));
    const [answer] = (await once(call, "data")) as [Buffer];
    expect(answer.subarray(5).toString()).toBe("two");
    await stopped;
    await expect.poll(() => server.connections).toBe(0);
  });

  test("says when it cannot have the port", async () => {
    const { port } = await serve();
    const other = createGrpcServer();
    ends.push(() => other.forceShutdown());
    await expect(
      listenGrpc(other, `127.0.0.1:${port}`, ServerCredentials.createInsecure()),
    ).rejects.toMatchObject({ code: "cannot-listen" });
  });
});
