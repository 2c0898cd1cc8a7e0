import fastify from "fastify";
import { expect, test } from "vitest";
import { AmbitError } from "@ambit/base/errors.ts";
import type { UpgradeReport } from "@ambit/contract/admin-api.ts";
import { SupervisorMetrics, upgradeRoutes } from "./supervisor-admin.ts";

const report: UpgradeReport = {
  node: "node-a",
  from: "ztunnel-node-a",
  to: "ztunnel-node-a-2",
  phase: "done",
  detail: "",
  done: true,
  cut: 2,
};

test("POST /upgrade starts one, refuses with the reason, and GET follows it", async () => {
  const server = fastify();
  upgradeRoutes({
    upgrade: (node) => {
      if (node !== "node-a") throw new AmbitError("no-node", `no proxy of ${node}`);
      return report;
    },
    report: (node) => (node === "node-a" ? report : undefined),
  })(server);
  const post = (payload: object) => server.inject({ method: "POST", url: "/upgrade", payload });
  expect((await post({ node: "node-a" })).json()).toEqual(report);
  expect(await post({ node: "x" })).toMatchObject({ statusCode: 409, body: "no proxy of x\n" });
  expect((await post({})).statusCode).toBe(400);
  expect((await server.inject("/upgrade?node=node-a")).json()).toEqual(report);
  expect((await server.inject("/upgrade?node=x")).statusCode).toBe(404);
  await server.close();
});

test("SupervisorMetrics counts upgrades and what they cut", async () => {
  const metrics = new SupervisorMetrics("1");
  metrics.finished(report);
  metrics.finished({ ...report, phase: "failed", cut: 0 });
  const text = await metrics.text();
  expect(text).toContain('ambit_ztunnel_upgrades_total{node="node-a",result="done"} 1');
  expect(text).toContain('ambit_ztunnel_upgrades_total{node="node-a",result="failed"} 1');
  expect(text).toContain('ambit_ztunnel_upgrade_connections_cut_total{node="node-a"} 2');
});
