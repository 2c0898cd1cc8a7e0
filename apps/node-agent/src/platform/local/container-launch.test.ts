import { describe, expect, test } from "vitest";
import type { Container } from "@ambit/kube/resources/pod-spec.ts";
import { expandReferences, planLaunch, resolveField, type LaunchContext } from "./container-launch.ts";

const facts = {
  uid: "u1",
  name: "web-1",
  namespace: "shop",
  labels: { app: "web", version: "v2", "x/y": "z" },
  annotations: {},
  serviceAccount: "web",
  node: "node-a",
  ips: ["10.244.1.2", "fd00::2"],
  hostIp: "172.30.0.11",
};

function container(change: Partial<Container> = {}): Container {
  return {
    name: "c",
    image: "web",
    command: [],
    args: [],
    workingDir: undefined,
    env: [],
    ports: [],
    readinessProbe: undefined,
    livenessProbe: undefined,
    startupProbe: undefined,
    ...change,
  };
}

function context(change: Partial<LaunchContext> = {}): LaunchContext {
  return {
    facts,
    image: { command: ["serve"], args: ["--fast"], cwd: "/m", env: { MODE: "x" } },
    fallback: { command: ["node", "sample.ts"], args: [], cwd: "/s", env: {} },
    nodeProgram: "/opt/node/bin/node",
    environment: { PATH: "/usr/bin", HOME: "/h", SECRET: "s" },
    ports: [8080],
    listenOn: undefined,
    ...change,
  };
}

describe("planLaunch()", () => {
  test("runs the mapped command with its own arguments and folder", () => {
    const launch = planLaunch(container(), context());
    expect(launch).toMatchObject({ command: ["serve", "--fast"], cwd: "/m", sample: false });
    expect(launch.env).toMatchObject({ MODE: "x", PATH: "/opt/node/bin:/usr/bin", HOSTNAME: "web-1" });
    expect(launch.env["SECRET"]).toBeUndefined();
  });

  test("lets args replace the image's arguments, and command replace all of it", () => {
    expect(planLaunch(container({ args: ["--slow"] }), context()).command).toEqual(["serve", "--slow"]);
    expect(planLaunch(container({ command: ["sh"] }), context()).command).toEqual(["sh"]);
    expect(planLaunch(container({ command: ["sh"], args: ["-c"] }), context()).command).toEqual(["sh", "-c"]);
  });

  test("runs the sample server for an unknown image, with the ports and the pod's facts", () => {
    const launch = planLaunch(container({ args: ["ignored"] }), context({ image: undefined }));
    expect(launch).toMatchObject({ command: ["node", "sample.ts"], cwd: "/s", sample: true });
    expect(launch.env).toMatchObject({ PORTS: "8080", POD_NAME: "web-1", APP: "web", VERSION: "v2" });
  });

  test("asks a process without a network of its own to listen on its address", () => {
    expect(planLaunch(container(), context()).env["HOST"]).toBeUndefined();
    expect(planLaunch(container(), context({ listenOn: "127.244.1.2" })).env["HOST"]).toBe("127.244.1.2");
  });

  test("runs the container's own command when only the image is unknown", () => {
    const launch = planLaunch(container({ command: ["sleep", "9"] }), context({ image: undefined }));
    expect(launch).toMatchObject({ command: ["sleep", "9"], sample: false });
  });

  test("fills in variables, in the order they are written", () => {
    const env = [
      { name: "POD_IP", value: "", fieldPath: "status.podIP" },
      { name: "URL", value: "http://$(POD_IP):$(PORT)", fieldPath: undefined },
    ];
    const launch = planLaunch(container({ env, args: ["$(URL)", "$$(URL)"] }), context());
    expect(launch.env["URL"]).toBe("http://10.244.1.2:$(PORT)");
    expect(launch.command).toEqual(["serve", "http://10.244.1.2:$(PORT)", "$(URL)"]);
  });
});

describe("expandReferences()", () => {
  test("leaves unknown names and lone dollars alone", () => {
    expect(expandReferences("$(A) $(B) $C $$", { A: "1" })).toBe("1 $(B) $C $");
  });
});

describe("resolveField()", () => {
  test.each([
    ["metadata.labels['x/y']", "z"],
    ["metadata.annotations['none']", ""],
    ["status.podIPs", "10.244.1.2,fd00::2"],
    ["spec.nodeName", "node-a"],
    ["spec.nothing", undefined],
  ])("answers %s with %s", (path, value) => expect(resolveField(path, facts)).toBe(value));
});
