import { describe, expect, test } from "vitest";
import { container, labels } from "../../testing/container.ts";
import { containerPod } from "./container-pod.ts";
import { nodeManifest, podManifest, serviceManifest, type PodState } from "./manifests.ts";

const STATE: PodState = {
  node: "docker",
  hostIp: "10.0.0.1",
  image: "any/image",
  startedAt: "2026-01-01T00:00:00Z",
  ready: true,
  redirection: "enabled",
};

describe("podManifest()", () => {
  test("is the Pod a cluster would show", () => {
    const pod = containerPod(container(), { namespace: undefined });
    expect(podManifest(pod, STATE)).toMatchObject({
      kind: "Pod",
      metadata: {
        name: "shop-web-1",
        namespace: "shop",
        uid: pod.uid,
        labels: { app: "web", "ambit.dev/service": "web" },
        annotations: { "ambient.istio.io/redirection": "enabled" },
        ownerReferences: [{ name: "web", controller: true }],
      },
      spec: { nodeName: "docker", serviceAccountName: "web" },
      status: {
        phase: "Running",
        conditions: [
          { type: "Ready", status: "True" },
          { type: "ContainersReady", status: "True" },
        ],
        podIP: "172.20.0.3",
        podIPs: [{ ip: "172.20.0.3" }],
      },
    });
  });

  test("believes no container that says of itself that it is captured", () => {
    const forged = labels({ "ambient.istio.io/redirection": "enabled" });
    const pod = containerPod(container({ labels: forged }), { namespace: undefined });
    const { metadata } = podManifest(pod, { ...STATE, redirection: "" }) as {
      metadata: { annotations: Record<string, string> };
    };
    expect(metadata.annotations).not.toHaveProperty("ambient.istio.io/redirection");
  });

  test("has no address and is not ready where there is none and it is not", () => {
    const pod = containerPod(container({ networks: [] }), { namespace: undefined });
    const { status } = podManifest(pod, { ...STATE, ready: false }) as { status: Record<string, unknown> };
    expect(status).not.toHaveProperty("podIP");
    expect(status["conditions"]).toEqual([
      { type: "Ready", status: "False" },
      { type: "ContainersReady", status: "False" },
    ]);
  });
});

describe("serviceManifest()", () => {
  test("selects the containers of the service and names each port by its protocol", () => {
    expect(serviceManifest("shop", "web", [{ protocol: "http", port: 80 }])).toMatchObject({
      metadata: { name: "web", namespace: "shop" },
      spec: {
        selector: { "ambit.dev/service": "web" },
        ports: [{ name: "http-80", port: 80, targetPort: 80, protocol: "TCP" }],
      },
    });
  });

  test("has no virtual address without a port", () => {
    expect(serviceManifest("shop", "web", [])).toMatchObject({ spec: { clusterIP: "None", ports: [] } });
    expect(serviceManifest("shop", "web", [{ protocol: "tcp", port: 1 }])).not.toHaveProperty(
      "spec.clusterIP",
    );
  });
});

describe("nodeManifest()", () => {
  test("says where the host is reached", () => {
    expect(nodeManifest("docker", "10.0.0.1")).toMatchObject({
      kind: "Node",
      metadata: { name: "docker", labels: { "topology.kubernetes.io/zone": "local-docker" } },
      status: { addresses: [{ type: "InternalIP", address: "10.0.0.1" }, { type: "Hostname" }] },
    });
  });
});
