import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { seededRandom } from "@ambit/base/random.ts";
import { readChain, verifyChain } from "@ambit/identity/chain.ts";
import { createCsr, verifyCsr } from "@ambit/identity/csr.ts";
import { readCertificate } from "@ambit/identity/x509.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { Issuer } from "./issue.ts";
import { RootStore } from "./root-store.ts";

const DAY = 24 * 3_600_000;
let folder: string;
let clock: FakeClock;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ambit-roots-"));
  clock = new FakeClock(Date.now());
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(pluggedInDir?: string): Promise<RootStore> {
  return RootStore.open({ stateDir: join(folder, "ca"), pluggedInDir }, { clock, random: seededRandom(1) });
}

async function issue(store: RootStore): Promise<readonly string[]> {
  const { publicKey } = await verifyCsr((await createCsr("spiffe://td/ns/a/sa/b")).csr);
  const issued = await new Issuer(store, { clock }).issue(
    {
      identity: "spiffe://td/ns/a/sa/b",
      publicKey,
      ttlMs: DAY,
      dnsNames: [],
      ipAddresses: [],
      holder: "h",
      node: "",
    },
    () => undefined,
  );
  return issued.chain;
}

function verified(chain: readonly string[]): void {
  verifyChain(readChain(chain.slice(0, -1).join("")), readChain(chain.at(-1) ?? ""), clock.now());
}

describe("open()", () => {
  test("makes a root of ten years and an intermediate of one, readable by the owner alone, and finds them again", async () => {
    const store = await open();
    const years = (pem: string): number => {
      const { validToDate, validFromDate } = readCertificate(pem);
      return Math.round((validToDate.getTime() - validFromDate.getTime()) / (365 * DAY));
    };
    expect(years(store.signing.root)).toBe(10);
    expect(years(store.signing.signer.certificate)).toBe(1);
    verified(await issue(store));
    expect(statSync(join(folder, "ca")).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(join(folder, "ca"))) {
      expect(statSync(join(folder, "ca", name)).mode & 0o777, name).toBe(0o600);
    }
    expect((await open()).bundle.equals(store.bundle)).toBe(true);
  });

  test.each([0o750, 0o705, 0o777])("refuses a folder of mode %o", async (mode) => {
    await open();
    chmodSync(join(folder, "ca"), mode);
    await expect(open()).rejects.toMatchObject({
      code: "state",
      hint: expect.stringContaining("chmod") as string,
    });
  });

  test.each([0o640, 0o604, 0o660])("refuses a key of mode %o", async (mode) => {
    const store = await open();
    chmodSync(join(folder, "ca", `${store.signing.id}.key`), mode);
    await expect(open()).rejects.toMatchObject({ code: "state", message: /can be reached by others/ });
  });

  test.each(["audit.log", "audit-2.log"])(
    "refuses to become another authority when %s says that there was one",
    async (log) => {
      await open();
      writeFileSync(join(folder, "ca", log), "{}\n", { mode: 0o600 });
      rmSync(join(folder, "ca/state.json"));
      await expect(open()).rejects.toMatchObject({ code: "state", message: /state\.json is missing/ });
    },
  );

  test.each([
    ["state.json", "{", /state\.json cannot be read/],
    ["state.json", "{}", /does not say which generation signs/],
    ["state.json", '{"signing":"x","trusted":[]}', /not trusted/],
    ["state.json", '{"signing":"x","trusted":["x"]}', /x\.pem cannot be read/],
  ])("names the file when %s holds %s", async (name, text, message) => {
    await open();
    writeFileSync(join(folder, "ca", name), text);
    await expect(open()).rejects.toMatchObject({ code: "state", message });
  });

  test("refuses a key that belongs to another certificate", async () => {
    const store = await open();
    const other = await store.createGeneration();
    writeFileSync(join(folder, "ca", `${store.signing.id}.key`), other.signer.privateKey);
    await expect(open()).rejects.toMatchObject({ message: /does not belong to its certificate/ });
  });
});

describe("renewIntermediate()", () => {
  test("signs with a new intermediate under the same root, durably, and removes the old key", async () => {
    const store = await open();
    const { id } = store.signing;
    const { bundle } = store;
    await clock.advance(300 * DAY);
    await store.renewIntermediate();
    expect(store.bundle.equals(bundle)).toBe(true);
    verified(await issue(store));
    const end = readCertificate(store.signing.signer.certificate).validToDate.getTime();
    expect(end - clock.now()).toBeGreaterThan(364 * DAY);
    expect(readdirSync(join(folder, "ca"))).not.toContain(`${id}.key`);
    expect((await open()).signing.id).toBe(store.signing.id);
  });

  test("never lets an intermediate outlive its root", async () => {
    const store = await open();
    await clock.advance(3_649 * DAY);
    await store.renewIntermediate();
    expect(readCertificate(store.signing.signer.certificate).validTo).toBe(
      readCertificate(store.signing.root).validTo,
    );
  });
});

