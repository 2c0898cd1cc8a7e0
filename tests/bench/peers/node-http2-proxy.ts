/**
 * `node node-http2-proxy.ts client|server FOLDER PORT HOST TUNNEL-OR-APP-PORT APP-PORT`: HTTP/2 CONNECT over mutual
 * TLS with nothing but node:tls and node:http2, as the yardstick of what the runtime gives by itself.
 */
import { readFileSync } from "node:fs";
import { connect as connectH2, createSecureServer, type ClientHttp2Session } from "node:http2";
import { connect, createServer } from "node:net";
import { join } from "node:path";

const [role = "", folder = "", port = "0", host = "", target = "0", app = "0"] = process.argv.slice(2);
const read = (name: string): Buffer => readFileSync(join(folder, name));
const tls = {
  cert: read(`${role}.pem`),
  key: read(`${role}.key`),
  ca: read("ca.pem"),
  minVersion: "TLSv1.3",
} as const;
const settings = { initialWindowSize: 4 * 1024 * 1024, maxFrameSize: 1024 * 1024 };

function serve(): void {
  const server = createSecureServer({ ...tls, requestCert: true, rejectUnauthorized: true, settings });
  server.on("session", (session) => session.setLocalWindowSize(16 * 1024 * 1024));
  server.on("stream", (stream) => {
    const upstream = connect({ host, port: Number(target), noDelay: true, allowHalfOpen: true });
    upstream.once("connect", () => {
      stream.respond({ ":status": 200 });
      stream.pipe(upstream);
      upstream.pipe(stream);
    });
    upstream.on("error", () => stream.destroy());
    stream.on("error", () => upstream.destroy());
    stream.on("close", () => upstream.destroy());
  });
  server.listen(Number(port), "0.0.0.0");
}

function dial(): void {
  let session: ClientHttp2Session | undefined;
  let used = 0;
  const open = (): ClientHttp2Session => {
    used = 0;
    const fresh = connectH2(`https://${host}:${target}`, {
      ...tls,
      checkServerIdentity: () => undefined,
      settings,
    });
    fresh.on("error", () => undefined);
    fresh.once("connect", () => fresh.setLocalWindowSize(16 * 1024 * 1024));
    return fresh;
  };
  createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    if (session === undefined || session.closed || session.destroyed || used >= 100) session = open();
    const own = session;
    used++;
    const stream = own.request(
      { ":method": "CONNECT", ":authority": `${host}:${app}` },
      { endStream: false },
    );
    stream.once("response", () => {
      socket.pipe(stream);
      stream.pipe(socket);
    });
    stream.on("error", () => socket.destroy());
    socket.on("error", () => stream.destroy());
    stream.on("close", () => {
      if (own === session) used--;
      socket.destroy();
    });
  }).listen(Number(port), "0.0.0.0");
}

if (role === "server") serve();
else dial();
