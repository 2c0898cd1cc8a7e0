import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TYPE_URLS } from "@ambit/contract/type-urls.ts";
import { answerForNames } from "@ambit/testkit/names.ts";
import { XdsRig } from "../testing/rig.ts";
import type { DeltaClient } from "./delta-client.ts";

let servers: readonly [XdsRig, XdsRig];
let forget: () => void;
let client: DeltaClient;
let names: string[];

beforeEach(async () => {
  const first = await XdsRig.start({ listen: "127.0.0.1:0" });
  servers = [first, await XdsRig.start({ listen: `127.0.0.2:${first.port}` })];
  forget = answerForNames({ "discovery.test": ["127.0.0.1", "127.0.0.2"] });
  const rootCaPath = join(first.folder, "roots.pem");
  writeFileSync(rootCaPath, servers.map(({ rootPath }) => readFileSync(rootPath, "utf8")).join(""));
  names = [];
  client = first.client(
    {
      types: [{ typeUrl: TYPE_URLS.address, onDemand: false }],
      target: {
        address: `https://discovery.test:${first.port}`,
        rootCaPath,
        serverName: "discovery.ambit-system.svc",
      },
    },
    {
      apply: ({ resources }) => {
        names.push(...resources.map(({ name }) => name));
        return [];
      },
    },
  );
});

afterEach(() => {
  client.stop();
  forget();
  for (const server of servers) server.stop();
});

test("DeltaClient goes on at the other server of the name when its own dies, and is sent what is new alone", async () => {
  const [one, other] = servers;
  for (const { addresses } of servers) addresses.apply({ put: [{ name: "a", bytes: Buffer.from("a") }] });
  client.start();
  await vi.waitFor(() => expect(names).toEqual(["a"]), { timeout: 10_000 });
  // By chance it is at one of them; the other has one more.
  const [own, next] = one.xds.connections().length > 0 ? [one, other] : [other, one];
  next.addresses.apply({ put: [{ name: "b", bytes: Buffer.from("b") }] });
  own.stopServer();
  await vi.waitFor(() => expect(names).toEqual(["a", "b"]), { timeout: 10_000 });
  expect(client.connected).toBe(true);
});
