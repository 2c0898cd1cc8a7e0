import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { admin } from "../admin.ts";
import { part, SCRIPTS } from "../processes.ts";
import { SERVED, type Row } from "../row.ts";
import { works } from "../tunnel.ts";
import { eventually, wait } from "../wait.ts";
import type { World } from "../world.ts";
import { CONTROL_TWINS } from "./control.ts";

const HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: hostile\n  namespace: default\n";

/** What must be as it was when the hostile file has gone: pods, and what the target's proxy knows. */
async function known(world: World): Promise<string> {
  const pods = readdirSync(join(world.state, "cluster/pods")).toSorted();
  const text = await admin(world, `ztunnel-${world.target.node}`, "/config_dump");
  if (text === "") return "no config dump";
  const dump = JSON.parse(text) as Readonly<Record<string, unknown>>;
  return JSON.stringify([pods, dump["workloads"], dump["services"], dump["policies"]]);
}

/**
 * A manifest that somebody hostile may write: discovery lives, answers, and what was there before stays. `changes`:
 * whether what the file says may be visible while it is there.
 */
function manifest(id: string, name: string, text: (scale: number) => string, changes = false): Row {
  return {
    id,
    name,
    attacker: "puts a hostile manifest among the others",
    expected: [SERVED],
    attack: async (world, scale) => {
      const path = join(world.manifests, "hostile.yaml");
      const discovery = part(SCRIPTS.discovery);
      const before = await known(world);
      writeFileSync(path, text(scale));
      await wait(600);
      try {
        if (part(SCRIPTS.discovery) !== discovery) return "discovery ended";
        const answered = await eventually(() => CONTROL_TWINS.xds(world), 5_000);
        if (answered !== SERVED) return answered;
        if (!changes && (await known(world)) !== before) return "something changed";
      } finally {
        rmSync(path, { force: true });
      }
      const same = async (): Promise<string> => ((await known(world)) === before ? SERVED : "not as before");
      const after = await eventually(same, 10_000);
      return after === SERVED ? works(world) : after;
    },
    twin: works,
  };
}

function documents(...texts: readonly string[]): string {
  return texts.join("\n---\n");
}

const GATEWAY = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: hostile
  namespace: default
  annotations: { networking.istio.io/service-type: "LoadBalancer\\n---\\nkind: Pod" }
spec:
  gatewayClassName: istio-waypoint
  infrastructure:
    labels: { "istio.io/dataplane-mode": none, app: myapp }
    parametersRef: { group: "", kind: ConfigMap, name: hostile }
  listeners:
  - { name: mesh, port: 15008, protocol: HBONE }
`;

const PARAMETERS = `apiVersion: v1
kind: ConfigMap
metadata: { name: hostile, namespace: default }
data:
  deployment: |
    spec: { template: { spec: { hostNetwork: true, serviceAccountName: ca, containers: [{ name: x, image: "myapp:latest", securityContext: { privileged: true } }] } } }
`;

const CODE = [
  [
    "EnvoyFilter",
    "networking.istio.io/v1alpha3",
    `configPatches: [{ applyTo: HTTP_FILTER, patch: { operation: ADD, value: { inlineCode: "os.execute('id')" } } }]`,
  ],
  ["WasmPlugin", "extensions.istio.io/v1alpha1", "url: file:///etc/passwd"],
  [
    "ProxyConfig",
    "networking.istio.io/v1beta1",
    "environmentVariables: { NODE_OPTIONS: --require=/tmp/x.js }",
  ],
] as const;

function policy(name: string, rules: string): string {
  return `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ${name}, namespace: elsewhere }
spec:
  action: DENY
  rules:
${rules}`;
}

/** A service of a namespace nobody uses, or a policy of it, by chance. */
function piece(index: number, round: number): string {
  const host = `churn-${index}.elsewhere.example`;
  const kinds = [
    `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: churn-${index}, namespace: elsewhere }
spec: { hosts: ["${host}"], location: MESH_INTERNAL, resolution: STATIC, addresses: [240.9.${index}.${1 + (round % 200)}], ports: [{ number: ${80 + (round % 7)}, name: tcp, protocol: TCP }], endpoints: [{ address: 10.99.${round % 250}.${index} }] }`,
    `apiVersion: v1
kind: Service
metadata: { name: churn-${index}, namespace: elsewhere }
spec: { selector: { app: "churn-${round % 5}" }, ports: [{ port: ${1000 + (round % 9)} }] }`,
    policy(`churn-${index}`, `  - from: [{ source: { ipBlocks: ["10.${round % 250}.0.0/16"] } }]\n`),
    `apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: churn-${index}, namespace: elsewhere }
