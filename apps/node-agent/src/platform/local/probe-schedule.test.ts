import { describe, expect, test } from "vitest";
import type { Container, Probe } from "@ambit/kube/resources/pod-spec.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { ProbeSchedule } from "./probe-schedule.ts";

function probe(change: Partial<Probe> = {}): Probe {
  return {
    httpGet: undefined,
    tcpSocket: { port: 80, host: undefined },
    exec: undefined,
    grpc: undefined,
    initialDelaySeconds: 0,
    periodSeconds: 10,
    timeoutSeconds: 1,
    successThreshold: 1,
    failureThreshold: 3,
    ...change,
  };
}

function rig(probes: Partial<Pick<Container, "readinessProbe" | "livenessProbe" | "startupProbe">>) {
  const clock = new FakeClock();
  const state = { healthy: true, hangs: false, asked: 0, unhealthy: [] as string[] };
  const container: Container = {
    name: "c",
    image: "",
    command: [],
    args: [],
    workingDir: undefined,
    env: [],
    ports: [],
    readinessProbe: undefined,
    livenessProbe: undefined,
    startupProbe: undefined,
    ...probes,
  };
  const schedule = new ProbeSchedule(
    container,
    {
      run: () => {
        state.asked++;
        return state.hangs ? new Promise(() => undefined) : Promise.resolve(state.healthy);
      },
      onChange: () => undefined,
      onUnhealthy: (kind) => state.unhealthy.push(kind),
    },
    clock,
  );
  return { clock, state, schedule };
}

describe("ProbeSchedule", () => {
  test("counts a container without probes as started and ready", () => {
    const { schedule } = rig({});
    schedule.start();
    expect([schedule.started, schedule.ready]).toEqual([true, true]);
  });

  test("asks quickly until the first readiness, then by the period", async () => {
    const { clock, state, schedule } = rig({ readinessProbe: probe() });
    state.healthy = false;
    schedule.start();
    await clock.advance(1_000);
    expect([schedule.ready, state.asked]).toEqual([false, 6]);
    state.healthy = true;
    await clock.advance(200);
    expect(schedule.ready).toBe(true);
    await clock.advance(9_999);
    expect(state.asked).toBe(7);
    await clock.advance(1);
    expect(state.asked).toBe(8);
  });

  test("takes readiness away after the failure threshold, and restarts nothing", async () => {
    const { clock, state, schedule } = rig({ readinessProbe: probe() });
    schedule.start();
    await clock.advance(0);
    state.healthy = false;
    await clock.advance(20_000);
    expect(schedule.ready).toBe(true);
    await clock.advance(10_000);
    expect(schedule.ready).toBe(false);
    expect(state.unhealthy).toEqual([]);
  });

  test("waits for the startup probe before it asks for anything else", async () => {
    const { clock, state, schedule } = rig({
      startupProbe: probe({ periodSeconds: 1, failureThreshold: 5 }),
      readinessProbe: probe(),
    });
    state.healthy = false;
    schedule.start();
    await clock.advance(3_000);
    expect([schedule.started, state.asked]).toEqual([false, 4]);
    state.healthy = true;
    await clock.advance(1_000);
    expect([schedule.started, schedule.ready]).toEqual([true, true]);
  });

  test("asks for a restart once when the startup or liveness probe fails too often", async () => {
    const { clock, state, schedule } = rig({ livenessProbe: probe({ periodSeconds: 1 }) });
    schedule.start();
    state.healthy = false;
    await clock.advance(1_999);
    expect(state.unhealthy).toEqual([]);
    await clock.advance(10_000);
    expect(state.unhealthy).toEqual(["liveness"]);
  });

  test("counts a probe that hangs as failed after its timeout", async () => {
    const { clock, state, schedule } = rig({
      livenessProbe: probe({ timeoutSeconds: 2, failureThreshold: 1 }),
    });
    state.hangs = true;
    schedule.start();
    await clock.advance(1_999);
    expect(state.unhealthy).toEqual([]);
    await clock.advance(1);
    expect(state.unhealthy).toEqual(["liveness"]);
  });

  test("stop() ends everything", async () => {
    const { clock, state, schedule } = rig({ readinessProbe: probe() });
    schedule.start();
    await clock.advance(0);
    schedule.stop();
    expect([schedule.started, schedule.ready, clock.armed]).toEqual([false, false, 0]);
    await clock.advance(60_000);
    expect(state.asked).toBe(1);
  });
});