describe("a plugged-in authority", () => {
  const file = (name: string): string => join(folder, "cacerts", name);

  // Made by openssl: what an operator brings was not made by us.
  function plugIn(kind: "ec" | "rsa"): void {
    mkdirSync(join(folder, "cacerts"), { mode: 0o700 });
    const openssl = (...args: string[]): void =>
      void execFileSync("openssl", args, { cwd: join(folder, "cacerts"), stdio: "ignore" });
    const key =
      kind === "ec" ? ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"] : ["-newkey", "rsa:2048"];
    openssl(
      "req",
      "-x509",
      ...key,
      "-nodes",
      "-keyout",
      "root-key.pem",
      "-out",
      "root-cert.pem",
      "-days",
      "30",
      "-subj",
      "/O=corp/CN=Root",
    );
    openssl(
      "req",
      ...key,
      "-nodes",
      "-keyout",
      "ca-key.pem",
      "-out",
      "ca.csr",
      "-subj",
      "/O=corp/CN=Mesh CA",
    );
    writeFileSync(
      file("ext"),
      "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\n",
    );
    openssl(
      "x509",
      "-req",
      "-in",
      "ca.csr",
      "-CA",
      "root-cert.pem",
      "-CAkey",
      "root-key.pem",
      "-CAcreateserial",
      "-days",
      "20",
      "-extfile",
      "ext",
      "-out",
      "ca-cert.pem",
    );
    execFileSync("sh", ["-c", "cat ca-cert.pem root-cert.pem > cert-chain.pem && chmod 600 *-key.pem"], {
      cwd: join(folder, "cacerts"),
    });
  }

  test.each(["ec", "rsa"] as const)(
    "with keys of kind %s signs chains without the root in them",
    async (kind) => {
      plugIn(kind);
      const store = await open(join(folder, "cacerts"));
      const chain = await issue(store);
      expect(chain).toHaveLength(3);
      verified(chain);
      expect(new X509Certificate(chain[1] ?? "").subject).toContain("Mesh CA");
      expect(() => store.commit(store.signing, [])).toThrow(expect.objectContaining({ code: "state" }));
    },
  );

  test("cuts leaves to its own end", async () => {
    plugIn("ec");
    const store = await open(join(folder, "cacerts"));
    await clock.advance(19.5 * DAY);
    const [leaf = ""] = await issue(store);
    expect(readCertificate(leaf).validTo).toBe(readCertificate(store.signing.signer.certificate).validTo);
  });

  test.each<[string, () => void, RegExp]>([
    ["a missing file", () => rmSync(file("cert-chain.pem")), /cert-chain\.pem is missing/],
    ["a key others can read", () => chmodSync(file("ca-key.pem"), 0o644), /can be reached by others/],
    ["a key of another", () => plugKey(), /ca-key\.pem does not belong/],
    ["a key that is none", () => writeFileSync(file("ca-key.pem"), "rubbish"), /not a PEM key/],
    ["a leaf as authority", () => plugLeaf(), /no certificate authority/],
    ["a root of another", () => plugRoot(), /does not lead to/],
    ["an empty root", () => writeFileSync(file("root-cert.pem"), ""), /trust bundle/],
  ])("is refused with %s", async (_name, spoil, message) => {
    plugIn("ec");
    spoil();
    await expect(open(join(folder, "cacerts"))).rejects.toMatchObject({ message });
  });

  function plugKey(): void {
    execFileSync("sh", ["-c", "cp root-key.pem ca-key.pem"], { cwd: join(folder, "cacerts") });
  }

  function plugLeaf(): void {
    writeFileSync(file("ext"), "basicConstraints=critical,CA:FALSE\n");
    execFileSync(
      "sh",
      [
        "-c",
        "openssl x509 -req -in ca.csr -CA root-cert.pem -CAkey root-key.pem -days 20 -extfile ext -out ca-cert.pem",
      ],
      { cwd: join(folder, "cacerts"), stdio: "ignore" },
    );
  }

  function plugRoot(): void {
    execFileSync(
      "sh",
      ["-c", "openssl req -x509 -key root-key.pem -out root-cert.pem -days 30 -subj /CN=Other"],
      { cwd: join(folder, "cacerts"), stdio: "ignore" },
    );
  }
});

describe("refresh()", () => {
  test("follows what another has committed, and reads nothing while there is nothing new", async () => {
    const [one, other] = [await open(), await open()];
    const first = one.signing;
    expect(other.signing.id).toBe(first.id);
    const { version } = other;
    other.refresh();
    expect(other.version).toBe(version);
    const next = await one.createGeneration();
    one.commit(first, [first, next]);
    other.refresh();
    expect(other.version).not.toBe(version);
    expect(other.bundle.fingerprints).toEqual(one.bundle.fingerprints);
    expect(other.signing.id).toBe(first.id);
    one.commit(next, [next]);
    other.refresh();
    expect(other.signing.id).toBe(next.id);
    // The same object stands for the same generation, also where only one of two is new.
    expect(other.trusted.at(-1)).toBe(other.signing);
    verified(await issue(other));
  });

  test("comes before every certificate: none is signed by what another has dropped", async () => {
    const [one, other] = [await open(), await open()];
    const next = await one.createGeneration();
    one.commit(next, [next]);
    const chain = await issue(other);
    verified(chain);
    expect(chain.at(-1)).toBe(next.root);
  });

  test("refuses a state that cannot be read, so that nothing is signed on a guess", async () => {
    const [one, other] = [await open(), await open()];
    writeFileSync(join(folder, "ca/state.json"), "{");
    expect(() => other.refresh()).toThrow(expect.objectContaining({ code: "state" }) as Error);
    await expect(issue(other)).rejects.toMatchObject({ code: "state" });
    one.commit(one.signing, one.trusted);
    verified(await issue(other));
    rmSync(join(folder, "ca/state.json"));
    await expect(issue(other)).rejects.toMatchObject({ code: "state" });
  });
});
