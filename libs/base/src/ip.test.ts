import { expect, test } from "vitest";
import { cidrContains, formatHostPort, formatIp, isMapped, parseCidr, parseIp, splitHostPort } from "./ip.ts";

test("parseIp() gives the bytes of both families", () => {
  expect([...(parseIp("10.0.255.1") ?? [])]).toEqual([10, 0, 255, 1]);
  expect([...(parseIp("fd00::1") ?? [])]).toEqual([0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
});

test("parseIp() reads an IPv4-mapped address as IPv4", () => {
  expect([...(parseIp("::ffff:10.0.0.1") ?? [])]).toEqual([10, 0, 0, 1]);
});

test.each([
  "",
  "10.0.0",
  "10.0.0.256",
  "0x7f.0.0.1",
  "010.0.0.1x",
  "1",
  "10.0.0.1/8",
  "fe80::1%eth0",
  "fd00::/8",
  "::ffff:10.0.0.010",
  "::ffff:012.0.0.1",
  "::ffff:10.0.0000.8",
  "::ffff:10.0.0",
  "::ffff:10.0.0.256",
  "::g",
  "localhost",
])("parseIp() refuses %j", (text) => expect(parseIp(text)).toBeUndefined());

test("isMapped() knows ::ffff:0:0/96 and nothing else", () => {
  const mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1];
  expect(isMapped(Uint8Array.from(mapped))).toBe(true);
  for (let index = 0; index < 12; index++) {
    const other = mapped.with(index, (mapped[index] ?? 0) ^ 1);
    expect(isMapped(Uint8Array.from(other))).toBe(false);
  }
  expect(isMapped(Uint8Array.of(10, 0, 0, 1))).toBe(false);
});

test("formatIp() is canonical", () => {
  expect(formatIp(Uint8Array.of(1, 2, 3, 4))).toBe("1.2.3.4");
  expect(formatIp(parseIp("2001:DB8:0:0:0:0:0:1") ?? new Uint8Array())).toBe("2001:db8::1");
});

test("formatIp() throws for any other length", () => {
  expect(() => formatIp(new Uint8Array(5))).toThrow(RangeError);
});

test("splitHostPort() undoes formatHostPort()", () => {
  for (const host of ["10.0.0.1", "fd00::1", "a.b.svc"]) {
    expect(splitHostPort(formatHostPort(host, 80))).toEqual({ host, port: 80 });
  }
});

test.each(["", ":80", "a", "a:", "a:0", "a:65536", "a:1x", "fd00::1:80", "[a]:80", "[fd00::1:80"])(
  "splitHostPort() refuses %j",
  (text) => expect(splitHostPort(text)).toBeUndefined(),
);

test("cidrContains() looks at the first bits only", () => {
  const block = parseCidr("10.1.128.0/17") ?? { bytes: new Uint8Array(), length: 0 };
  expect(cidrContains(block, Uint8Array.of(10, 1, 128, 0))).toBe(true);
  expect(cidrContains(block, Uint8Array.of(10, 1, 255, 255))).toBe(true);
  expect(cidrContains(block, Uint8Array.of(10, 1, 127, 255))).toBe(false);
  expect(cidrContains(block, parseIp("::1") ?? new Uint8Array())).toBe(false);
});

test("cidrContains() of length 0 holds for the whole family", () => {
  const block = parseCidr("0.0.0.0/0") ?? { bytes: new Uint8Array(), length: -1 };
  expect(cidrContains(block, Uint8Array.of(255, 0, 0, 1))).toBe(true);
});

test.each(["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129", "x/8"])("parseCidr() refuses %j", (text) =>
  expect(parseCidr(text)).toBeUndefined(),
);
