import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { systemClock } from "@ambit/base/clock.ts";
import { silentLogger } from "@ambit/base/logger.ts";
import { systemRandom } from "@ambit/base/random.ts";
import { readCredentials } from "./credentials.ts";
import { EmbeddedBroker } from "./embedded-broker.ts";
import { isSafeVersion, natsServerVersion, startNatsServer } from "./nats-server.ts";
import { startBroker } from "./start-broker.ts";
import type { StartBroker } from "./testing/broker-under-test.ts";
import { describeBroker } from "./testing/bus-contract.ts";
import { describeBusClient } from "./testing/client-contract.ts";

const folder = mkdtempSync(join(tmpdir(), "ambit-broker-"));
const deps = {
  clock: systemClock,
  random: systemRandom,
  logger: silentLogger,
  onExit: (): void => undefined,
};
const realServer = process.env["AMBIT_NATS_SERVER"] ?? "nats-server";
const realVersion = natsServerVersion(realServer);

afterAll(() => rmSync(folder, { recursive: true }));

const startEmbedded: StartBroker = async (users, port = 0) => {
  const broker = new EmbeddedBroker(users, deps);
  const bound = await broker.listen("127.0.0.1", port);
  return { port: bound, stop: () => broker.close() };
};

const startReal: StartBroker = async (users, port) =>
  startNatsServer(
    {
      binary: realServer,
      host: "127.0.0.1",
      port: port ?? (await freePort()),
      users,
      folder: mkdtempSync(join(folder, "nats-")),
      output: "ignore",
    },
    deps,
  );

describeBroker("the embedded broker", startEmbedded);
describeBusClient("NatsBus on the embedded broker", startEmbedded);

if (realVersion === undefined) {
  process.stderr.write(
    "NOTE: the bus contract ran without a real nats-server: none on PATH, none named by AMBIT_NATS_SERVER\n",
  );
} else {
  test("startNatsServer() ends the server that a killed predecessor left behind", async () => {
    const port = await freePort();
    const own = mkdtempSync(join(folder, "left-"));
    const options = {
      binary: realServer,
      host: "127.0.0.1",
      port,
      users: [],
      folder: own,
      output: "ignore",
    } as const;
    const left = await startNatsServer(options, deps);
    const leftPid = readFileSync(join(own, "nats-server.pid"), "utf8");
    const next = await startNatsServer(options, deps);
    expect(readFileSync(join(own, "nats-server.pid"), "utf8")).not.toBe(leftPid);
    await next.stop();
    await left.stop();
  });

  describeBroker(`nats-server ${realVersion}`, startReal);
  describeBusClient(`NatsBus on nats-server ${realVersion}`, startReal);
}

describe("startBroker()", () => {
  /** A program that says it is nats-server of some version. */
  function claim(version: string): string {
    const path = join(folder, `nats-server-${version}`);
    writeFileSync(path, `#!/bin/sh\necho "nats-server: v${version}"\n`);
    chmodSync(path, 0o755);
    return path;
  }

  test.each([
    ["without a real server", "/nonexistent/nats-server"],
    ["beside a real server with known holes", undefined],
  ])("uses the embedded broker %s, with credentials for every user", async (_name, missing) => {
    const credentialsDir = mkdtempSync(join(folder, "credentials-"));
    const broker = await startBroker(
      { host: "127.0.0.1", port: 0, credentialsDir, nodes: ["node-a"], binary: missing ?? claim("2.9.10") },
      deps,
    );
    expect(broker.kind).toBe("embedded");
    await broker.stop();
    const names = ["ca", "discovery", "telemetry", "operator", "ztunnel-node-a"];
    const passwords = names.map((name) => {
      const path = join(credentialsDir, `${name}.json`);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      return readCredentials(path).password;
    });
    expect(new Set(passwords).size).toBe(names.length);
    expect(passwords.every((password) => password.length >= 32)).toBe(true);
  });

  test("keeps passwords over a restart", async () => {
    const options = {
      host: "127.0.0.1",
      port: 0,
      credentialsDir: join(folder, "kept"),
      nodes: [],
      binary: "/none",
    };
    await (await startBroker(options, deps)).stop();
    const first = readFileSync(join(folder, "kept/ca.json"), "utf8");
    await (await startBroker(options, deps)).stop();
    expect(readFileSync(join(folder, "kept/ca.json"), "utf8")).toBe(first);
  });

  test("says so when a server does not come up, and when the port is taken", async () => {
    const binary = claim("2.15.2");
    const options = {
      host: "127.0.0.1",
      port: await freePort(),
      credentialsDir: join(folder, "up"),
      nodes: [],
    };
    await expect(startBroker({ ...options, binary }, deps)).rejects.toMatchObject({ code: "listen" });
    const first = await startBroker({ ...options, binary: "/none" }, deps);
    await expect(startBroker({ ...options, binary: "/none" }, deps)).rejects.toMatchObject({
      code: "listen",
    });
    await first.stop();
  });

  test.each([
    ["2.9.10", false],
    ["2.12.11", false],
    ["2.12.12", true],
    ["2.13.9", false],
    ["2.14.2", false],
    ["2.14.3", true],
    ["2.15.0", true],
    ["3.0.0", true],
    ["1.9.9", false],
  ])("isSafeVersion(%s) is %s", (version, isSafe) => {
    expect(isSafeVersion(version)).toBe(isSafe);
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
