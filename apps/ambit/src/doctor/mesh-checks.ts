import { readFileSync } from "node:fs";
import { systemClock } from "@ambit/base/clock.ts";
import { CONTROL_PLANE } from "../up/components.ts";
import { readProxies } from "../commands/context.ts";
import type { Check, CheckContext, Finding } from "./check.ts";
import type { CaReport, ConfigDump, PodRow } from "@ambit/contract/admin-api.ts";

/** Share of a lifetime after which a certificate that was not renewed is worth a warning. */
const LATE_SHARE = 0.8;

/** What a running mesh must show. */
export const meshChecks: readonly Check[] = [
  ...CONTROL_PLANE.map((component): Check => ({
    id: `ready-${component}`,
    category: component === "bus" ? "bus" : "control-plane",
    title: `${component} is ready`,
    needsMesh: true,
    run: (context) => readiness(context, component),
  })),
  {
    id: "identity-issuer",
    category: "identity",
    title: "root and intermediate are within their lifetime",
    needsMesh: true,
    run: async (context) =>
      issuerFinding(await context.admin("ca").getJson<CaReport>("/ca"), systemClock.now()),
  },
  {
    id: "identity-bundle",
    category: "identity",
    title: "every proxy trusts the published roots",
    needsMesh: true,
    needsProxies: true,
    run: bundleFinding,
  },
  {
    id: "identity-leaves",
    category: "identity",
    title: "every workload certificate is valid and renewed in time",
    needsMesh: true,
    needsProxies: true,
    run: leafFinding,
  },
  {
    id: "data-ready",
    category: "data-plane",
    title: "every node's proxy is ready",
    needsMesh: true,
    needsProxies: true,
    run: (context) => everyNode(context, (node) => readiness(context, `ztunnel-${node}`)),
  },
  {
    id: "data-sync",
    category: "data-plane",
    title: "every node's proxy is in sync with discovery, nothing rejected",
    needsMesh: true,
    needsProxies: true,
    run: syncFinding,
  },
  {
    id: "data-captured",
    category: "data-plane",
    title: "every pod selected for the mesh is captured",
    needsMesh: true,
    needsProxies: true,
    run: captureFinding,
  },
  {
    id: "data-early",
    category: "data-plane",
    title: "no container sent before it was captured",
    needsMesh: true,
    needsProxies: true,
    run: async (context) =>
      earlyFinding(await context.admin("node-agent").getJson<readonly PodRow[]>("/pods")),
  },
];

async function readiness(context: CheckContext, component: string): Promise<Finding> {
  try {
    await context.admin(component).getText("/healthz/ready");
    return { result: "ok", seen: "ready" };
  } catch (thrown) {
    return { result: "failed", seen: (thrown as Error).message, hint: `npx ambit logs ${component}` };
  }
}

async function everyNode(context: CheckContext, run: (node: string) => Promise<Finding>): Promise<Finding> {
  const nodes = context.record?.nodes ?? [];
  const findings = await Promise.all(nodes.map(run));
  return findings.find((finding) => finding.result !== "ok") ?? { result: "ok", seen: nodes.join(", ") };
}

/** Judges the signing certificates at `now` (milliseconds since the epoch). */
export function issuerFinding(report: CaReport, now: number): Finding {
  for (const certificate of [...report.roots, ...report.intermediates]) {
    const share = lifetimeShare(certificate, now);
    if (share >= 1)
      return {
        result: "failed",
        seen: `${certificate.subject ?? certificate.serial} expired ${certificate.notAfter}`,
        hint: "npx ambit ca rotate --watch",
      };
    if (share > LATE_SHARE)
      return {
        result: "warning",
        seen: `${certificate.subject ?? certificate.serial} ends ${certificate.notAfter}`,
        hint: "npx ambit ca rotate --watch",
      };
  }
  return { result: "ok", seen: `${report.roots.length} root, ${report.intermediates.length} intermediate` };
}

