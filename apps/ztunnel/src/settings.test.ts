import { expect, test } from "vitest";
import { SettingsError } from "@ambit/runtime/settings.ts";
import { readSettings } from "./settings.ts";

test("readSettings() has the contract's defaults", () => {
  const settings = readSettings({});
  expect(settings.xds.address).toBe("https://istiod.istio-system.svc:15012");
  expect(settings.secretTtlSeconds).toBe(86_400);
  expect(settings.zdsPath).toBe("/var/run/ztunnel/ztunnel.sock");
  expect(settings.terminationMs).toBe(5_000);
  expect(settings.data).toMatchObject({
    mark: 1337,
    poolStreams: 100,
    poolIdleMs: 300_000,
    clusterId: "Kubernetes",
  });
  expect(settings.admin).toMatchObject({ adminPort: 15000, metricsPort: 15020, readyPort: 15021 });
});

test("readSettings() derives the termination deadline from the grace period", () => {
  const deadline = (seconds: string): number =>
    readSettings({ TERMINATION_GRACE_PERIOD_SECONDS: seconds }).terminationMs;
  expect(deadline("30")).toBe(25_000);
  expect(deadline("10")).toBe(9_000);
  expect(deadline("1")).toBe(1_000);
  expect(readSettings({ CONNECTION_TERMINATION_DEADLINE: "7s" }).terminationMs).toBe(7_000);
});

test("readSettings() takes metadata, headers and the log level as the field's proxies do", () => {
  const settings = readSettings({
    ISTIO_META_DNS: "x",
    ISTIO_METAJSON_LABELS: '{"a":1}',
    XDS_HEADER_TENANT: "t1",
    RUST_LOG: "access=debug,warn",
    ISTIO_META_CLUSTER_ID: "east",
  });
  expect([...settings.node.metadata]).toEqual([
    ["DNS", "x"],
    ["CLUSTER_ID", "east"],
    ["LABELS", { a: 1 }],
  ]);
  expect(settings.clusterId).toBe("east");
  expect(settings.xds.headers.get("TENANT")).toBe("t1");
  expect(settings.log.level).toBe("warn");
});

test("readSettings() reports every mistake together", () => {
  let problems: readonly string[] = [];
  try {
    readSettings({ XDS_ON_DEMAND: "true", PACKET_MARK: "x", AMBIT_DRIVER: "best", ISTIO_METAJSON_Q: "{" });
  } catch (thrown) {
    if (thrown instanceof SettingsError) problems = thrown.problems;
  }
  expect(problems).toHaveLength(4);
  expect(problems[0]).toContain("DNS_CAPTURE=false");
});
