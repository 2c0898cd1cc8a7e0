import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Metadata,
  Server,
  ServerCredentials,
  status,
  type ServerUnaryCall,
  type sendUnaryData,
} from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "@ambit/base/clock.ts";
import {
  certificateService,
  type CertificateRequest,
  type CertificateResponseProperties,
} from "@ambit/contract/grpc-services.ts";
import { answerForNames } from "@ambit/testkit/names.ts";
import { CaClient } from "./ca-client.ts";
import { verifyCsr } from "./csr.ts";
import { createLeaf, createRoot, generateKey, type SigningCertificate } from "./x509.ts";

type Call = ServerUnaryCall<CertificateRequest, CertificateResponseProperties>;

const ID = "spiffe://cluster.local/ns/a/sa/b";
const HOUR = 3_600_000;
const now = systemClock.now();
const validity = { notBefore: now - HOUR, notAfter: now + HOUR };

/** One authority of two, on an address of its own. */
class Authority {
  readonly #server = new Server();
  calls = 0;
  /** Answers instead of a certificate, when set. */
  refusal: status | undefined;
  /** Answers nothing. */
  isSilent = false;
  /** Called in the middle of a request. */
  meanwhile: (call: Call) => void = () => undefined;

  async start(address: string, root: SigningCertificate): Promise<number> {
    const own = await generateKey();
    const leaf = (publicKey: Uint8Array, uri: string, dnsNames: readonly string[]): Promise<string> =>
      createLeaf(root, { publicKey, uri, dnsNames, ipAddresses: [], serial: "0A", ...validity });
    const respond = async (call: Call, done: sendUnaryData<CertificateResponseProperties>): Promise<void> => {
      this.calls++;
      this.meanwhile(call);
      if (this.isSilent) return;
      if (this.refusal !== undefined) return done({ code: this.refusal, details: "refused" });
      const { publicKey } = await verifyCsr(call.request.csr);
      done(null, { certChain: [await leaf(publicKey, ID, []), root.certificate] });
    };
    this.#server.addService(
      { createCertificate: certificateService.createCertificate },
      {
        createCertificate: (call: Call, done: sendUnaryData<CertificateResponseProperties>) =>
          void respond(call, done),
      },
    );
    const chain = await leaf(own.publicKey, "spiffe://cluster.local/ns/s/sa/ca", ["ca.s.svc"]);
    const credentials = ServerCredentials.createSsl(null, [
      { cert_chain: Buffer.from(chain), private_key: Buffer.from(own.privateKey) },
    ]);
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(address, credentials, (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
  }

  kill(): void {
    this.#server.forceShutdown();
  }
}

describe("CaClient with two authorities behind one name", () => {
  let folder: string;
  let forget: () => void;
  let authorities: readonly [Authority, Authority];
  let client: CaClient;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "ambit-ca-replicas-"));
    const root = await createRoot("test", "01", validity);
    const rootCaPath = join(folder, "root.pem");
    writeFileSync(rootCaPath, root.certificate);
    authorities = [new Authority(), new Authority()];
    const port = await authorities[0].start("127.0.0.1:0", root);
    await authorities[1].start(`127.0.0.2:${port}`, root);
    forget = answerForNames({ "ca.test": ["127.0.0.1", "127.0.0.2"] });
    client = new CaClient({
      target: { address: `https://ca.test:${port}`, rootCaPath, serverName: "ca.s.svc" },
      clusterId: "Kubernetes",
      impersonate: true,
    });
  });

  afterEach(() => {
    client.close();
    for (const authority of authorities) authority.kill();
    forget();
    rmSync(folder, { recursive: true });
  });

  const asked = (): readonly number[] => authorities.map(({ calls }) => calls);

  /** Asks until there is a connection to both. */
  async function connected(): Promise<void> {
    while (asked().includes(0)) await client.fetch(ID);
    for (const authority of authorities) authority.calls = 0;
  }

  test("fetch() asks both in turn", async () => {
    await connected();
    for (let count = 0; count < 10; count++) await client.fetch(ID);
    expect(asked()).toEqual([5, 5]);
  });

  test("fetch() gets its certificate when the authority that was asked dies before it answers", async () => {
    await connected();
    const [first] = authorities;
    first.meanwhile = () => first.kill();
    for (let count = 0; count < 10; count++)
      await expect(client.fetch(ID)).resolves.toMatchObject({ identity: ID });
    expect(asked()).toEqual([1, 10]);
  });

  test("fetch() gets its certificate when the authority that was asked dies in the middle of its answer", async () => {
    await connected();
    const [first] = authorities;
    first.meanwhile = (call) => {
      call.sendMetadata(new Metadata());
      setTimeout(() => first.kill(), 20);
    };
    first.isSilent = true;
    for (let count = 0; count < 10; count++)
      await expect(client.fetch(ID)).resolves.toMatchObject({ identity: ID });
    expect(asked()).toEqual([1, 10]);
  });

  test("fetch() asks the other one when one takes no calls, and nobody twice who refuses", async () => {
    authorities[0].refusal = status.UNAVAILABLE;
    for (let count = 0; count < 6; count++) await client.fetch(ID);
    for (const authority of authorities) {
      authority.refusal = status.UNAUTHENTICATED;
      authority.calls = 0;
    }
    await expect(client.fetch(ID)).rejects.toMatchObject({ code: "ca-refused" });
    expect(asked().toSorted((left, right) => left - right)).toEqual([0, 1]);
  });

  test("fetch() that waits for its next try is not lost when the trust bundle is replaced meanwhile", async () => {
    for (const authority of authorities) authority.refusal = status.UNAVAILABLE;
    const waiting = client.fetch(ID);
    await vi.waitFor(() => expect(asked()).not.toEqual([0, 0]));
    appendFileSync(join(folder, "root.pem"), "\n");
    const next = client.fetch(ID);
    for (const authority of authorities) authority.refusal = undefined;
    await expect(next).resolves.toMatchObject({ identity: ID });
    await expect(waiting).resolves.toMatchObject({ identity: ID });
  });

  test("fetch() finds one alone when the other was never there", async () => {
    authorities[0].kill();
    await expect(client.fetch(ID)).resolves.toMatchObject({ identity: ID });
  });
});
