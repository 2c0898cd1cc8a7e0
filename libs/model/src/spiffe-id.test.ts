import { expect, test } from "vitest";
import { formatPrincipal, formatSpiffeId, parseSpiffeId, sameSpiffeId } from "./spiffe-id.ts";

const ID = { trustDomain: "cluster.local", namespace: "shop", serviceAccount: "cart" };

test.each([
  ["spiffe://cluster.local/ns/shop/sa/cart", ID],
  ["spiffe://td/ns/a/sa/b", { trustDomain: "td", namespace: "a", serviceAccount: "b" }],
  ["spiffe://a_b-c.d/ns/n1/sa/s.1", { trustDomain: "a_b-c.d", namespace: "n1", serviceAccount: "s.1" }],
  ["spiffe://td/ns/A/sa/B", { trustDomain: "td", namespace: "A", serviceAccount: "B" }],
  ["spiffe://td/ns/.../sa/b", { trustDomain: "td", namespace: "...", serviceAccount: "b" }],
])("parseSpiffeId() reads %s", (uri, id) => {
  expect(parseSpiffeId(uri)).toEqual(id);
  expect(formatSpiffeId(id)).toBe(uri);
});

// security.md F9: only the exact form is an identity.
test.each([
  "",
  "spiffe://",
  "cluster.local/ns/shop/sa/cart",
  "SPIFFE://cluster.local/ns/shop/sa/cart",
  "https://cluster.local/ns/shop/sa/cart",
  "spiffe:/cluster.local/ns/shop/sa/cart",
  "spiffe:///ns/shop/sa/cart",
  "spiffe://cluster.local",
  "spiffe://cluster.local/",
  "spiffe://cluster.local/ns/shop",
  "spiffe://cluster.local/ns/shop/sa",
  "spiffe://cluster.local/ns/shop/sa/",
  "spiffe://cluster.local/ns//sa/cart",
  "spiffe://cluster.local/ns/shop/sa/cart/",
  "spiffe://cluster.local/ns/shop/sa/cart/extra",
  "spiffe://cluster.local/prefix/ns/shop/sa/cart",
  "spiffe://cluster.local/sa/cart/ns/shop",
  "spiffe://cluster.local/namespace/shop/sa/cart",
  "spiffe://cluster.local/NS/shop/SA/cart",
  "spiffe://cluster.local//ns/shop/sa/cart",
  "spiffe://Cluster.Local/ns/shop/sa/cart",
  "spiffe://cluster.local:443/ns/shop/sa/cart",
  "spiffe://user@cluster.local/ns/shop/sa/cart",
  "spiffe://user:pass@cluster.local/ns/shop/sa/cart",
  "spiffe://cluster.local/ns/shop/sa/cart?x=1",
  "spiffe://cluster.local/ns/shop/sa/cart#x",
  "spiffe://cluster.local/ns/sh%6Fp/sa/cart",
  "spiffe://cluster.local/ns/shop%2Fsa%2Fadmin/sa/cart",
  "spiffe://cluster.local/ns/./sa/cart",
  "spiffe://cluster.local/ns/../sa/cart",
  "spiffe://cluster.local/ns/shop/sa/..",
  "spiffe://cluster.local/ns/shop/sa/cart\n",
  "\nspiffe://cluster.local/ns/shop/sa/cart",
  " spiffe://cluster.local/ns/shop/sa/cart",
  "spiffe://cluster.local/ns/shop/sa/cart\0",
  "spiffe://cluster.local/ns/shop/sa/ca rt",
  "spiffe://cluster.local/ns/shop/sa/cärt",
  "spiffe://cluster。local/ns/shop/sa/cart",
  "spiffe://cluster.local\\ns\\shop\\sa\\cart",
  `spiffe://cluster.local/ns/shop/sa/${"x".repeat(254)}`,
  `spiffe://${"x".repeat(256)}/ns/shop/sa/cart`,
  `spiffe://cluster.local/ns/shop/sa/cart${"x".repeat(2048)}`,
])("parseSpiffeId() refuses %j", (uri) => {
  expect(parseSpiffeId(uri)).toBeUndefined();
});

test("formatPrincipal() is the URI without its scheme", () => {
  expect(formatPrincipal(ID)).toBe("cluster.local/ns/shop/sa/cart");
});

test("sameSpiffeId() compares every part", () => {
  expect(sameSpiffeId(ID, { ...ID })).toBe(true);
  for (const other of [{ trustDomain: "x" }, { namespace: "x" }, { serviceAccount: "x" }]) {
    expect(sameSpiffeId(ID, { ...ID, ...other })).toBe(false);
  }
});
