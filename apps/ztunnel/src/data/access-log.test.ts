import { expect, test } from "vitest";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { facts } from "../testing/build.ts";
import { AccessLog } from "./access-log.ts";

const OUTCOME = { bytesFromDownstream: 80, bytesToDownstream: 212, durationMs: 12.4, error: undefined };

function collect(format: "text" | "json" = "text"): { log: AccessLog; clock: FakeClock; lines: string[] } {
  const lines: string[] = [];
  const clock = new FakeClock();
  const log = new AccessLog(format, {
    clock,
    write: (text) => lines.push(text),
    enabled: (level) => level !== "debug",
  });
  return { log, clock, lines };
}

test("completed() writes every field in the contract's order", async () => {
  const { log, clock, lines } = collect();
  log.completed(facts(), OUTCOME);
  expect(lines).toEqual([]);
  await clock.advance(100);
  expect(lines).toEqual([
    '2026-01-01T00:00:00.000000Z\tinfo\taccess\tconnection complete\tsrc.addr=10.0.0.5:41522 src.workload="web" ' +
      'src.namespace="shop" src.identity="spiffe://cluster.local/ns/shop/sa/web" src.cluster="Kubernetes" ' +
      'dst.addr=10.0.1.8:15008 dst.hbone_addr=10.0.1.8:8080 dst.service="cart.shop.svc.cluster.local" ' +
      'dst.workload="cart" dst.namespace="shop" dst.identity="spiffe://cluster.local/ns/shop/sa/cart" ' +
      'dst.cluster="Kubernetes" direction="inbound" bytes_sent=212 bytes_recv=80 duration="12ms"\n',
  ]);
});

test("completed() turns sent and received round for the client's side", () => {
  const { log, lines } = collect();
  log.completed(facts({ direction: "outbound" }), OUTCOME);
  log.flush();
  expect(lines[0]).toContain('direction="outbound" bytes_sent=80 bytes_recv=212 ');
});

test("completed() is an error line when something went wrong", () => {
  const { log, lines } = collect();
  log.completed(facts(), { ...OUTCOME, error: "policy rejection: explicitly denied by: shop/no-web" });
  log.flush();
  expect(lines[0]).toMatch(
    /\terror\taccess\tconnection complete\t.* error="policy rejection: explicitly denied by: shop\/no-web"\n$/,
  );
});

test("completed() lets no peer write fields or lines of its own", () => {
  const { log, lines } = collect();
  log.completed(facts({ tunnelTarget: 'x:1 error="none"\n2026 forged' }), OUTCOME);
  log.flush();
  expect(lines.join("").split("\n")).toHaveLength(2);
  expect(lines[0]).toContain(String.raw`dst.hbone_addr="x:1 error=\"none\"\n2026 forged"`);
});

test("completed() as JSON is one flat object with the same keys", () => {
  const { log, lines } = collect("json");
  log.completed(facts({ source: undefined, sourceIdentity: undefined }), OUTCOME);
  log.flush();
  const record = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
  expect(Object.keys(record).slice(0, 6)).toEqual([
    "level",
    "time",
    "scope",
    "message",
    "src.addr",
    "dst.addr",
  ]);
  expect(record).toMatchObject({ level: "info", scope: "access", bytes_sent: 212, duration: "12ms" });
});

test("refused() is a warning; opened() needs debug", () => {
  const { log, lines } = collect();
  log.opened(facts());
  log.refused({
    source: { ip: "fd00::5", port: 1 },
    destination: { ip: "10.0.1.8", port: 15008 },
    direction: "inbound",
    error: "no",
  });
  log.flush();
  expect(lines).toEqual([
    '2026-01-01T00:00:00.000000Z\twarn\taccess\tconnection failed\tsrc.addr=[fd00::5]:1 dst.addr=10.0.1.8:15008 direction="inbound" error="no"\n',
  ]);
});

test("flush() happens early when much has collected", () => {
  const { log, lines } = collect();
  for (let count = 0; count < 200; count++) log.completed(facts(), OUTCOME);
  expect(lines).toHaveLength(1);
});

test("completed() tells connections of the same workloads apart", () => {
  const { log, lines } = collect();
  const usual = facts();
  log.completed(usual, OUTCOME);
  log.completed({ ...usual, sourceIdentity: "spiffe://cluster.local/ns/shop/sa/other" }, OUTCOME);
  log.completed({ ...usual, service: undefined }, OUTCOME);
  log.completed({ ...usual, direction: "outbound" }, OUTCOME);
  log.completed(usual, OUTCOME);
  log.flush();
  const [first, other, plain, outbound, last] = lines.join("").split("\n");
  expect(other).toContain('src.identity="spiffe://cluster.local/ns/shop/sa/other"');
  expect(plain).not.toContain("dst.service=");
  expect(outbound).toContain('direction="outbound"');
  expect(last).toBe(first);
});
