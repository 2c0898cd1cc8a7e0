import type { Vector } from "./vector.ts";

/** Vectors of `envoy.service.discovery.v3`: requests and responses of the worked example. */
export const DISCOVERY_VECTORS: readonly Vector[] = [
  {
    message: "envoy.service.discovery.v3.DeltaDiscoveryRequest",
    what: "first request",
    value: {
      node: {
        id: "ztunnel~10.0.0.9~ztunnel-x.istio-system~istio-system.svc.cluster.local",
        cluster: "c",
        metadata: { fields: { NAMESPACE: { string_value: "istio-system" } } },
      },
      type_url: "type.googleapis.com/istio.workload.Address",
    },
    hex: [
      "0a6a0a467a74756e6e656c7e31302e302e302e397e7a74756e6e656c2d782e697374696f2d73797374656d7e69737469",
      "6f2d73797374656d2e7376632e636c75737465722e6c6f63616c1201631a1d0a1b0a094e414d455350414345120e1a0c",
      "697374696f2d73797374656d122a747970652e676f6f676c65617069732e636f6d2f697374696f2e776f726b6c6f6164",
      "2e41646472657373",
    ],
  },
  {
    message: "envoy.service.discovery.v3.DeltaDiscoveryRequest",
    what: "after a reconnect",
    value: {
      node: {
        id: "ztunnel~10.0.0.9~ztunnel-x.istio-system~istio-system.svc.cluster.local",
        cluster: "c",
        metadata: { fields: { NAMESPACE: { string_value: "istio-system" } } },
      },
      type_url: "type.googleapis.com/istio.workload.Address",
      initial_resource_versions: { "shop/cart.shop.svc.cluster.local": "b1" },
    },
    hex: [
      "0a6a0a467a74756e6e656c7e31302e302e302e397e7a74756e6e656c2d782e697374696f2d73797374656d7e69737469",
      "6f2d73797374656d2e7376632e636c75737465722e6c6f63616c1201631a1d0a1b0a094e414d455350414345120e1a0c",
      "697374696f2d73797374656d122a747970652e676f6f676c65617069732e636f6d2f697374696f2e776f726b6c6f6164",
      "2e416464726573732a260a2073686f702f636172742e73686f702e7376632e636c75737465722e6c6f63616c12026231",
    ],
  },
  {
    message: "envoy.service.discovery.v3.DeltaDiscoveryRequest",
    what: "on demand",
    value: { type_url: "t", resource_names_subscribe: ["*", "/10.0.0.1"], resource_names_unsubscribe: ["*"] },
    hex: ["1201741a012a1a092f31302e302e302e3122012a"],
  },
  {
    message: "envoy.service.discovery.v3.DeltaDiscoveryRequest",
    what: "rejection",
    value: {
      type_url: "t",
      response_nonce: "n1",
      error_detail: { code: 13, message: "a: bad", details: [{ type_url: "t/x", value: "0801" }] },
    },
    hex: ["12017432026e313a15080d1206613a206261641a090a03742f7812020801"],
  },
  {
    message: "envoy.service.discovery.v3.DeltaDiscoveryResponse",
    what: "every field",
    value: {
      system_version_info: "1",
      resources: [
        {
          version: "a1",
          resource: { type_url: "t/x", value: "0801" },
          name: "Kubernetes//Pod/shop/cart-1",
          aliases: ["/10.0.1.8"],
          ttl: { seconds: 30, nanos: 5 },
          cache_control: { do_not_cache: true },
        },
      ],
      type_url: "type.googleapis.com/istio.workload.Address",
      nonce: "n3",
      removed_resources: ["Kubernetes//Pod/shop/cart-2"],
    },
    hex: [
      "0a013112410a02613112090a03742f78120208011a1b4b756265726e657465732f2f506f642f73686f702f636172742d",
      "3122092f31302e302e312e383204081e10053a020801222a747970652e676f6f676c65617069732e636f6d2f69737469",
      "6f2e776f726b6c6f61642e416464726573732a026e33321b4b756265726e657465732f2f506f642f73686f702f636172",
      "742d32",
    ],
  },
];
