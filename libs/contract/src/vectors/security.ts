import type { Vector } from "./vector.ts";

/** Vectors of `istio.security`: every field once, and the three neighbouring empties. */
export const SECURITY_VECTORS: readonly Vector[] = [
  {
    message: "istio.security.Authorization",
    what: "every field",
    value: {
      name: "p",
      namespace: "shop",
      scope: 2,
      action: 1,
      groups: [
        {
          rules: [
            {
              matches: [
                {
                  namespaces: [{ exact: "a" }, { prefix: "b" }, { suffix: "c" }, { presence: {} }],
                  not_namespaces: [{ exact: "bad" }],
                  principals: [{ exact: "td/ns/web/sa/web" }],
                  not_principals: [{ presence: {} }],
                  source_ips: [{ address: "0a000000", length: 8 }],
                  not_source_ips: [{ address: "0a000005", length: 32 }],
                  destination_ips: [{ address: "fd000000000000000000000000000000", length: 8 }],
                  not_destination_ips: [{ address: "0a000000", length: 8 }],
                  destination_ports: [80, 8080],
                  not_destination_ports: [9090],
                  service_accounts: [{ namespace: "web", serviceAccount: "web" }],
                  not_service_accounts: [{ namespace: "shop", serviceAccount: "x" }],
                  extensions: [{ name: "e", config: { type_url: "t/x", value: "0801" } }],
                },
              ],
            },
          ],
        },
      ],
      dry_run: true,
      extensions: [{ name: "e", config: { type_url: "t/x", value: "0801" } }],
    },
    hex: [
      "0a0170120473686f70180220012a9c010a99011296010a030a01610a031201620a031a01630a02220012050a03626164",
      "1a120a1074642f6e732f7765622f73612f776562220222002a080a040a000000100832080a040a00000510203a140a10",
      "fd000000000000000000000000000000100842080a040a00000010084a0350903f520282475a0a0a0377656212037765",
      "6262090a0473686f701201786a0e0a016512090a03742f781202080130013a0e0a016512090a03742f7812020801",
    ],
  },
  {
    message: "istio.security.Authorization",
    what: "no group",
    value: { name: "p", namespace: "shop" },
    hex: ["0a0170120473686f70"],
  },
  {
    message: "istio.security.Authorization",
    what: "an empty group, an empty clause, an empty match",
    value: { name: "p", groups: [{}, { rules: [{}] }, { rules: [{ matches: [{}] }] }] },
    hex: ["0a01702a002a020a002a040a021200"],
  },
];
