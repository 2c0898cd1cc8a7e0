import { connect as connectTcp } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { silentLogger } from "@ambit/base/logger.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import type { IssuedFacts } from "./audit-log.ts";
import type { Issuer } from "./issue.ts";
import { OwnCertificate } from "./own-certificate.ts";
import { CaRig, PROXY_TOKEN } from "./testing/ca-rig.ts";

let rig: CaRig;

beforeAll(async () => {
  rig = await CaRig.start({ AMBIT_CA_LEAF_TTL: "2s" });
});
afterAll(() => rig.stop());

function handshake(session?: Buffer): Promise<TLSSocket> {
  const { hostname, port } = new URL(rig.address);
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: hostname,
      port: Number(port),
      servername: "ca.ambit-system.svc",
      ca: readFileSync(rig.rootPath),
      ALPNProtocols: ["h2"],
      ...(session === undefined ? {} : { session }),
    });
    socket.once("secureConnect", () => resolve(socket));
    socket.once("error", reject);
  });
}

async function servedSerial(): Promise<string> {
  const socket = await handshake();
  const serial = socket.getPeerX509Certificate()?.serialNumber ?? "";
  socket.destroy();
  return serial;
}

// Leaves of two seconds, real time: what is shown is that the running server changes its certificate by itself.
test("the server shows renewed certificates to new connections and keeps the old ones open", async () => {
  const client = rig.client({ tokenPath: await rig.tokenFile(PROXY_TOKEN), impersonate: true });
  const identity = "spiffe://cluster.local/ns/shop/sa/cart";
  await client.fetch(identity);
  const first = await servedSerial();
  const idle = await handshake();
  await expect.poll(servedSerial, { timeout: 10_000, interval: 100 }).not.toBe(first);
  const second = await servedSerial();
  await expect.poll(servedSerial, { timeout: 10_000, interval: 100 }).not.toBe(second);
  // The channel opened under the first certificate, which has ended by now, still serves.
  await expect(client.fetch(identity)).resolves.toMatchObject({ identity });
  expect(idle.destroyed).toBe(false);
  idle.destroy();
  client.close();
});

test("the server resumes no session, so that every connection is checked in full", async () => {
  const socket = await handshake();
  const session = await new Promise<Buffer | undefined>((resolve) => {
    socket.once("session", resolve);
    setTimeout(() => resolve(undefined), 300);
  });
  socket.destroy();
  if (session === undefined) return;
  const again = await handshake(session);
  const isReused = again.isSessionReused();
  again.destroy();
  expect(isReused).toBe(false);
});

test("renew() is called again at half life, and at once when the wall clock passes it", async () => {
  const clock = new FakeClock();
  let renewals = 0;
  const ttlMs = 3_600_000;
  const facts = (): IssuedFacts => ({
    identity: "",
    serial: "",
    holder: "self",
    node: "",
    issuedAt: clock.now(),
    notBefore: clock.now(),
    notAfter: clock.now() + ttlMs,
    generation: "",
  });
  const issuer: Pick<Issuer, "issue"> = {
    issue: async () => ({ ...facts(), chain: ["leaf", "root"] }),
  };
  const own = new OwnCertificate(
    { trustDomain: "td", systemNamespace: "s", ttlMs, serverAddresses: [], holder: "self" },
    {
      clock,
      logger: silentLogger,
      issuer,
      audit: { append: () => undefined },
      onRenewed: () => void renewals++,
    },
  );
  await own.renew();
  await clock.advance(ttlMs / 2 - 10_000);
  expect(renewals).toBe(1);
  await clock.advance(20_000);
  await expect.poll(() => renewals).toBe(2);
  clock.jump(ttlMs);
  await clock.advance(6_000);
  await expect.poll(() => renewals).toBe(3);
  own.stop();
});

test("drain() ends although connections stay open that say nothing", async () => {
  const own = await CaRig.start();
  const { hostname, port } = new URL(own.address);
  const silent = connectTcp(Number(port), hostname);
  silent.on("error", () => undefined);
  const idle = connect({
    host: hostname,
    port: Number(port),
    rejectUnauthorized: false,
    ALPNProtocols: ["h2"],
  });
  idle.on("error", () => undefined);
  await new Promise((resolve) => {
    idle.once("secureConnect", resolve);
  });
  await own.stop();
  silent.destroy();
  idle.destroy();
});
