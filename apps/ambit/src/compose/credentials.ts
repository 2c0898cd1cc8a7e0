import { chmodSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@ambit/base/clock.ts";
import { writeFileAtomic } from "@ambit/base/files.ts";
import type { Random } from "@ambit/base/random.ts";
import { ensureCredentials } from "@ambit/bus/credentials.ts";
import { meshUsers } from "@ambit/bus/permissions.ts";
import { DEFAULTS } from "@ambit/contract/names.ts";
import { TokenIssuer } from "@ambit/identity/token-issuer.ts";
import { proxyPodFile } from "./compose-mesh.ts";
import { proxyPod } from "../up/proxy-pod.ts";

/** How long a token is good. */
export const TOKEN_LIFETIME_SECONDS = 7 * 24 * 3600;
/** Readable for the one service whose volume it lies in, by the group they all have. */
const SHARED = 0o640;

export interface CredentialsOptions {
  /** Folder with `issuer`, `credentials/{bus,ca,discovery,node}` and `cluster`. */
  readonly dir: string;
  /** The engine's host, as a node. */
  readonly node: string;
}

/**
 * Plays the API server's part for the services of a compose mesh: makes the token issuer and the bus users' passwords
 * once, and gives each service its own, in a folder that nobody else sees. Tokens are new with every call; the rest stays.
 */
export async function giveCredentials(
  options: CredentialsOptions,
  deps: { readonly clock: Clock; readonly random: Random },
): Promise<void> {
  const { dir, node } = options;
  const issuerDir = join(dir, "issuer");
  const issuer = await TokenIssuer.open(issuerDir, deps);
  const keys = readFileSync(join(issuerDir, "jwks.json"), "utf8");
  const given = (service: string, file: string, text: string): void =>
    writeFileAtomic(join(dir, "credentials", service, file), text, SHARED);
  const mint = (serviceAccount: string, podName: string, onNode: string): Promise<string> =>
    issuer.mint({
      namespace: DEFAULTS.systemNamespace,
      serviceAccount,
      podName,
      podUid: `${podName}-uid`,
      node: onNode,
      audience: DEFAULTS.tokenAudience,
      lifetimeSeconds: TOKEN_LIFETIME_SECONDS,
    });

  const users = ensureCredentials(join(issuerDir, "bus"), meshUsers([node]), deps.random);
  for (const { name, password } of users) {
    const text = JSON.stringify({ user: name, password });
    given("bus", `${name}.json`, text);
    const service = name === `ztunnel-${node}` ? "node" : name;
    if (["ca", "discovery", "node"].includes(service)) given(service, "bus.json", text);
  }
  for (const service of ["ca", "discovery"]) given(service, "jwks.json", keys);
  given("discovery", "token.jwt", await mint("discovery", "discovery", ""));
  given("node", "token.jwt", await mint("ztunnel", `ztunnel-${node}`, node));
  writeProxyPod(join(dir, "cluster/pods"), node);
}

/** The Pod object of the node's proxy, which the ca checks its caller against. */
function writeProxyPod(folder: string, node: string): void {
  mkdirSync(folder, { recursive: true });
  // The node agent writes its pods here too; both have the group.
  chmodSync(folder, 0o2770);
  writeFileAtomic(join(folder, proxyPodFile(node)), proxyPod(`ztunnel-${node}`, node), SHARED);
}
