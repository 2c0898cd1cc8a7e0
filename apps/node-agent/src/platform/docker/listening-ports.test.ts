import { describe, expect, test } from "vitest";
import { parseListeners } from "./listening-ports.ts";

const HEAD =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";

/** A line of the kernel's table. */
function line(local: string, state = "0A"): string {
  return `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0`;
}

describe("parseListeners()", () => {
  test("finds who listens, in both families, each port once and in order", () => {
    const text = [
      HEAD,
      line("00000000:1F90"),
      line("0300 14AC:0050".replace(" ", "")),
      HEAD,
      line("00000000000000000000000000000000:1F90"),
      line("00000000000000000000000000000000:01BB"),
    ].join("\n");
    expect(parseListeners(text)).toEqual([80, 443, 8080]);
  });

  test("leaves out connections, loopback in all its spellings, and the proxy's own ports", () => {
    const ipv6Loopback = "00000000000000000000000001000000";
    const mappedLoopback = "0000000000000000FFFF00000100007F";
    const text = [
      line("00000000:0050", "01"),
      line("0100007F:0051"),
      line("0B00007F:8235"),
      line(`${ipv6Loopback}:0052`),
      line(`${mappedLoopback}:0053`),
      ...[15_001, 15_006, 15_008, 15_053].map((port) => line(`00000000:${port.toString(16).toUpperCase()}`)),
    ].join("\n");
    expect(parseListeners(text)).toEqual([]);
    expect(parseListeners(line("0000000000000000FFFF0000030014AC:0053"))).toEqual([0x53]);
  });

  test("takes nothing from what is no such table", () => {
    for (const text of ["", "\n\n", HEAD, "a b c 0A", line("00000000:zz"), line("00000000:0000")])
      expect(parseListeners(text)).toEqual([]);
  });

  test("stops at 64 ports", () => {
    const text = Array.from({ length: 65 }, (_, index) =>
      line(`00000000:${(index + 100).toString(16).padStart(4, "0")}`),
    );
    expect(parseListeners(text.join("\n"))).toHaveLength(64);
  });
});
