import { expect, test } from "vitest";
import { decodeBaggage, encodeBaggage, type Baggage } from "./baggage.ts";

const CART: Baggage = {
  cluster: "Kubernetes",
  namespace: "shop",
  workloadType: "deployment",
  workloadName: "cart",
  serviceName: "cart",
  serviceVersion: "v1",
  region: "r",
  zone: "z",
};

test("encodeBaggage() writes the contract's members and leaves empty ones out", () => {
  expect(encodeBaggage({ ...CART, region: "", zone: "" })).toBe(
    "k8s.cluster.name=Kubernetes,k8s.namespace.name=shop,k8s.deployment.name=cart,service.name=cart,service.version=v1",
  );
});

test.each([
  ["a separator", "a,b;c=d"],
  ["a percent sign", "100%25"],
  ["a line's end", "a\r\nb"],
  ["a zero byte", "a\0b"],
  ["a quote and a backslash", 'a"\\b'],
  ["letters of more than one byte", "gr\u00fc\u00df \u010a \u{1f600}"],
])("decodeBaggage() gives back %s, and the header holds nothing but plain octets", (_what, value) => {
  const text = encodeBaggage({ ...CART, serviceName: value });
  expect(text).toMatch(/^[\x21-\x7e]*$/);
  expect(decodeBaggage(text).serviceName).toBe(value);
});

test("encodeBaggage() survives half a surrogate pair", () => {
  expect(decodeBaggage(encodeBaggage({ ...CART, region: "a\ud800" })).region).toBe("a\ufffd");
});

test.each([
  ["nothing", ""],
  ["no members", ",,,=,;"],
  ["a broken escape", "service.name=%zz"],
  ["no value", "service.name"],
])("decodeBaggage() survives %s", (_what, text) => {
  expect(decodeBaggage(text)).toMatchObject({ cluster: "", workloadName: "" });
});

test("decodeBaggage() looks at no more than 8192 characters", () => {
  const text = `${"x".repeat(8_190)},service.name=cart`;
  expect(decodeBaggage(text).serviceName).toBe("");
  expect(decodeBaggage(`service.name=cart;p=1,${text}`).serviceName).toBe("cart");
});

test("decodeBaggage() passes over a value that is longer than any name", () => {
  const text = (letters: number): string => `k8s.pod.name=${"x".repeat(letters)},service.name=cart`;
  expect(decodeBaggage(text(253))).toMatchObject({ workloadName: "x".repeat(253), serviceName: "cart" });
  expect(decodeBaggage(text(254))).toMatchObject({ workloadName: "", serviceName: "cart" });
});
