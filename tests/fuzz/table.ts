import type { TargetFactory } from "./target.ts";

interface TargetEntry {
  readonly load: () => Promise<{ create: TargetFactory }>;
  /** Inputs of the short run: well below a second of work. */
  readonly shortRun: number;
}

/** Every target by name. */
export const TARGETS: Readonly<Record<string, TargetEntry>> = {
  h2: { load: () => import("./targets/h2.ts"), shortRun: 1_000 },
  hpack: { load: () => import("./targets/hpack.ts"), shortRun: 3_000 },
  connect: { load: () => import("./targets/connect.ts"), shortRun: 1_000 },
  headers: { load: () => import("./targets/headers.ts"), shortRun: 5_000 },
  dns: { load: () => import("./targets/dns.ts"), shortRun: 1_500 },
  "dns-tcp": { load: () => import("./targets/dns-tcp.ts"), shortRun: 1_000 },
  csr: { load: () => import("./targets/csr.ts"), shortRun: 500 },
  jwt: { load: () => import("./targets/jwt.ts"), shortRun: 500 },
  yaml: { load: () => import("./targets/yaml.ts"), shortRun: 200 },
  hints: { load: () => import("./targets/hints.ts"), shortRun: 500 },
  xds: { load: () => import("./targets/xds.ts"), shortRun: 2_500 },
  responses: { load: () => import("./targets/responses.ts"), shortRun: 500 },
  requests: { load: () => import("./targets/requests.ts"), shortRun: 1_500 },
  snapshot: { load: () => import("./targets/snapshot.ts"), shortRun: 1_000 },
  zds: { load: () => import("./targets/zds.ts"), shortRun: 5_000 },
  broker: { load: () => import("./targets/broker.ts"), shortRun: 2_500 },
};
