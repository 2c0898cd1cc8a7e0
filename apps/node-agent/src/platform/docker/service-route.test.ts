import { expect, test } from "vitest";
import { serviceRoute } from "./service-route.ts";

const OWN = "172.20.0.0/16 dev eth1 proto kernel scope link src 172.20.0.2\n";

test("serviceRoute() leads services to the first interface of a network without a way out", () => {
  expect(serviceRoute(OWN)).toBe("route replace 10.96.0.0/16 dev eth1");
});

test.each([
  ["a default route", `default via 172.20.0.1 dev eth1\n${OWN}`],
  ["the route already", `${OWN}10.96.0.0/16 dev eth1 scope link\n`],
  ["no interface at all", ""],
])("serviceRoute() changes nothing where there is %s", (_what, routes) => {
  expect(serviceRoute(routes)).toBeUndefined();
});
