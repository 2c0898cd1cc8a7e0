import { describe, expect, it } from "vitest";
import { decodeSocketAddress, encodeSocketAddress, familyOf } from "./sockaddr.ts";

describe("encodeSocketAddress()", () => {
  it.each([
    ["10.1.2.3", 80, 16],
    ["fd00::1", 65535, 28],
    ["::", 0, 28],
  ])("is undone by decodeSocketAddress() for %s port %d", (ip, port, length) => {
    const bytes = Buffer.alloc(64, 0xff);
    expect(encodeSocketAddress(bytes, 8, ip, port)).toBe(length);
    expect(decodeSocketAddress(bytes, 8)).toEqual({ ip, port });
    expect(bytes[8 + length]).toBe(0xff);
  });

  it.each([
    ["not-an-ip", 80],
    ["10.0.0.1", 65536],
    ["10.0.0.1", -1],
    ["10.0.0.1", 1.5],
  ])("refuses %s port %d", (ip, port) => {
    expect(() => encodeSocketAddress(Buffer.alloc(64), 0, ip, port)).toThrow(
      expect.objectContaining({ code: "address" }),
    );
  });
});

describe("decodeSocketAddress()", () => {
  it("reads an IPv4-mapped address as IPv4 and other families as nothing", () => {
    const mapped = Buffer.from("0a000050000000000000000000000000" + "0000ffff0a00000100000000", "hex");
    expect(decodeSocketAddress(mapped, 0)).toEqual({ ip: "10.0.0.1", port: 80 });
    expect(decodeSocketAddress(Buffer.alloc(28), 0)).toBeUndefined();
  });
});

describe("familyOf()", () => {
  it("tells the families apart and refuses names", () => {
    expect([familyOf("10.0.0.1"), familyOf("::1")]).toEqual([2, 10]);
    expect(() => familyOf("localhost")).toThrow(expect.objectContaining({ code: "address" }));
  });
});
