import type { Vector } from "./vector.ts";

/** Vectors of `istio.workload`: every field once, the worked example's names (cart in shop). */
export const WORKLOAD_VECTORS: readonly Vector[] = [
  {
    message: "istio.workload.Address",
    what: "a workload",
    value: {
      workload: {
        name: "cart-1",
        namespace: "shop",
        addresses: ["0a000108", "fd000000000000000000000000000108"],
        network: "net",
        tunnel_protocol: 1,
        trust_domain: "td",
        service_account: "cart",
        waypoint: {
          hostname: { namespace: "shop", hostname: "wp.shop.svc.cluster.local" },
          hbone_mtls_port: 15008,
        },
        node: "node-a",
        canonical_name: "cart",
        canonical_revision: "v1",
        workload_type: 2,
        workload_name: "cart",
        native_tunnel: true,
        authorization_policies: ["shop/p", "istio-system/q"],
        status: 1,
        cluster_id: "Kubernetes",
        network_gateway: { address: { network: "net", address: "0a000202" }, hbone_mtls_port: 15009 },
        uid: "Kubernetes//Pod/shop/cart-1",
        hostname: "cart.example.com",
        services: {
          "shop/cart.shop.svc.cluster.local": {
            ports: [
              { service_port: 80, target_port: 8080, app_protocol: 1 },
              { service_port: 443, target_port: 8443, app_protocol: 5 },
            ],
          },
        },
        application_tunnel: { protocol: 1, port: 15088 },
        locality: { region: "r", zone: "z", subzone: "s" },
        network_mode: 1,
        extensions: [{ name: "e", config: { type_url: "t/x", value: "0801" } }],
        capacity: { value: 300 },
      },
    },
    hex: [
      "0ad1020a06636172742d31120473686f701a040a0001081a10fd00000000000000000000000000010822036e65742801",
      "320274643a046361727442260a210a0473686f70121977702e73686f702e7376632e636c75737465722e6c6f63616c18",
      "a0754a066e6f64652d615204636172745a02763160026a0463617274700182010673686f702f7082010e697374696f2d",
      "73797374656d2f7188010192010a4b756265726e657465739a0110120b0a036e657412040a00020218a175a2011b4b75",
      "6265726e657465732f2f506f642f73686f702f636172742d31aa0110636172742e6578616d706c652e636f6db201370a",
      "2073686f702f636172742e73686f702e7376632e636c75737465722e6c6f63616c12130a07085010903f18010a0808bb",
      "0310fb411805ba0105080110f075c201090a017212017a1a0173c80101d2010e0a016512090a03742f7812020801da01",
      "0308ac02",
    ],
  },
  {
    message: "istio.workload.Address",
    what: "a service",
    value: {
      service: {
        name: "cart",
        namespace: "shop",
        hostname: "cart.shop.svc.cluster.local",
        addresses: [
          { network: "net", address: "0a600007" },
          { address: "0a610000", length: 16 },
        ],
        ports: [{ service_port: 80, target_port: 8080, app_protocol: 1 }],
        subject_alt_names: ["spiffe://td/ns/shop/sa/cart"],
        waypoint: { address: { network: "net", address: "0a000202" }, hbone_mtls_port: 15009 },
        load_balancing: { routing_preference: [6, 1, 2], mode: 2, health_policy: 1 },
        ip_families: 3,
        extensions: [{ name: "e", config: { type_url: "t/x", value: "0801" } }],
        canonical: true,
        ingress_use_waypoint: true,
        weighted_waypoints: [
          {
            destination: {
              hostname: { namespace: "shop", hostname: "wp.shop.svc.cluster.local" },
              hbone_mtls_port: 15008,
            },
            weight: 90,
          },
          {
            destination: { address: { network: "net", address: "0a000202" }, hbone_mtls_port: 15009 },
            weight: 10,
          },
        ],
        visibility: 1,
      },
    },
    hex: [
      "12dd010a0463617274120473686f701a1b636172742e73686f702e7376632e636c75737465722e6c6f63616c220b0a03",
      "6e657412040a600007220812040a61000018102a07085010903f1801321b7370696666653a2f2f74642f6e732f73686f",
      "702f73612f636172743a10120b0a036e657412040a00020218a17542090a03060102100218014803520e0a016512090a",
      "03742f7812020801580160016a2a0a260a210a0473686f70121977702e73686f702e7376632e636c75737465722e6c6f",
      "63616c18a075105a6a140a10120b0a036e657412040a00020218a175100a7001",
    ],
  },
];
