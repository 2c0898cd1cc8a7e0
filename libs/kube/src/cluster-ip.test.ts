import { describe, expect, test } from "vitest";
import { seededRandom } from "@ambit/base/random.ts";
import { ClusterIpAllocator, SERVICE_CIDRS } from "./cluster-ip.ts";

const owners = (count: number): { owner: string }[] =>
  Array.from({ length: count }, (_, index) => ({ owner: `shop/service-${index}` }));

function addresses(allocator: ClusterIpAllocator, count: number): (string | undefined)[] {
  return owners(count).map(({ owner }) => allocator.get(owner));
}

describe("ClusterIpAllocator", () => {
  test("allocate() gives the same addresses whatever the order of the wishes", () => {
    const forward = new ClusterIpAllocator(SERVICE_CIDRS.IPv4);
    const shuffled = new ClusterIpAllocator(SERVICE_CIDRS.IPv4);
    const random = seededRandom(7);
    forward.allocate(owners(3_000));
    shuffled.allocate(owners(3_000).sort(() => random.next() - 0.5));
    expect(addresses(shuffled, 3_000)).toEqual(addresses(forward, 3_000));
    expect(new Set(addresses(forward, 3_000)).size).toBe(3_000);
  });

  test("allocate() never hands out the reserved addresses, and fills the whole block", () => {
    const allocator = new ClusterIpAllocator(SERVICE_CIDRS.IPv4);
    allocator.allocate(owners(65_540));
    const all = new Set(addresses(allocator, 65_540));
    expect(all.has(undefined)).toBe(true);
    expect(all.size - 1).toBe(65_536 - 4);
    for (const reserved of ["10.96.0.0", "10.96.0.1", "10.96.0.10", "10.96.255.255"])
      expect(all.has(reserved)).toBe(false);
  });

  test("an explicit address is honoured, and moves an owner that happened to hold it", () => {
    const allocator = new ClusterIpAllocator(SERVICE_CIDRS.IPv4);
    allocator.allocate([{ owner: "shop/a" }]);
    const explicit = allocator.get("shop/a") ?? "";
    expect([...allocator.allocate([{ owner: "shop/b", explicit }])].sort()).toEqual(["shop/a", "shop/b"]);
    expect(allocator.get("shop/b")).toBe(explicit);
    expect(allocator.get("shop/a")).not.toBe(explicit);
    expect(allocator.allocate([{ owner: "shop/c", explicit: "192.0.2.1" }]).has("shop/c")).toBe(true);
    expect(allocator.get("shop/c")).toBe("192.0.2.1");
  });

  test("an address stays while its owner does, and release() gives it back", () => {
    const allocator = new ClusterIpAllocator(SERVICE_CIDRS.IPv6);
    allocator.allocate([{ owner: "shop/a" }]);
    const address = allocator.get("shop/a");
    expect(address).toMatch(/^fd00:10:96::/);
    expect(allocator.allocate([{ owner: "shop/a" }]).size).toBe(0);
    allocator.release("shop/a");
    expect(allocator.get("shop/a")).toBeUndefined();
    allocator.allocate([{ owner: "shop/a" }]);
    expect(allocator.get("shop/a")).toBe(address);
  });

  test("the constructor refuses a block of another size", () => {
    expect(() => new ClusterIpAllocator("10.0.0.0/8")).toThrow(RangeError);
  });
});
