import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { labels } from "../../testing/container.ts";
import { DockerRig, stranger, web } from "../../testing/docker-rig.ts";
import { DockerError } from "./docker-error.ts";
import { ManifestFolder } from "./manifest-folder.ts";

let dir: string;
let rig: DockerRig;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "ambit-docker-"));
  rig = new DockerRig(dir);
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

function objects(kind: string): readonly string[] {
  return readdirSync(join(dir, kind)).toSorted();
}

function pod(name = "shop_shop-web-1"): string {
  return readFileSync(join(dir, "pods", `${name}.yaml`), "utf8");
}

describe("DockerPlatform: start", () => {
  test("start() hands over what runs with the label, and resolves when it has", async () => {
    await rig.start(web(), stranger());
    expect(rig.steps).toEqual(["claim /ns/1", "add shop-web-1 in /ns/1", "release /ns/1"]);
    expect(objects("pods")).toEqual(["shop_shop-web-1.yaml"]);
    expect(objects("services")).toEqual(["shop_web.yaml"]);
    expect(objects("serviceaccounts")).toEqual(["shop_web.yaml"]);
    expect(objects("nodes")).toEqual(["docker.yaml"]);
    expect(rig.platform.connected).toBe(true);
  });

  test("start() takes away what earlier runs wrote of containers that are gone", async () => {
    const before = new ManifestFolder(dir);
    before.write("pods", "shop", "gone", { kind: "Pod" });
    before.write("services", "shop", "gone", { kind: "Service" });
    await rig.start(web());
    expect(objects("pods")).toEqual(["shop_shop-web-1.yaml"]);
    expect(objects("services")).toEqual(["shop_web.yaml"]);
  });

  test("adopts what an earlier run captured: the same pod, said to be started and captured", async () => {
    await rig.start(web());
    rig.platform.annotate(rig.sandboxes[0]?.uid ?? "", "enabled");
    await rig.platform.stop();
    expect(pod()).toContain("ambient.istio.io/redirection: enabled");
    const next = new DockerRig(dir, rig);
    await next.start();
    expect(next.sandboxes.map(({ uid, started }) => ({ uid, started }))).toEqual([
      { uid: rig.sandboxes[0]?.uid, started: true },
    ]);
    expect(pod()).toContain("ambient.istio.io/redirection: enabled");
  });

  test("adopts nothing of a container that was started anew meanwhile", async () => {
    await rig.start(web());
    rig.platform.annotate(rig.sandboxes[0]?.uid ?? "", "enabled");
    await rig.platform.stop();
    const next = new DockerRig(dir, rig);
    await next.start(web({ startedAt: "2026-01-01T01:00:00Z", sandboxKey: "/ns/2" }));
    expect(next.sandboxes[0]).toMatchObject({ started: false, netnsPath: "/ns/2" });
    expect(pod()).not.toContain("redirection");
  });
});