spec: { address: 10.98.${index}.${1 + (round % 250)}, labels: { app: churn-${round % 5} }, serviceAccount: x }`,
  ];
  return kinds[(index * 7 + round * 3) % kinds.length] ?? "";
}

const CHURNED = 60;

/** Hostile manifests: what they may not do to discovery, to the mesh's state, and to the proxies. */
export const CONFIG: readonly Row[] = [
  manifest(
    "M2a",
    "names of Object.prototype",
    () =>
      `${HEAD}  annotations: { __proto__: { x: "1" }, constructor: "2" }\n__proto__: { polluted: true }\n`,
  ),
  manifest("M2b", "a merge key", () => `a: &a { __proto__: { polluted: true } }\n<<: *a\n${HEAD}`),
  manifest(
    "M1c",
    "labels, services and policies named like Object.prototype",
    () =>
      documents(
        `apiVersion: v1\nkind: Service\nmetadata: { name: constructor, namespace: __proto__, labels: { __proto__: x } }\nspec: { selector: { toString: hasOwnProperty }, ports: [{ name: valueOf, port: 80 }] }`,
        policy(
          "__proto__",
          `  - from: [{ source: { principals: ["__proto__", "constructor"] } }]\n    when: [{ key: __proto__, values: [x] }]\n`,
        ),
      ),
    true,
  ),
  manifest("M3-yaml", "colliding keys", (scale) => {
    const keys = Array.from(
      { length: Math.max(100_000 * scale, 20_000) },
      (_, index) => `  "${index * 65_536}": x`,
    );
    return `${HEAD}data:\n${keys.join("\n")}\n`;
  }),
  manifest("M4", "deep nesting", () => `${HEAD}data: ${"[".repeat(100_000)}\n`),
  manifest(
    "E10a",
    "deep nesting of JSON",
    () => `${HEAD}data: ${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}\n`,
  ),
  manifest("E10b", "merge keys on merge keys", () => {
    const merges = Array.from(
      { length: 1_500 },
      (_, index) => `k${index + 1}: &k${index + 1} { <<: *k${index}, a${index}: 1 }`,
    );
    return `k0: &k0 { a: 1 }\n${merges.join("\n")}\n${HEAD}`;
  }),
  manifest("E10c", "an ordered map of many", () => {
    const pairs = Array.from({ length: 20_000 }, (_, index) => `- k${index}: v`);
    return `${HEAD}data: !!omap\n${pairs.join("\n")}\n`;
  }),
  manifest("H2", "a manifest of 20 MiB", () => `${HEAD}data: { x: "${"y".repeat(20 * 1024 * 1024)}" }\n`),
  manifest("H2b", "an alias bomb", () => {
    const levels = Array.from(
      { length: 12 },
      (_, index) => `l${index + 1}: &l${index + 1} [${`*l${index},`.repeat(9)}]`,
    );
    return `l0: &l0 [x]\n${levels.join("\n")}\n${HEAD}`;
  }),
  manifest(
    "H2c",
    "patterns of a megabyte in every field",
    () => {
      const long = `(${"a*".repeat(60_000)})*b`;
      return documents(
        policy(
          "long",
          `  - from: [{ source: { principals: ["${long}"], namespaces: ["${long}"] } }]\n    to: [{ operation: { ports: ["${long}"] } }]\n`,
        ),
        `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: { name: long, namespace: elsewhere }\nspec: { hosts: ["${long}"], http: [{ match: [{ uri: { regex: "${long}" } }], route: [{ destination: { host: x } }] }] }`,
        `apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: { name: long, namespace: elsewhere }\nspec: { hosts: ["${long}.example"], ports: [{ number: 80, name: "${long}", protocol: TCP }] }`,
      );
    },
    true,
  ),
  manifest(
    "F13",
    "a host name with a zero in it",
    () =>
      `apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: { name: zero, namespace: elsewhere }\nspec: { hosts: ["good.example\\0.evil.example"], resolution: DNS, ports: [{ number: 443, name: tls, protocol: TLS }] }\n`,
  ),
  manifest("H7", "a gateway that wants more than a gateway", () => documents(PARAMETERS, GATEWAY), true),
  manifest("H11", "code for proxies", () =>
    documents(
      ...CODE.map(
        ([kind, version, spec]) =>
          `apiVersion: ${version}\nkind: ${kind}\nmetadata: { name: hostile, namespace: default }\nspec: { ${spec} }`,
      ),
    ),
  ),
  {
    id: "H9",
    name: "services and policies that come and go",
    attacker: "adds, changes and removes resources at random, thousands of times; at last all is as it was",
    expected: [SERVED],
    attack: async (world, scale) => {
      const path = join(world.manifests, "churn.yaml");
      const pids = (): string => `${part(SCRIPTS.discovery)} ${part(SCRIPTS.ztunnel, world.target.node)}`;
      const processes = pids();
      const before = await known(world);
      const rounds = Math.max(10, Math.round(170 * scale));
      try {
        for (let round = 0; round < rounds; round++) {
          const present = Array.from({ length: CHURNED }, (_, index) => index).filter(
            (index) => (index * 31 + round * 17) % 10 < 5,
          );
          writeFileSync(path, documents(...present.map((index) => piece(index, round))));
          await wait(round % 5 === 0 ? 150 : 20);
        }
      } finally {
        rmSync(path, { force: true });
      }
      if (pids() !== processes) return "a process ended";
      const same = async (): Promise<string> => ((await known(world)) === before ? SERVED : "not as before");
      const after = await eventually(same, 15_000);
      return after === SERVED ? works(world) : after;
    },
    twin: works,
  },
];
