/**
 * `node --import ztunnel-in-pod.ts`, in the place of one of our node proxies: runs the program that ZTUNNEL_BIN names in the
 * environment made for ours, whose names are Istio's, and answers for it on the admin socket whether it is ready. What
 * was to be run instead is never begun.
 */
import { spawn } from "node:child_process";
import { createServer, get, type ServerResponse } from "node:http";

const READY = { host: "127.0.0.1", port: 15_021, path: "/healthz/ready" } as const;

const {
  ZTUNNEL_BIN: binary = "",
  ADMIN_SOCKET: socket = "",
  NODE_OPTIONS: _options,
  ...environment
} = process.env;
const child = spawn(binary, ["proxy", "ztunnel"], { stdio: "inherit", env: environment });
child.once("exit", (code) => process.exit(code ?? 1));
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => child.kill(signal));

function answer(response: ServerResponse): void {
  const call = get(READY, (ready) => {
    response.writeHead(ready.statusCode ?? 503).end();
    ready.resume();
  });
  call.once("error", () => response.writeHead(503).end());
}

createServer((_request, response) => answer(response)).listen(socket);
await new Promise(() => undefined);