describe("DockerPlatform: containers come and go", () => {
  test("a new container is held until its capture is complete", async () => {
    await rig.start();
    const captured = Promise.withResolvers<void>();
    rig.capture = captured.promise;
    await rig.happens("create", web({ status: "created", pid: 0, sandboxKey: "" }));
    expect(rig.steps).toEqual([]);
    expect(rig.platform.expecting).toBe(true);
    await rig.happens("start", web());
    expect(rig.steps).toEqual(["claim /ns/1", "add shop-web-1 in /ns/1"]);
    captured.resolve();
    await rig.settle();
    expect(rig.steps.at(-1)).toBe("release /ns/1");
    expect(rig.platform.expecting).toBe(false);
  });

  test("peers of a container that was held from its beginning send it tunnels at once; the admin page says how far it is", async () => {
    await rig.start();
    rig.isClosed = true;
    rig.capture = new Promise(() => undefined);
    await rig.happens("start", web());
    expect(pod()).toContain("ambient.istio.io/redirection: enabled");
    expect(rig.platform.rows()[0]?.redirection).toBe("");
  });

  test("waits for a namespace that cannot be found yet", async () => {
    await rig.start();
    await rig.happens("start", web({ sandboxKey: "" }));
    rig.engine.put(web());
    await rig.clock.advance(5_000);
    expect(rig.steps).toEqual(["claim /ns/1", "add shop-web-1 in /ns/1", "release /ns/1"]);
    expect(rig.warnings).toHaveLength(1);
  });

  test("a stop takes the endpoint away before the proxy is told; the service stays while the container does", async () => {
    await rig.start(web());
    rig.steps.length = 0;
    await rig.happens("die", web({ status: "exited", pid: 0, sandboxKey: "" }));
    expect(rig.steps).toEqual(["remove shop-web-1"]);
    expect(objects("pods")).toEqual([]);
    expect(objects("services")).toEqual(["shop_web.yaml"]);
    rig.engine.emit("destroy", "c1");
    rig.engine.remove("c1");
    rig.engine.emit("destroy", "c1");
    await rig.settle();
    expect(objects("services")).toEqual([]);
    expect(objects("serviceaccounts")).toEqual([]);
    expect(rig.platform.rows()).toEqual([]);
  });

  test("a restart is another pod in another namespace, even when no event told of its end", async () => {
    await rig.start(web());
    rig.steps.length = 0;
    await rig.happens("start", web({ startedAt: "2026-01-01T01:00:00Z", sandboxKey: "/ns/2" }));
    expect(rig.steps).toEqual([
      "remove shop-web-1",
      "claim /ns/2",
      "add shop-web-1 in /ns/2",
      "release /ns/2",
    ]);
    const [first, second] = rig.sandboxes;
    expect(second?.uid).not.toBe(first?.uid);
    expect(pod()).toContain(second?.uid);
  });

  test("a pause and a change of networks are the same pod, seen anew", async () => {
    await rig.start(web());
    rig.steps.length = 0;
    const networks = [{ name: "shop_default", ipv4: "172.20.0.9", ipv6: "" }];
    await rig.happens("connect", web({ networks }));
    await rig.happens("pause", web({ networks, status: "paused" }));
    expect(rig.steps).toEqual(["changed shop-web-1", "changed shop-web-1"]);
    expect(pod()).toContain("172.20.0.9");
    expect(rig.platform.rows()[0]).toMatchObject({ phase: "paused", ready: false, ip: "172.20.0.9" });
  });

  test("many events at once cost two looks at most, and the last state counts", async () => {
    await rig.start(web());
    rig.engine.calls.length = 0;
    rig.engine.hold("inspect");
    for (const action of ["die", "start", "health_status: healthy", "connect"]) rig.engine.emit(action, "c1");
    await rig.settle();
    rig.engine.put(web({ status: "exited" }));
    for (const action of ["die", "disconnect"]) rig.engine.emit(action, "c1");
    rig.engine.letGo();
    await rig.settle();
    expect(rig.engine.calls).toEqual(["inspect c1", "inspect c1"]);
    expect(objects("pods")).toEqual([]);
  });

  test("a container that is new while an older list is on its way stays in the mesh", async () => {
    await rig.start();
    rig.engine.hold("containers");
    await rig.clock.advance(10_000);
    await rig.happens("start", web());
    expect(objects("pods")).toEqual(["shop_shop-web-1.yaml"]);
    rig.engine.letGo();
    await rig.settle();
    expect(objects("pods")).toEqual(["shop_shop-web-1.yaml"]);
    expect(rig.steps).not.toContain("remove shop-web-1");
  });

  test("a look that ends after its container is gone leaves no endpoint", async () => {
    await rig.start();
    rig.engine.hold("inspect");
    rig.engine.put(web());
    rig.engine.emit("start", "c1");
    await rig.settle();
    rig.engine.remove("c1");
    await rig.clock.advance(10_000);
    rig.engine.letGo();
    await rig.settle();
    expect(objects("pods")).toEqual([]);
    expect(rig.platform.rows()).toEqual([]);
  });

  test("what events did not tell, the next list does", async () => {
    await rig.start(web());
    rig.engine.remove("c1");
    rig.engine.put(web({ id: "c2", name: "shop-web-2", sandboxKey: "/ns/2" }));
    await rig.clock.advance(10_020);
    expect(objects("pods")).toEqual(["shop_shop-web-2.yaml"]);
  });
});

describe("DockerPlatform: who is not for the mesh", () => {
  test("an agent that is a compose service looks at its own project alone", async () => {
    rig = new DockerRig(dir, undefined, "a1");
    const project = (name: string) => labels({ "com.docker.compose.project": name });
    const agent = stranger({ id: "a1b2c3", labels: { "com.docker.compose.project": "shop" } });
    await rig.start(agent, web(), web({ id: "c2", name: "blog-web-1", labels: project("blog") }));
    await rig.happens("start", web({ id: "c3", name: "blog-web-2", labels: project("blog") }));
    await rig.happens("start", web({ id: "c4", name: "shop-web-2", sandboxKey: "/ns/4" }));
    expect(objects("pods")).toEqual(["shop_shop-web-1.yaml", "shop_shop-web-2.yaml"]);
  });

  test("an agent that cannot tell its own project takes nobody in", async () => {
    rig = new DockerRig(dir, undefined, "a1");
    await rig.start(web());
    expect(objects("pods")).toEqual([]);
  });

  test("a stranger that starts while namespaces are held is released, and nothing is asked about it otherwise", async () => {
    await rig.start();
    await rig.happens("start", stranger());
    expect(rig.engine.calls).not.toContain("inspect s1");
    rig.holding = true;
    await rig.happens("start", stranger());
    expect(rig.steps).toEqual(["release /ns/s"]);
    expect(objects("pods")).toEqual([]);
  });

  test("a label that cannot be used keeps its container out, says so once, and is never tried again", async () => {
    await rig.start(web({ labels: labels({ "ambit.dev/ports": "http" }) }));
    rig.engine.emit("health_status", "c1");
    await rig.clock.advance(9_000);
    expect(rig.warnings).toHaveLength(1);
    expect(rig.warnings[0]).toContain("ambit.dev/ports");
    expect(rig.engine.calls.filter((call) => call === "inspect c1")).toHaveLength(2);
    expect(rig.steps).toEqual([]);
    expect(objects("pods")).toEqual([]);
    expect(rig.platform.expecting).toBe(false);
  });

  test("a container that shares a network is in the mesh by the network's owner, and no endpoint itself", async () => {
    await rig.start(web(), web({ id: "c2", name: "shop-helper-1", networkMode: "container:c1" }));
    expect(objects("pods")).toEqual(["shop_shop-web-1.yaml"]);
    expect(rig.warnings).toEqual([]);
    expect(rig.platform.expecting).toBe(false);
  });

  test.each([
    ["container:s1", "the owner of its network has no label"],
    ["host", "its network is the host's or none"],
    ["none", "its network is the host's or none"],
  ])(
    "a container with the network %s is told that its label does nothing, once",
    async (networkMode, why) => {
      await rig.start(web({ networkMode }), stranger());
      await rig.clock.advance(20_000);
      expect(rig.warnings).toEqual([`a container cannot be brought into the mesh: ${why}`]);
      expect(objects("pods")).toEqual([]);
      expect(objects("services")).toEqual([]);
      expect(rig.platform.expecting).toBe(false);
    },
  );

  test("a service that the user defines is left to the user, from the moment it is", async () => {
    await rig.start(web());
    rig.userServices.add("shop/web");
    rig.platform.manifestsChanged();
    await rig.settle();
    expect(objects("services")).toEqual([]);
    expect(objects("pods")).toEqual(["shop_shop-web-1.yaml"]);
  });
});

