import { expect, test } from "vitest";
import { identity, workload } from "../testing/build.ts";
import { LocalIdentities } from "./local-identities.ts";

function setUp(): { identities: LocalIdentities; events: string[] } {
  const events: string[] = [];
  const identities = new LocalIdentities("node-a", {
    onFirst: (id) => events.push(`+${id}`),
    onLast: (id) => events.push(`-${id}`),
  });
  return { identities, events };
}

test("update() reports the first and the last workload of an identity", () => {
  const { identities, events } = setUp();
  identities.update("1", workload("web"));
  identities.update("2", workload("web"));
  identities.update("1", undefined);
  expect(events).toEqual([`+${identity("web")}`]);
  identities.update("2", undefined);
  identities.update("2", undefined);
  expect(events).toEqual([`+${identity("web")}`, `-${identity("web")}`]);
});

test("update() counts captured workloads of the own node only", () => {
  const { identities, events } = setUp();
  identities.update("1", workload("web", { node: "node-b" }));
  identities.update("2", workload("web", { tunnelProtocol: "NONE" }));
  identities.update("3", workload("web", { nativeTunnel: true }));
  expect(events).toEqual([]);
});

test("update() follows a workload that changes its account or is released", () => {
  const { identities, events } = setUp();
  identities.update("1", workload("web"));
  identities.update("1", workload("web", { serviceAccount: "other" }));
  identities.update("1", workload("web", { serviceAccount: "other", tunnelProtocol: "NONE" }));
  expect(events).toEqual([
    `+${identity("web")}`,
    `+${identity("other")}`,
    `-${identity("web")}`,
    `-${identity("other")}`,
  ]);
});
