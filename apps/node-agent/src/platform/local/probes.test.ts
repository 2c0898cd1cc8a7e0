import { createServer } from "node:http";
import { createServer as createHttp2 } from "node:http2";
import { connect, type AddressInfo, type Server } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { Probe } from "@ambit/kube/resources/pod-spec.ts";
import { runProbe, type ProbeTarget } from "./probes.ts";

const NONE = { httpGet: undefined, tcpSocket: undefined, exec: undefined, grpc: undefined };
const TIMES = {
  initialDelaySeconds: 0,
  periodSeconds: 1,
  timeoutSeconds: 1,
  successThreshold: 1,
  failureThreshold: 1,
};

describe("runProbe()", () => {
  const servers: { close(): unknown }[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  function listen(server: Server): Promise<number> {
    servers.push(server);
    return new Promise((resolve) => {
      server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
    });
  }

  function run(probe: Partial<Probe>, port = 1, signal = new AbortController().signal): Promise<boolean> {
    const target: ProbeTarget = {
      ip: "127.0.0.1",
      port: (reference) => (reference === "web" ? port : undefined),
      connect: (host, number) => connect({ host, port: number }),
      exec: (command) => Promise.resolve(command[0] === "true"),
    };
    return runProbe({ ...NONE, ...TIMES, ...probe }, target, signal);
  }

  const httpGet = { path: "/health", port: "web", host: undefined, scheme: "HTTP" as const, httpHeaders: [] };

  test.each([
    [200, true],
    [302, true],
    [404, false],
    [503, false],
  ])("takes HTTP status %i as %s", async (status, wanted) => {
    const port = await listen(createServer((_request, response) => response.writeHead(status).end()));
    expect(await run({ httpGet }, port)).toBe(wanted);
  });

  test("sends path, headers and a host name", async () => {
    let seen = "";
    const server = createServer((request, response) => {
      seen = [request.url, request.headers["x-a"], request.headers.host].join(" ");
      response.end();
    });
    const port = await listen(server);
    expect(await run({ httpGet: { ...httpGet, httpHeaders: [{ name: "X-A", value: "1" }] } }, port)).toBe(
      true,
    );
    expect(seen).toBe(`/health 1 127.0.0.1:${port}`);
  });

  test("fails for a closed port, an unknown port name and a server that hangs until the signal", async () => {
    const port = await listen(createServer());
    servers.splice(0).forEach((server) => server.close());
    expect(await run({ httpGet }, port)).toBe(false);
    expect(await run({ tcpSocket: { port: "web", host: undefined } }, port)).toBe(false);
    expect(await run({ tcpSocket: { port: "nothing", host: undefined } })).toBe(false);
    const hanging = await listen(createServer(() => undefined));
    expect(await run({ httpGet }, hanging, AbortSignal.timeout(50))).toBe(false);
  });

  test("connects for tcpSocket and runs commands for exec", async () => {
    const port = await listen(createServer());
    expect(await run({ tcpSocket: { port: "web", host: undefined } }, port)).toBe(true);
    expect(await run({ exec: { command: ["true"] } })).toBe(true);
    expect(await run({ exec: { command: ["false"] } })).toBe(false);
  });

  test.each([
    ["SERVING", [0, 0, 0, 0, 2, 8, 1], true],
    ["NOT_SERVING", [0, 0, 0, 0, 2, 8, 2], false],
  ])("asks grpc.health.v1 and takes %s as such", async (_name, answer, wanted) => {
    const server = createHttp2();
    let path = "";
    server.on("stream", (stream, headers) => {
      path = String(headers[":path"]);
      stream.respond({ ":status": 200 });
      stream.end(Buffer.from(answer));
    });
    const port = await listen(server as unknown as Server);
    const target: ProbeTarget = {
      ip: "127.0.0.1",
      port: () => port,
      connect: (host, number) => connect({ host, port: number }),
      exec: () => Promise.resolve(false),
    };
    const grpc = { port, service: "shop" };
    expect(await runProbe({ ...NONE, ...TIMES, grpc }, target, new AbortController().signal)).toBe(wanted);
    expect(path).toBe("/grpc.health.v1.Health/Check");
  });
});
