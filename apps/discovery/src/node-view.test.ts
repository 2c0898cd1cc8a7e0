import { describe, expect, test } from "vitest";
import type { Policy, PolicyScope } from "@ambit/model/policy.ts";
import type { Workload } from "@ambit/model/workload.ts";
import { podValue, yamlDocument } from "@ambit/kube/testing/yaml-builder.ts";
import { meshFrom } from "@ambit/config/testing/mesh-from-yaml.ts";
import { NodeView } from "./node-view.ts";

function workload(name: string, node: string, policies: readonly string[], namespace = "shop"): Workload {
  const [base] = meshFrom(yamlDocument(podValue({ name, namespace, node }))).workloads.all();
  if (base === undefined) throw new Error("no workload");
  return { ...base, authorizationPolicies: policies };
}

function policy(namespace: string, name: string, scope: PolicyScope): Policy {
  return { namespace, name, scope, action: "DENY", groups: [], dryRun: false };
}

const put = <V>(key: string, after: V, before?: V) => ({ key, before, after });
const gone = <V>(key: string, before: V) => ({ key, before, after: undefined });

describe("NodeView", () => {
  test("mayRead() shows a node the policies its workloads need, and no others", () => {
    const view = new NodeView();
    const policies = [
      policy("root", "global", "GLOBAL"),
      policy("shop", "space", "NAMESPACE"),
      policy("shop", "cart", "WORKLOAD_SELECTOR"),
    ].map((one) => put(`${one.namespace}/${one.name}`, one));
    view.apply([put("w", workload("w", "a", ["shop/cart"]))], policies);
    const readable = (node: string): string[] =>
      policies.map(({ key }) => key).filter((key) => view.mayRead(node, key));
    expect(readable("a")).toEqual(["root/global", "shop/space", "shop/cart"]);
    expect(readable("b")).toEqual(["root/global"]);
    expect(readable("")).toEqual(["root/global", "shop/space", "shop/cart"]);
    expect(view.mayRead("a", "shop/unknown")).toBe(false);
  });

  test("apply() names the policies whose readers change when workloads come, move and go", () => {
    const view = new NodeView();
    view.apply(
      [],
      [
        put("shop/space", policy("shop", "space", "NAMESPACE")),
        put("shop/cart", policy("shop", "cart", "WORKLOAD_SELECTOR")),
      ],
    );
    const first = workload("w1", "a", ["shop/cart"]);
    const second = workload("w2", "a", ["shop/cart"]);
    expect([...view.apply([put("w1", first)], [])].sort()).toEqual(["shop/cart", "shop/space"]);
    expect([...view.apply([put("w2", second)], [])]).toEqual([]);
    expect([...view.apply([gone("w1", first)], [])]).toEqual([]);
    expect([...view.apply([put("w2", { ...second, node: "b" }, second)], [])].sort()).toEqual([
      "shop/cart",
      "shop/space",
    ]);
    expect(view.mayRead("a", "shop/cart")).toBe(false);
    expect(view.mayRead("b", "shop/cart")).toBe(true);
    expect([
      ...view.apply(
        [put("w2", { ...second, node: "b", authorizationPolicies: [] }, { ...second, node: "b" })],
        [],
      ),
    ]).toEqual(["shop/cart"]);
    expect([...view.apply([], [gone("shop/space", policy("shop", "space", "NAMESPACE"))])]).toEqual([]);
    expect(view.mayRead("b", "shop/space")).toBe(false);
  });
});