function lifetimeShare(certificate: { notBefore: string; notAfter: string }, now: number): number {
  const from = Date.parse(certificate.notBefore);
  return (now - from) / (Date.parse(certificate.notAfter) - from);
}

function dumpOf(context: CheckContext, node: string): Promise<ConfigDump> {
  return context.admin(`ztunnel-${node}`).getJson<ConfigDump>("/config_dump");
}

async function bundleFinding(context: CheckContext): Promise<Finding> {
  const published =
    readFileSync(context.state.file("trust/root-cert.pem"), "utf8").split("BEGIN CERTIFICATE").length - 1;
  return everyNode(context, async (node) => {
    const dump = await dumpOf(context, node);
    const behind = dump.certificates.find(
      (entry) => entry.state === "Available" && entry.rootCerts.length !== published,
    );
    return behind === undefined
      ? { result: "ok", seen: `${published} roots` }
      : {
          result: "warning",
          seen: `${node}: ${behind.identity} has ${behind.rootCerts.length} of ${published} roots`,
          hint: "during a rotation this passes by itself",
        };
  });
}

function leafFinding(context: CheckContext): Promise<Finding> {
  const now = systemClock.now();
  return everyNode(context, async (node) => {
    const dump = await dumpOf(context, node);
    for (const entry of dump.certificates) {
      const [leaf] = entry.certChain;
      if (leaf === undefined)
        return {
          result: "failed",
          seen: `${node}: ${entry.identity}: ${entry.state}`,
          hint: `npx ambit logs ztunnel-${node}`,
        };
      const share = lifetimeShare({ notBefore: leaf.validFrom, notAfter: leaf.expirationTime }, now);
      if (share >= 1)
        return { result: "failed", seen: `${node}: ${entry.identity} expired`, hint: "npx ambit logs ca" };
      if (share > LATE_SHARE)
        return {
          result: "warning",
          seen: `${node}: ${entry.identity} is renewed late`,
          hint: "npx ambit logs ca",
        };
    }
    return { result: "ok", seen: node };
  });
}

async function syncFinding(context: CheckContext): Promise<Finding> {
  const proxies = await readProxies(context);
  for (const node of context.record?.nodes ?? []) {
    const proxy = proxies.find((row) => row.name.startsWith(`ztunnel-${node}`));
    if (proxy === undefined)
      return {
        result: "failed",
        seen: `ztunnel-${node} is not connected`,
        hint: `npx ambit logs ztunnel-${node}`,
      };
    const rejected = proxy.types.find((type) => (type.nack ?? "") !== "");
    if (rejected !== undefined)
      return {
        result: "failed",
        seen: `${proxy.name} rejected ${rejected.name}: ${rejected.nack}`,
        hint: "npx ambit proxy-status -v",
      };
  }
  return { result: "ok", seen: `${proxies.length} connected` };
}

async function captureFinding(context: CheckContext): Promise<Finding> {
  const pods = await context.admin("node-agent").getJson<readonly PodRow[]>("/pods");
  const pending = pods.filter((pod) => pod.redirection === "pending");
  if (pending.length > 0) {
    return {
      result: "failed",
      seen: `pending: ${pending.map((pod) => pod.name).join(", ")}`,
      hint: "npx ambit logs node-agent",
    };
  }
  const captured = pods.filter((pod) => pod.redirection === "enabled").length;
  return { result: "ok", seen: `${captured} of ${pods.length} pods are in the mesh` };
}

/** Judges what pods sent before they were captured: what has left in plaintext cannot be called back, so it warns. */
export function earlyFinding(pods: readonly Pick<PodRow, "name" | "early">[]): Finding {
  const early = pods.flatMap(({ name, early: sent }) =>
    sent === undefined ? [] : `${name} (${sent.bytes} bytes, ${sent.reason})`,
  );
  if (early.length === 0) return { result: "ok", seen: "none did" };
  return {
    result: "warning",
    seen: early.join(", "),
    hint: "recreate them while the node agent runs; a holder owns the network where no packet may leave early, PeerAuthentication STRICT refuses it at its peers",
  };
}
