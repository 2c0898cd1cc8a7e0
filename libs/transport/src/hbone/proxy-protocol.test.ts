import { expect, test } from "vitest";
import { encodeProxyHeader } from "./proxy-protocol.ts";

const SIGNATURE = "0d0a0d0a000d0a515549540a";

test("encodeProxyHeader() writes version 2 for IPv4 with the identity as TLV 0xd0", () => {
  const header = encodeProxyHeader(
    { ip: "10.0.0.1", port: 4660 },
    { ip: "10.0.0.2", port: 80 },
    "spiffe://x",
  );
  expect(header.toString("hex")).toBe(
    `${SIGNATURE}21110019${"0a000001"}${"0a000002"}${"1234"}${"0050"}${"d0000a"}${Buffer.from("spiffe://x").toString("hex")}`,
  );
});

test("encodeProxyHeader() shows IPv4 as mapped when the other address is IPv6", () => {
  const header = encodeProxyHeader({ ip: "10.0.0.1", port: 1 }, { ip: "fd00::2", port: 2 }, undefined);
  expect(header.toString("hex")).toBe(
    `${SIGNATURE}21210024${"0".repeat(20)}ffff0a000001fd00${"0".repeat(26)}0200010002`,
  );
});
