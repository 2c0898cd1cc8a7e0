import { connect as connectNet } from "node:net";
import { connect as connectTls } from "node:tls";
import { expect, it } from "vitest";
import type { Driver, TlsContext, TlsMaterial } from "../driver.ts";
import { testAuthority } from "./certificates.ts";
import { ProbeServer, connectPair } from "./probe.ts";
import type { Probe } from "./probe.ts";

const SERVER_URI = "spiffe://cluster.local/ns/contract/sa/server";
const CLIENT_URI = "spiffe://cluster.local/ns/contract/sa/client";

/** Identities of one test run: two that belong together, one of another mesh, one that is past its time. */
export interface Identities {
  readonly server: TlsMaterial;
  readonly client: TlsMaterial;
  readonly stranger: TlsMaterial;
  readonly expired: TlsMaterial;
}

/** Makes them. */
export async function makeIdentities(): Promise<Identities> {
  const authority = await testAuthority();
  const other = await testAuthority("another root");
  return {
    server: await authority.issue(SERVER_URI),
    client: await authority.issue(CLIENT_URI),
    stranger: await other.issue(CLIENT_URI),
    expired: await authority.issue(CLIENT_URI, new Date("2020-01-01T00:00:00Z")),
  };
}

/** Who is let in, who is not, and what is said about it. */
export function describeTrust(
  driver: () => Driver,
  identities: () => Identities,
  contexts: () => [server: TlsContext, client: TlsContext],
  tellsTruncation: boolean,
): void {
  const dialWith = (material: Partial<TlsMaterial>): { acceptor: ProbeServer; client: Probe } => {
    const client = driver().tlsContext({ ...identities().client, ...material });
    const acceptor = new ProbeServer(driver(), { contexts: contexts() });
    const probe = acceptor.dial(driver(), { contexts: [contexts()[0], client] });
    client.release();
    return { acceptor, client: probe };
  };

  it("shows each side the other's verified certificate", async () => {
    const { client, server } = await connectPair(driver(), { contexts: contexts() });
    expect(client.peer?.uriSans).toEqual([SERVER_URI]);
    expect(server.peer?.uriSans).toEqual([CLIENT_URI]);
    expect(server.peer?.serial).toBe("0BADCAFE01");
    expect(server.peer?.notAfter).toBeGreaterThan(driver().now());
    expect(server.peer?.der.length).toBeGreaterThan(200);
  });

  it.each([
    ["from another root", () => identities().stranger],
    ["that has expired", () => identities().expired],
  ])("refuses a client certificate %s", async (_what, material) => {
    const { certificateChain, privateKey } = material();
    const { acceptor } = dialWith({ certificateChain, privateKey });
    const server = await acceptor.accept();
    expect(await server.failure()).toMatchObject({ kind: "tls", code: "EPROTO" });
    expect(server.connected).toBe(false);
  });

  it("refuses a server whose root is not ours", async () => {
    const { client } = dialWith({ roots: identities().stranger.roots });
    expect(await client.failure()).toMatchObject({ kind: "tls", code: "EPROTO" });
    expect(client.connected).toBe(false);
  });

  it("refuses another application protocol, on both sides", async () => {
    const { acceptor, client } = dialWith({ alpn: "http/1.1" });
    expect(await client.failure()).toMatchObject({ kind: "tls" });
    const server = await acceptor.accept();
    expect(await server.failure()).toMatchObject({ kind: "tls" });
  });

  it("refuses a client without a certificate", async () => {
    const acceptor = new ProbeServer(driver(), { contexts: contexts() });
    const { ip, port } = acceptor.listener.local;
    const { roots } = identities().server;
    const foreign = connectTls({
      host: ip,
      port,
      ca: roots,
      checkServerIdentity: () => undefined,
      ALPNProtocols: ["h2"],
    });
    foreign.on("error", () => undefined);
    const server = await acceptor.accept();
    expect(await server.failure()).toMatchObject({ kind: "tls" });
    foreign.destroy();
  });

  it("refuses a client that speaks no TLS", async () => {
    const acceptor = new ProbeServer(driver(), { contexts: contexts() });
    const { ip, port } = acceptor.listener.local;
    const foreign = connectNet(port, ip, () => foreign.write("GET / HTTP/1.1\r\n\r\n"));
    foreign.on("error", () => undefined);
    const server = await acceptor.accept();
    expect(await server.failure()).toMatchObject({ kind: "tls" });
    foreign.destroy();
  });

  it("refuses an older TLS", async () => {
    const acceptor = new ProbeServer(driver(), { contexts: contexts() });
    const { ip, port } = acceptor.listener.local;
    const { roots, certificateChain, privateKey } = identities().client;
    const foreign = connectTls({
      host: ip,
      port,
      ca: roots,
      cert: certificateChain,
      key: privateKey,
      maxVersion: "TLSv1.2",
      checkServerIdentity: () => undefined,
      ALPNProtocols: ["h2"],
    });
    foreign.on("error", () => undefined);
    const server = await acceptor.accept();
    expect(await server.failure()).toMatchObject({ kind: "tls" });
    foreign.destroy();
  });

  it("reports a TLS stream that was cut off, where the driver can tell", async () => {
    const acceptor = new ProbeServer(driver(), { contexts: contexts() });
    const { ip, port } = acceptor.listener.local;
    const { roots, certificateChain, privateKey } = identities().client;
    const raw = connectNet(port, ip);
    const options = { ca: roots, cert: certificateChain, key: privateKey, ALPNProtocols: ["h2"] };
    const foreign = connectTls({ socket: raw, ...options, checkServerIdentity: () => undefined });
    foreign.on("error", () => undefined);
    const server = await acceptor.accept();
    await server.until(() => server.connected);
    raw.destroy();
    while (server.error === undefined && !server.ended) await server.next();
    expect(server.error?.kind).toBe(tellsTruncation ? "tls" : undefined);
    foreign.destroy();
  });

  it("a released context still serves handshakes that began before", async () => {
    const { acceptor, client } = dialWith({});
    await client.until(() => client.connected);
    const server = await acceptor.accept();
    client.send("hello");
    await server.until(() => server.receivedBytes === 5);
    expect(server.received.toString()).toBe("hello");
  });

  it.each([
    ["certificateChain", "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n"],
    ["certificateChain", ""],
    ["privateKey", "nonsense"],
    ["roots", ""],
    ["cipherSuites", "TLS_NOT_A_SUITE"],
  ])("tlsContext() raises an IoError for a bad %s", (part, text) => {
    const make = (): unknown => driver().tlsContext({ ...identities().client, [part]: text });
    expect(make).toThrow(expect.objectContaining({ code: "material" }));
  });

  it("tlsContext() raises an IoError when the key belongs to another certificate", () => {
    const make = (): unknown =>
      driver().tlsContext({ ...identities().client, privateKey: identities().server.privateKey });
    expect(make).toThrow(expect.objectContaining({ code: "material" }));
  });
}
