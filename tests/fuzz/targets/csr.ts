import { createCsr, verifyCsr } from "@ambit/identity/csr.ts";
import { IdentityError } from "@ambit/identity/identity-error.ts";
import { pemBytes, toPem } from "@ambit/identity/pem.ts";
import { createPublicKey } from "node:crypto";
import { attemptLater, must, mustEqual, type FuzzTarget } from "../target.ts";
import { mutate } from "../mutate.ts";
import { once, pick } from "../words.ts";

const LABEL = "CERTIFICATE REQUEST";

/**
 * Certificate requests: as text, and (first byte even) as DER that is put into a PEM block, so that most damage reaches the
 * decoder. A request that is believed must have one of the keys that signed one.
 */
export async function create(): Promise<FuzzTarget> {
  const requests = await Promise.all(
    Array.from({ length: 8 }, (_, index) => createCsr(`spiffe://cluster.local/ns/n/sa/s${index}`)),
  );
  const ders = requests.map(({ csr }) => pemBytes(csr));
  const keys = new Set(await Promise.all(requests.map(async ({ csr }) => keyOf(await verifyCsr(csr)))));
  return {
    valid: (random) => {
      const at = random.below(requests.length);
      if (once(random, 3)) return Buffer.concat([Buffer.of(1), Buffer.from(requests[at]?.csr ?? "")]);
      const der = ders[at] ?? Buffer.alloc(0);
      const hurt = once(random, 2) ? mutate(der, random, () => pick(random, ders)) : der;
      return Buffer.concat([Buffer.of(0), hurt]);
    },
    check: async (input) => {
      const isText = ((input[0] ?? 0) & 1) === 1;
      const body = input.subarray(1);
      const pem = isText ? Buffer.from(body).toString("latin1") : toPem(LABEL, body);
      const proven = await attemptLater(IdentityError, () => verifyCsr(pem));
      if (proven === undefined) return;
      must("only a key that signed is believed", keys.has(keyOf(proven)));
      const key = createPublicKey({ key: Buffer.from(proven.publicKey), format: "der", type: "spki" });
      mustEqual("the kind of key", key.asymmetricKeyType, "ec");
    },
  };
}

function keyOf(proven: { readonly publicKey: Uint8Array }): string {
  return Buffer.from(proven.publicKey).toString("hex");
}
