import type { Driver, TlsMaterial } from "@ambit/io/driver.ts";
import { createEngineDriver } from "@ambit/io/engine/engine-driver.ts";
import { createPortableDriver } from "@ambit/io/portable/portable-driver.ts";
import { testAuthority } from "@ambit/io/testing/certificates.ts";

const CLIENT = "spiffe://cluster.local/ns/web/sa/web";
/** Who the server of a tunnel is in tests. */
export const SERVER = "spiffe://cluster.local/ns/shop/sa/cart";

/** Makers of every driver, for `describe.each`. */
export const DRIVERS: ReadonlyArray<readonly [name: string, create: () => Driver]> = [
  ["engine", () => createEngineDriver({ checked: true })],
  ["portable", () => createPortableDriver()],
];

/** Certificates of both ends, of one authority. */
export interface Materials {
  readonly client: TlsMaterial;
  readonly server: TlsMaterial;
}

/** Fresh certificates. */
export async function materials(): Promise<Materials> {
  const authority = await testAuthority();
  return { client: await authority.issue(CLIENT), server: await authority.issue(SERVER) };
}

/** The same as Node's TLS takes it. */
export function tlsOptions({ certificateChain, privateKey, roots }: TlsMaterial): {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
} {
  return { cert: certificateChain, key: privateKey, ca: roots };
}
