import { once } from "node:events";
import { connect as connectNet } from "node:net";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Driver, TlsMaterial } from "../driver.ts";
import { testAuthority } from "../testing/certificates.ts";
import { ProbeServer } from "../testing/probe.ts";
import { RECORD, RecordSealer, SEALED_SUITE } from "../testing/record-sealer.ts";
import { createEngineDriver } from "./engine-driver.ts";

const URI = "spiffe://cluster.local/ns/records/sa/any";

describe("a peer that writes its records by hand", () => {
  let driver: Driver;
  let material: TlsMaterial;
  beforeAll(async () => {
    driver = createEngineDriver({ checked: true });
    driver.start();
    material = await (await testAuthority()).issue(URI);
  });
  afterAll(() => driver.stop());

  /** A server's end, and what writes bytes below the client's TLS. */
  async function connection() {
    const context = driver.tlsContext({ ...material, cipherSuites: SEALED_SUITE });
    const acceptor = new ProbeServer(driver, { contexts: [context, context] });
    const { ip, port } = acceptor.listener.local;
    const wire = connectNet(port, ip);
    const tls = connectTls({
      socket: wire,
      ca: material.roots,
      cert: material.certificateChain,
      key: material.privateKey,
      checkServerIdentity: () => undefined,
      ALPNProtocols: ["h2"],
    });
    const secrets: Buffer[] = [];
    tls.on("keylog", (line: Buffer) => secrets.push(line));
    tls.on("error", () => undefined);
    wire.on("error", () => undefined);
    await once(tls, "secureConnect");
    const server = await acceptor.accept();
    await server.until(() => server.connected);
    context.release();
    return { server, wire, sealer: RecordSealer.fromKeyLog(secrets), end: () => wire.destroy() };
  }

  it("may have new keys as often as it sends something under them", async () => {
    const { server, wire, sealer, end } = await connection();
    for (let index = 0; index < 5_000; index++) {
      wire.write(sealer.sealKeyUpdate(false));
      wire.write(sealer.seal(RECORD.data, Buffer.from("x")));
    }
    await server.until(() => server.receivedBytes === 5_000);
    expect(server.error).toBeUndefined();
    end();
  });

  it("is let go when it asks for new keys and sends nothing under them", async () => {
    const { server, wire, sealer, end } = await connection();
    for (let index = 0; index < 5_000; index++) wire.write(sealer.sealKeyUpdate(false));
    expect(await server.failure()).toMatchObject({
      kind: "tls",
      detail: "the peer sends records without data",
    });
    end();
  });

  it("may take its time over one large record", async () => {
    const { server, wire, sealer, end } = await connection();
    const record = sealer.seal(RECORD.data, Buffer.alloc(16_384, "y"));
    for (let at = 0; at < record.length; at += 64) {
      wire.write(record.subarray(at, at + 64));
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    await server.until(() => server.receivedBytes === 16_384);
    end();
  });
});
