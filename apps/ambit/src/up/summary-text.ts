import { systemClock } from "@ambit/base/clock.ts";
import { formatAge } from "../format/table.ts";
import { MARK } from "../format/output.ts";
import type { ForwardState } from "./forwards.ts";
import type { SandboxPlan } from "./sandbox.ts";
import type { Summary } from "./summary.ts";

/** Commands worth typing next; every one works as printed. */
const NEXT_MYAPP: readonly string[] = [
  "npx ambit status",
  "npx ambit doctor",
  "npx ambit ping client myapp",
  "npx ambit explain --from client --to myapp --port 80",
  "npx ambit ztunnel-config workload",
  "npx ambit ca rotate --watch",
  "npx ambit down",
];

const NEXT_LOOPBACK: readonly string[] = ["npx ambit status", "npx ambit doctor", "npx ambit down"];

const NEXT_ANY: readonly string[] = [
  "npx ambit status",
  "npx ambit doctor",
  "npx ambit ztunnel-config workload",
  "npx ambit ca rotate --watch",
  "npx ambit down",
];

export interface SummaryExtras {
  readonly sandbox: SandboxPlan;
  readonly forwards: readonly ForwardState[];
  readonly seconds: string;
}

/** The screen after the start: what is up, what flows, what to type next. */
export function summaryText(summary: Summary, extras: SummaryExtras): string {
  const { record, pods } = summary;
  const ready = pods.filter((pod) => pod.ready).length;
  const lines = [
    `mesh up  mode=${record.mode}${record.rootless ? " (rootless)" : ""}  nodes=${record.nodes.length}  pods ${ready}/${pods.length} ready  ${extras.seconds} s`,
    `  ${record.mode === "netns" ? MARK.ok : MARK.warn}  sandbox     ${extras.sandbox.reason}`,
    ...componentLines(summary),
    ...extras.forwards.map((forward) =>
      forward.problem === ""
        ? `  ${MARK.ok}  published   http://127.0.0.1:${forward.hostPort}  ->  ${forward.target}`
        : `  ${MARK.warn}  published   port ${forward.hostPort} (${forward.target}): ${forward.problem}`,
    ),
    ...summary.problems.map(
      ({ component, problem }) => `  ${MARK.fail}  ${component.padEnd(10)}  ${problem}`,
    ),
    ...trafficLines(summary),
    nextSteps(summary),
  ];
  return lines.join("\n");
}

/** One line for the ca, discovery and each node. */
export function componentLines(summary: Summary): readonly string[] {
  const { ca, proxies, nodes } = summary;
  const now = systemClock.now();
  const left = (time: string | undefined): string =>
    time === undefined ? "?" : formatAge(Date.parse(time) - now);
  const lines: string[] = [];
  if (ca !== undefined) {
    lines.push(
      `  ${MARK.ok}  ca          root valid ${left(ca.roots[0]?.notAfter)}, intermediate ${left(ca.intermediates[0]?.notAfter)}, ${ca.issued.length} certificates issued`,
    );
  }
  lines.push(
    `  ${proxies.length >= nodes.length ? MARK.ok : MARK.warn}  discovery   ${proxies.length} proxies in sync`,
  );
  for (const node of nodes) {
    lines.push(
      `  ${MARK.ok}  ${node.name.padEnd(10)}  ${node.captured} workloads captured, ${node.certificates} identities`,
    );
  }
  return lines;
}

/** One line for all traffic, and one per edge. */
export function trafficLines(summary: Summary): readonly string[] {
  const { traffic, record } = summary;
  // The proxy writes its access log to the engine, which this process cannot read.
  if (record.mode === "compose") return ["traffic  docker-compose logs ztunnel"];
  if (traffic === undefined || traffic.edges.length === 0) return ["traffic  none seen in the last 10 s"];
  const percent = (share: number): string => `${(share * 100).toFixed(share === 1 ? 0 : 1)} %`;
  return [
    `traffic  ${traffic.perSecond.toFixed(1)} connections/s  ${percent(traffic.mutualTlsShare)} mTLS  success ${percent(traffic.successShare)}`,
    ...traffic.edges.map((edge) => {
      const across = edge.nodes.map(([from, to]) => (from === to ? from : `${from} -> ${to}`)).join(", ");
      const lock = edge.mutualTls === edge.connections ? "HBONE" : "plaintext seen";
      return `  ${edge.source} -> ${edge.destination}  ${edge.connections} connections  ${lock}  ${edge.replicas.length} replicas answered: ${edge.replicas.join(", ")}  (${across})`;
    }),
  ];
}

function nextSteps(summary: Summary): string {
  const owners = new Set(summary.pods.map((pod) => pod.owner));
  const captured = owners.has("myapp") && owners.has("client") ? NEXT_MYAPP : NEXT_ANY;
  const next = summary.record.mode === "loopback" ? NEXT_LOOPBACK : captured;
  return [
    "next, in another terminal:",
    ...next.map((command) => `  ${command}`),
    "Ctrl-C ends it and leaves nothing behind",
  ].join("\n");
}
