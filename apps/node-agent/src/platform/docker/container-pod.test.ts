import { describe, expect, test } from "vitest";
import { container, labels } from "../../testing/container.ts";
import { containerPod, networkOwner, wantsMesh } from "./container-pod.ts";
import type { Container } from "./engine-answers.ts";

function pod(change: Partial<Container> = {}, namespace?: string) {
  return containerPod(container(change), { namespace });
}

/** The pod of a container with these labels more. */
function labelled(change: Readonly<Record<string, string | undefined>>) {
  return pod({ labels: labels(change) });
}

describe("wantsMesh()", () => {
  test("is true for Istio's label with the value ambient alone", () => {
    expect(wantsMesh({ "istio.io/dataplane-mode": "ambient" })).toBe(true);
    for (const value of ["none", "", "Ambient", "true"])
      expect(wantsMesh({ "istio.io/dataplane-mode": value })).toBe(false);
    expect(wantsMesh({})).toBe(false);
  });
});

describe("networkOwner()", () => {
  test("names the container whose network is shared", () => {
    expect(networkOwner({ networkMode: "container:abc" })).toBe("abc");
    expect(networkOwner({ networkMode: "shop_default" })).toBeUndefined();
    expect(networkOwner({ networkMode: "host" })).toBeUndefined();
  });
});

describe("containerPod()", () => {
  test("is who compose says when nobody says more", () => {
    expect(pod({ name: "shop-web-1" })).toMatchObject({
      name: "shop-web-1",
      namespace: "shop",
      serviceAccount: "web",
      owner: "web",
      service: "web",
      ips: ["172.20.0.3"],
      namedPorts: undefined,
      labels: { app: "web", "ambit.dev/service": "web", "istio.io/dataplane-mode": "ambient" },
    });
  });

  test("is who its labels say, above compose and above the agent's setting", () => {
    const who = containerPod(
      container({
        labels: labels({
          "ambit.dev/namespace": "prod",
          "ambit.dev/service": "front",
          "ambit.dev/service-account": "shopper",
          app: "mine",
        }),
      }),
      { namespace: "set" },
    );
    expect(who).toMatchObject({
      namespace: "prod",
      serviceAccount: "shopper",
      owner: "web",
      service: "front",
    });
    expect(who.labels).toMatchObject({ app: "mine", "ambit.dev/service": "front" });
    expect(pod({}, "set").namespace).toBe("set");
  });

  test("takes a container that compose did not start for a service of its own name", () => {
    const lone = pod({ name: "My_Redis", labels: { "istio.io/dataplane-mode": "ambient" } });
    expect(lone).toMatchObject({ namespace: "default", owner: "my-redis", serviceAccount: "my-redis" });
  });

  test("makes names of compose's that are none, and falls back to the id for a name without a usable character", () => {
    const odd = labelled({
      "com.docker.compose.service": "Web_Front",
      "com.docker.compose.project": "My.Shop",
    });
    expect(odd).toMatchObject({ namespace: "my-shop", serviceAccount: "web-front", service: "web-front" });
    expect(pod({ name: "__" }).name).toBe("c0ffee000000");
  });

  test("is no endpoint of its service when compose ran it once, whichever compose wrote the label", () => {
    for (const said of ["True", "true"]) {
      const once = labelled({ "com.docker.compose.oneoff": said, "ambit.dev/service": "web" });
      expect(once).toMatchObject({ service: "", owner: "web", serviceAccount: "web" });
      expect(once.labels).not.toHaveProperty("ambit.dev/service");
    }
  });

  test.each([
    ["ambit.dev/namespace", "Prod"],
    ["ambit.dev/namespace", ""],
    ["ambit.dev/service-account", "a/../b"],
    ["ambit.dev/service", "web_1"],
    ["com.docker.compose.service", "___"],
  ])("refuses the label %s with the value %j instead of guessing an identity", (key, value) => {
    expect(() => labelled({ [key]: value })).toThrow(
      expect.objectContaining({ code: "labels", hint: expect.any(String) as string }),
    );
  });

  test("refuses the mesh's own namespace, whoever asks for it", () => {
    const refused = expect.objectContaining({ code: "labels" }) as Error;
    expect(() => labelled({ "ambit.dev/namespace": "ambit-system" })).toThrow(refused);
    expect(() => labelled({ "com.docker.compose.project": "ambit-system" })).toThrow(refused);
    expect(() => pod({}, "ambit-system")).toThrow(refused);
  });

  test("has another uid for every start, and the same one after the agent's own restart", () => {
    const { uid } = pod();
    expect(uid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(pod({ name: "renamed", pid: 1 }).uid).toBe(uid);
    expect(pod({ startedAt: "2026-01-01T00:00:01Z" }).uid).not.toBe(uid);
    expect(pod({ id: "d".repeat(64) }).uid).not.toBe(uid);
  });

  test("puts the address others use first: of the named network, of the project's own, or by name", () => {
    const networks = [
      { name: "zeta", ipv4: "10.3.0.1", ipv6: "fd00::3" },
      { name: "shop_default", ipv4: "10.2.0.1", ipv6: "" },
      { name: "shop_back", ipv4: "10.1.0.1", ipv6: "fd00::1" },
    ];
    expect(pod({ networks }).ips).toEqual(["10.2.0.1", "10.1.0.1", "10.3.0.1", "fd00::1", "fd00::3"]);
    const wanted = (name: string) => pod({ networks, labels: labels({ "ambit.dev/network": name }) }).ips[0];
    expect(wanted("zeta")).toBe("10.3.0.1");
    expect(wanted("back")).toBe("10.1.0.1");
    expect(wanted("none-of-them")).toBe("10.2.0.1");
    expect(pod({ networks: [] }).ips).toEqual([]);
  });

  test("reads ports with and without a protocol", () => {
    expect(labelled({ "ambit.dev/ports": "http:80, 9080,grpc-web:1 , tls:65535" }).namedPorts).toEqual([
      { protocol: "http", port: 80 },
      { protocol: "tcp", port: 9080 },
      { protocol: "grpc-web", port: 1 },
      { protocol: "tls", port: 65_535 },
    ]);
  });

  test.each(["", "http", "http:", "0", "65536", "123456", "udp:53", "80:http", "80,,90", "80;90", "-1"])(
    "refuses the ports %j",
    (ports) => {
      expect(() => labelled({ "ambit.dev/ports": ports })).toThrow(
        expect.objectContaining({
          code: "labels",
          message: expect.stringContaining("ambit.dev/ports") as string,
        }),
      );
    },
  );
});
