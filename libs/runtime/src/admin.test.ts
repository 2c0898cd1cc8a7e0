import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { request } from "node:http";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "@ambit/base/clock.ts";
import { AdminServer } from "./admin.ts";
import { Readiness } from "./lifecycle.ts";
import { LogWriter } from "./log-writer.ts";
import { Metrics } from "./metrics.ts";

const folder = mkdtempSync(join(tmpdir(), "ambit-admin-"));
const socketPath = join(folder, "run/admin.sock");
const readiness = new Readiness();
const done = readiness.begin("state manager");
const server = new AdminServer(
  { socketPath },
  {
    writer: new LogWriter({}, { clock: systemClock, sink: () => undefined }),
    metrics: new Metrics({ component: "test", version: "1" }),
    readiness,
    routes: (routes) => {
      routes.get("/extra", async () => ({ extra: true }));
    },
  },
);

beforeAll(() => server.start());
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

function call(path: string, method = "GET"): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, path, method }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => {
        text += chunk.toString("utf8");
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}

test("AdminServer() keeps its socket to its owner", () => {
  expect(statSync(socketPath).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, "run")).mode & 0o777).toBe(0o700);
});

test("AdminServer() names what readiness waits for", async () => {
  expect(await call("/healthz/ready")).toEqual({
    status: 500,
    text: "not ready, waiting for: state manager\n",
  });
  done();
  expect(await call("/healthz/ready")).toEqual({ status: 200, text: "ready\n" });
});

test("AdminServer() serves metrics, levels and the process's own routes", async () => {
  expect((await call("/metrics")).text).toContain('istio_build{component="test",tag="1"} 1');
  expect((await call("/logging?level=xds=debug", "POST")).text).toContain('"xds":"debug"');
  expect((await call("/logging?level=loud", "POST")).status).toBe(400);
  expect((await call("/extra")).text).toBe('{"extra":true}');
});

test("AdminServer() shares its ports when asked to, leaves them to the other, and keeps its socket", async () => {
  const port = await freePort();
  const make = (name: string): AdminServer =>
    new AdminServer(
      { socketPath: join(folder, name, "admin.sock"), readyPort: port, sharePorts: true },
      {
        writer: new LogWriter({}, { clock: systemClock, sink: () => undefined }),
        metrics: new Metrics({ component: name, version: "1" }),
        readiness: new Readiness(),
      },
    );
  const [old, fresh] = [make("old"), make("fresh")];
  await old.start();
  await fresh.start();
  await old.releasePorts();
  expect((await fetch(`http://127.0.0.1:${port}/healthz/ready`)).status).toBe(200);
  expect(statSync(join(folder, "old", "admin.sock")).isSocket()).toBe(true);
  await fresh.stop();
  await expect(fetch(`http://127.0.0.1:${port}/healthz/ready`)).rejects.toThrow();
  await old.stop();
});

test("AdminServer() takes so many connections on a port that anybody may reach", async () => {
  const port = await freePort();
  const open = new AdminServer(
    { metricsPort: port },
    {
      writer: new LogWriter({}, { clock: systemClock, sink: () => undefined }),
      metrics: new Metrics({ component: "test", version: "1" }),
      readiness: new Readiness(),
    },
  );
  await open.start();
  const sockets = Array.from({ length: 257 }, () => connect(port, "127.0.0.1").resume());
  await Promise.race(sockets.map((socket) => once(socket, "close")));
  expect(sockets.filter((socket) => socket.destroyed)).toHaveLength(1);
  for (const socket of sockets) socket.destroy();
  await open.stop();
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
