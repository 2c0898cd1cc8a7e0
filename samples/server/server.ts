/**
 * A small server that stands in for any container image: HTTP on every port of PORTS (or PORT, else 8080), TCP echo on
 * every port of TCP_PORTS. It answers with who and where it is, so that one sees which replica was reached.
 *
 * Paths: `/healthz` answers `ok`; every other path answers with JSON. Knobs, as query parameters:
 * `delay=MS` answers later, `fail=PERCENT` fails that share with 503, `status=CODE` answers with a status,
 * `bytes=COUNT` answers with that many bytes instead of JSON. HOST restricts it to one address.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTcpServer } from "node:net";

const MAX_BYTES = 1 << 30;
const MAX_DELAY_MS = 60_000;
const CHUNK = Buffer.alloc(65_536, "ambit ");

const { env } = process;
const place = env["HOST"] === undefined ? {} : { host: env["HOST"] };
const identity = {
  app: env["APP"] ?? "server",
  version: env["VERSION"] ?? "",
  pod: env["POD_NAME"] ?? env["HOSTNAME"] ?? "",
  namespace: env["POD_NAMESPACE"] ?? "",
  node: env["NODE_NAME"] ?? "",
  ip: env["POD_IP"] ?? "",
};

/** A query parameter as a number between 0 and `limit`; 0 when it is missing or none. */
function numberOf(query: URLSearchParams, name: string, limit: number): number {
  const value = Number(query.get(name) ?? 0);
  return Number.isFinite(value) ? Math.min(limit, Math.max(0, value)) : 0;
}

function sendBytes(response: ServerResponse, count: number): void {
  response.writeHead(200, { "content-type": "application/octet-stream", "content-length": count });
  let left = count;
  const pump = (): void => {
    while (left > 0) {
      const size = Math.min(left, CHUNK.length);
      left -= size;
      if (!response.write(CHUNK.subarray(0, size)) && left > 0) {
        response.once("drain", pump);
        return;
      }
    }
    response.end();
  };
  pump();
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = `${JSON.stringify(body, undefined, 2)}\n`;
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

function answer(request: IncomingMessage, response: ServerResponse, port: number): void {
  const url = new URL(request.url ?? "/", "http://server");
  if (url.pathname === "/healthz") {
    response.writeHead(200, { "content-type": "text/plain" }).end("ok\n");
    return;
  }
  const bytes = numberOf(url.searchParams, "bytes", MAX_BYTES);
  const status = Math.round(numberOf(url.searchParams, "status", 599));
  const failed = Math.random() * 100 < numberOf(url.searchParams, "fail", 100);
  if (failed) sendJson(response, 503, { ...identity, error: "failed on request" });
  else if (bytes > 0) sendBytes(response, Math.floor(bytes));
  else {
    sendJson(response, status >= 200 ? status : 200, {
      ...identity,
      port,
      method: request.method,
      path: url.pathname,
      peer: request.socket.remoteAddress ?? "",
      headers: request.headers,
    });
  }
}

function serveHttp(port: number): void {
  const server = createServer((request, response) => {
    request.resume();
    const query = new URL(request.url ?? "/", "http://server").searchParams;
    const delayMs = numberOf(query, "delay", MAX_DELAY_MS);
    if (delayMs === 0) answer(request, response, port);
    else setTimeout(() => answer(request, response, port), delayMs);
  });
  server.keepAliveTimeout = 60_000;
  server.listen({ port, ...place }, () => console.log(`http on ${port}`));
  process.once("SIGTERM", () => {
    server.close();
    server.closeIdleConnections();
  });
}

function serveEcho(port: number): void {
  const server = createTcpServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.pipe(socket);
  });
  server.listen({ port, ...place }, () => console.log(`tcp echo on ${port}`));
  process.once("SIGTERM", () => server.close());
}

function portsOf(text: string | undefined): readonly number[] {
  return (text ?? "")
    .split(",")
    .map(Number)
    .filter((port) => Number.isInteger(port) && port > 0 && port < 65_536);
}

const echoPorts = portsOf(env["TCP_PORTS"]);
const httpPorts = portsOf(env["PORTS"] ?? env["PORT"] ?? (echoPorts.length === 0 ? "8080" : ""));
for (const port of httpPorts) serveHttp(port);
for (const port of echoPorts) serveEcho(port);
// What is still open after the grace period of a container is of no interest to anybody.
process.once("SIGTERM", () => setTimeout(() => process.exit(0), 5_000).unref());
