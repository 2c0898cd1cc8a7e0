import { expect, test } from "vitest";
import { Metrics } from "./metrics.ts";

test("a process tells how much of its time is work, without a timer that wakes it for that", async () => {
  const metrics = new Metrics({ component: "ca", version: "1.2.3" });
  const text = await metrics.registry.metrics();
  const utilization = Number(/^nodejs_eventloop_utilization (\S+)$/m.exec(text)?.[1]);
  expect(utilization).toBeGreaterThanOrEqual(0);
  expect(utilization).toBeLessThanOrEqual(1);
  expect(text).not.toContain("nodejs_eventloop_lag_p99_seconds");
});