describe("DockerPlatform: the engine goes and comes", () => {
  test("what runs stays in the mesh while the engine is away, and is the same pod afterwards", async () => {
    await rig.start(web());
    rig.steps.length = 0;
    rig.engine.die();
    await rig.clock.advance(30_000);
    expect(rig.platform.connected).toBe(false);
    expect(objects("pods")).toEqual(["shop_shop-web-1.yaml"]);
    rig.engine.rise();
    await rig.clock.advance(5_020);
    expect(rig.steps).toEqual(["watch namespaces", "changed shop-web-1"]);
    expect(rig.sandboxes).toHaveLength(1);
  });

  test("a container that dies while the engine is away is no endpoint any more", async () => {
    await rig.start(web({ pid: 7 }), web({ id: "c2", name: "shop-web-2", pid: 8, sandboxKey: "/ns/2" }));
    rig.engine.die();
    rig.dead.add(7);
    await rig.clock.advance(600);
    expect(objects("pods")).toEqual(["shop_shop-web-2.yaml"]);
    expect(rig.steps).toContain("remove shop-web-1");
  });

  test("nothing is taken for dead where processes cannot be seen, and nothing is looked at while the engine is there", async () => {
    await rig.start(web({ pid: 7 }));
    rig.dead.add(7);
    await rig.clock.advance(5_000);
    expect(objects("pods")).toHaveLength(1);
    rig.processesSeen = false;
    rig.engine.die();
    await rig.clock.advance(5_000);
    expect(objects("pods")).toHaveLength(1);
  });

  test("what the engine restarted meanwhile is a new pod, and what it did not bring back is none", async () => {
    await rig.start(web(), web({ id: "c2", name: "shop-web-2", sandboxKey: "/ns/2" }));
    rig.processesSeen = false;
    rig.engine.die();
    rig.engine.put(web({ startedAt: "2026-01-01T02:00:00Z", sandboxKey: "/ns/3" }));
    rig.engine.put(web({ id: "c2", name: "shop-web-2", status: "exited", sandboxKey: "" }));
    await rig.clock.advance(1_000);
    rig.engine.rise();
    await rig.clock.advance(5_020);
    expect(objects("pods")).toEqual(["shop_shop-web-1.yaml"]);
    expect(rig.sandboxes.at(-1)?.netnsPath).toBe("/ns/3");
    expect(rig.platform.rows()).toHaveLength(1);
  });

  test("one description that fails is asked for again, without touching the others", async () => {
    rig.engine.failures.set("inspect c1", new DockerError("timeout", "The engine did not answer"));
    await rig.start(web(), web({ id: "c2", name: "shop-web-2", sandboxKey: "/ns/2" }));
    expect(objects("pods")).toEqual(["shop_shop-web-2.yaml"]);
    rig.engine.failures.clear();
    await rig.clock.advance(1_000);
    expect(objects("pods")).toEqual(["shop_shop-web-1.yaml", "shop_shop-web-2.yaml"]);
    expect(rig.warnings).toHaveLength(1);
  });

  test("stop() leaves everything as it is and does nothing more", async () => {
    await rig.start(web());
    await rig.platform.stop();
    rig.engine.calls.length = 0;
    await rig.happens("die", web({ status: "exited" }));
    await rig.clock.advance(60_000);
    expect(rig.engine.calls).toEqual([]);
    expect(objects("pods")).toEqual(["shop_shop-web-1.yaml"]);
    expect(rig.steps.at(-1)).toBe("stop holding");
  });
});
