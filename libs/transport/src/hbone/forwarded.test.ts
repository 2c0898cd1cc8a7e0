import { expect, test } from "vitest";
import { decodeForwarded, encodeForwarded } from "./forwarded.ts";

test("decodeForwarded() gives back what encodeForwarded() was given", () => {
  for (const host of ["", "cart.shop.svc.cluster.local", "*.example.com"]) {
    const forwarded = { forAddress: "[fd00::1]:80", host };
    expect(decodeForwarded(encodeForwarded(forwarded))).toEqual(forwarded);
  }
});

test.each(["a;for=evil", "a, for=evil", 'a"', "a\r\nb", "\u010a", "a b"])(
  "encodeForwarded() leaves out a host that is no hostname: %j",
  (host) => {
    expect(encodeForwarded({ forAddress: "10.0.0.1:80", host })).toBe('for="10.0.0.1:80"');
  },
);

test("decodeForwarded() takes the first element and the first of each parameter", () => {
  const text = 'For="10.0.0.1:80" ; host=a;host=b;for=c, for=d;host=e';
  expect(decodeForwarded(text)).toEqual({ forAddress: "10.0.0.1:80", host: "a" });
});
