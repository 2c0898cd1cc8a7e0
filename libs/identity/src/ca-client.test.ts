import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Server, ServerCredentials, status, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { systemClock } from "@ambit/base/clock.ts";
import {
  certificateService,
  type CertificateRequest,
  type CertificateResponseProperties,
} from "@ambit/contract/grpc-services.ts";
import { CaClient } from "./ca-client.ts";
import { verifyCsr } from "./csr.ts";
import { createLeaf, createRoot, generateKey, type SigningCertificate } from "./x509.ts";

type Call = ServerUnaryCall<CertificateRequest, CertificateResponseProperties>;

const ID = "spiffe://cluster.local/ns/a/sa/b";
const HOUR = 3_600_000;
const folder = mkdtempSync(join(tmpdir(), "ambit-ca-client-"));
const rootCaPath = join(folder, "root.pem");
const tokenPath = join(folder, "token");
const server = new Server();
let root: SigningCertificate;
let port = 0;
let answer: (call: Call) => Promise<CertificateResponseProperties> | CertificateResponseProperties;
let calls: Call[] = [];

function validity(): { notBefore: number; notAfter: number } {
  return { notBefore: systemClock.now() - HOUR, notAfter: systemClock.now() + HOUR };
}

async function leafFor(
  publicKey: Uint8Array,
  uri: string,
  dnsNames: readonly string[] = [],
): Promise<string> {
  return createLeaf(root, { publicKey, uri, dnsNames, ipAddresses: [], serial: "0A", ...validity() });
}

beforeAll(async () => {
  root = await createRoot("test", "01", validity());
  writeFileSync(rootCaPath, root.certificate);
  const own = await generateKey();
  const certificate = await leafFor(own.publicKey, "spiffe://cluster.local/ns/s/sa/ca", ["ca.s.svc"]);
  server.addService(
    { createCertificate: certificateService.createCertificate },
    {
      createCertificate: (call: Call, done: sendUnaryData<CertificateResponseProperties>) => {
        calls.push(call);
        void respond(call, done);
      },
    },
  );
  const credentials = ServerCredentials.createSsl(null, [
    { cert_chain: Buffer.from(certificate), private_key: Buffer.from(own.privateKey) },
  ]);
  port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
});
beforeEach(() => {
  calls = [];
  writeFileSync(tokenPath, "first\n");
  answer = async (call) => good(call, ID);
});
afterAll(() => {
  server.forceShutdown();
  rmSync(folder, { recursive: true });
});

async function respond(call: Call, done: sendUnaryData<CertificateResponseProperties>): Promise<void> {
  try {
    done(null, await answer(call));
  } catch (thrown) {
    done(thrown as { code: status; details: string });
  }
}

async function good(call: Call, uri: string): Promise<CertificateResponseProperties> {
  const { publicKey } = await verifyCsr(call.request.csr);
  return { certChain: [await leafFor(publicKey, uri), root.certificate] };
}

function client(options: { impersonate?: boolean; address?: string; rootCaPath?: string } = {}): CaClient {
  const address = options.address ?? `https://127.0.0.1:${port}`;
  return new CaClient({
    target: { address, rootCaPath: options.rootCaPath ?? rootCaPath, serverName: "ca.s.svc" },
    tokenPath,
    clusterId: "Kubernetes",
    ttlSeconds: 60,
    impersonate: options.impersonate ?? true,
  });
}

async function fetched(options: Parameters<typeof client>[0] = {}): Promise<unknown> {
  const made = client(options);
  try {
    return await made.fetch(ID);
  } finally {
    made.close();
  }
}

test("fetch() names the identity, its lifetime and its credentials, and gives key, chain and roots", async () => {
  const certificate = await fetched();
  expect(certificate).toMatchObject({ identity: ID, serial: "0A", roots: root.certificate });
  const [call] = calls;
  expect(Number(call?.request.validityDuration)).toBe(60);
  expect(call?.request.metadata?.fields?.["ImpersonatedIdentity"]?.stringValue).toBe(ID);
  expect(call?.metadata.get("authorization")).toEqual(["Bearer first"]);
  expect(call?.metadata.get("clusterid")).toEqual(["Kubernetes"]);
});

test("fetch() names no identity when it asks for its own", async () => {
  await fetched({ impersonate: false });
  expect(calls[0]?.request.metadata?.fields ?? {}).toEqual({});
});

test("fetch() takes a fresh key every time", async () => {
  const made = client();
  const [left, right] = [await made.fetch(ID), await made.fetch(ID)];
  made.close();
  expect(left.privateKey).not.toBe(right.privateKey);
});

test.each<[string, (call: Call) => Promise<CertificateResponseProperties> | CertificateResponseProperties]>([
  ["no roots", async (call) => ({ certChain: (await good(call, ID)).certChain?.slice(0, 1) ?? [] })],
  ["nothing", () => ({ certChain: [] })],
  ["another identity", (call) => good(call, "spiffe://cluster.local/ns/a/sa/c")],
  [
    "another's key",
    async () => ({ certChain: [await leafFor((await generateKey()).publicKey, ID), root.certificate] }),
  ],
  [
    "roots that do not parse",
    async (call) => ({ certChain: [...((await good(call, ID)).certChain ?? []), "rubbish"] }),
  ],
  ["a leaf that does not parse", () => ({ certChain: ["rubbish", root.certificate] })],
])("fetch() does not use an answer with %s", async (_name, bent) => {
  answer = bent;
  await expect(fetched()).rejects.toMatchObject({ name: "IdentityError" });
});

test("fetch() tries once more when the token was replaced while it was refused", async () => {
  answer = (call) => {
    if (call.metadata.get("authorization")[0] === "Bearer second") return good(call, ID);
    writeFileSync(tokenPath, "second\n");
    return Promise.reject({ code: status.UNAUTHENTICATED, details: "request authenticate failure" });
  };
  await expect(fetched()).resolves.toMatchObject({ identity: ID });
  expect(calls).toHaveLength(2);
});

test("fetch() does not insist when the same token was refused", async () => {
  answer = () => Promise.reject({ code: status.UNAUTHENTICATED, details: "request authenticate failure" });
  await expect(fetched()).rejects.toMatchObject({ code: "ca-refused", message: /UNAUTHENTICATED/ });
  expect(calls).toHaveLength(1);
});

test("fetch() asks nobody when there is no trust bundle, and believes no server outside of it", async () => {
  await expect(fetched({ rootCaPath: join(folder, "missing") })).rejects.toMatchObject({
    code: "ca-unreachable",
  });
  const foreign = join(folder, "foreign.pem");
  writeFileSync(foreign, (await createRoot("foreign", "02", validity())).certificate);
  await expect(fetched({ rootCaPath: foreign })).rejects.toMatchObject({ code: "ca-unreachable" });
  expect(calls).toEqual([]);
});

test("fetch() follows a trust bundle that is replaced on disk", async () => {
  const path = join(folder, "moving.pem");
  writeFileSync(path, (await createRoot("foreign", "02", validity())).certificate);
  const made = client({ rootCaPath: path });
  await expect(made.fetch(ID)).rejects.toMatchObject({ code: "ca-unreachable" });
  writeFileSync(path, root.certificate);
  await expect(made.fetch(ID)).resolves.toMatchObject({ identity: ID });
  made.close();
});
