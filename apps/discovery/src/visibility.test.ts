import { expect, test } from "vitest";
import { TYPE_URLS } from "@ambit/contract/type-urls.ts";
import { Snapshot } from "@ambit/xds/server/snapshot.ts";
import { NodeView } from "./node-view.ts";
import { createVisibility } from "./visibility.ts";

test("createVisibility() lets node proxies read, by their node, and nobody else anything", () => {
  const nodes = new NodeView();
  const policy = {
    namespace: "shop",
    name: "p",
    scope: "WORKLOAD_SELECTOR",
    action: "DENY",
    groups: [],
    dryRun: false,
  } as const;
  nodes.apply([], [{ key: "shop/p", before: undefined, after: policy }]);
  const visibility = createVisibility(["ambit-system/ztunnel"], nodes);
  const proxy = { namespace: "ambit-system", serviceAccount: "ztunnel", node: "a" };
  const addresses = new Snapshot(TYPE_URLS.address);
  const policies = new Snapshot(TYPE_URLS.authorization);
  policies.apply({ put: [{ name: "shop/p", bytes: new Uint8Array([1]) }] });
  const resource = policies.get("shop/p");
  if (resource === undefined) throw new Error("no resource");
  expect(visibility(proxy, addresses)?.(resource)).toBe(true);
  expect(visibility(proxy, policies)?.(resource)).toBe(false);
  for (const stranger of [
    { ...proxy, namespace: "shop" },
    { ...proxy, serviceAccount: "cart" },
  ]) {
    expect(visibility(stranger, addresses)).toBeUndefined();
    expect(visibility(stranger, policies)).toBeUndefined();
  }
});
