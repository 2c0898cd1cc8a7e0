import type { TargetFactory } from "./target.ts";

interface TargetEntry {
  readonly load: () => Promise<{ create: TargetFactory }>;
  /** Inputs of the short run: about a second on a slow machine. */
  readonly shortRun: number;
}

/** Every target by name. */
export const TARGETS: Readonly<Record<string, TargetEntry>> = {
  h2: { load: () => import("./targets/h2.ts"), shortRun: 1_500 },
  hpack: { load: () => import("./targets/hpack.ts"), shortRun: 6_000 },
  connect: { load: () => import("./targets/connect.ts"), shortRun: 1_500 },
  headers: { load: () => import("./targets/headers.ts"), shortRun: 10_000 },
  dns: { load: () => import("./targets/dns.ts"), shortRun: 3_000 },
  csr: { load: () => import("./targets/csr.ts"), shortRun: 1_000 },
  jwt: { load: () => import("./targets/jwt.ts"), shortRun: 1_000 },
  yaml: { load: () => import("./targets/yaml.ts"), shortRun: 300 },
  hints: { load: () => import("./targets/hints.ts"), shortRun: 1_000 },
  xds: { load: () => import("./targets/xds.ts"), shortRun: 5_000 },
  responses: { load: () => import("./targets/responses.ts"), shortRun: 1_000 },
  requests: { load: () => import("./targets/requests.ts"), shortRun: 3_000 },
  snapshot: { load: () => import("./targets/snapshot.ts"), shortRun: 2_000 },
  zds: { load: () => import("./targets/zds.ts"), shortRun: 10_000 },
  broker: { load: () => import("./targets/broker.ts"), shortRun: 5_000 },
};
