import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "@ambit/base/clock.ts";
import { systemRandom } from "@ambit/base/random.ts";
import { LocalTokenVerifier } from "@ambit/identity/token-verifier.ts";
import { giveCredentials } from "./credentials.ts";

const deps = { clock: systemClock, random: systemRandom };
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "ambit-credentials-"));
  for (const name of ["bus", "ca", "discovery", "node"])
    mkdirSync(join(dir, "credentials", name), { recursive: true });
});
afterEach(() => rmSync(dir, { recursive: true }));

const read = (...parts: string[]): string => readFileSync(join(dir, "credentials", ...parts), "utf8");

test("giveCredentials() gives each service its own and nobody another's", async () => {
  await giveCredentials({ dir, node: "docker" }, deps);
  const given = (name: string): readonly string[] => readdirSync(join(dir, "credentials", name)).toSorted();
  expect(given("ca")).toEqual(["bus.json", "jwks.json"]);
  expect(given("discovery")).toEqual(["bus.json", "jwks.json", "token.jwt"]);
  expect(given("node")).toEqual(["bus.json", "token.jwt"]);
  expect(JSON.parse(read("node", "bus.json"))).toMatchObject({ user: "ztunnel-docker" });
  expect(JSON.parse(read("ca", "bus.json"))).toEqual(JSON.parse(read("bus", "ca.json")));
  expect(statSync(join(dir, "credentials/ca/bus.json")).mode & 0o777).toBe(0o640);
});

test("giveCredentials() ends a token where a kubelet does: other proxies send the file as it is", async () => {
  await giveCredentials({ dir, node: "docker" }, deps);
  expect(read("node", "token.jwt")).toMatch(/^[\w.-]+$/);
  expect(read("node", "token.jwt").endsWith("\n")).toBe(false);
  expect(read("discovery", "token.jwt").endsWith("\n")).toBe(false);
});

test("giveCredentials() keeps passwords and key, and makes new tokens that the ca takes", async () => {
  await giveCredentials({ dir, node: "docker" }, deps);
  const password = read("discovery", "bus.json");
  const first = read("node", "token.jwt");
  await giveCredentials({ dir, node: "docker" }, deps);
  expect(read("discovery", "bus.json")).toBe(password);
  expect(read("node", "token.jwt")).not.toBe(first);
  const verifier = new LocalTokenVerifier(
    {
      jwksPath: join(dir, "credentials/ca/jwks.json"),
      issuer: "https://kubernetes.default.svc.cluster.local",
      audience: "istio-ca",
    },
    deps,
  );
  expect(await verifier.verify(first.trim())).toMatchObject({
    namespace: "ambit-system",
    serviceAccount: "ztunnel",
    podName: "ztunnel-docker",
    podUid: "ztunnel-docker-uid",
    node: "docker",
  });
});

test("giveCredentials() writes the Pod of the node's proxy, which the token is bound to", async () => {
  await giveCredentials({ dir, node: "docker" }, deps);
  const pod = readFileSync(join(dir, "cluster/pods/ambit-system_ztunnel-docker.yaml"), "utf8");
  expect(pod).toContain("uid: ztunnel-docker-uid");
  expect(pod).toContain("nodeName: docker");
});
