import { parseCidr } from "@ambit/base/ip.ts";
import type { Cidr } from "@ambit/base/ip.ts";
import type { ServiceAccountMatch, StringMatch } from "@ambit/model/policy.ts";

/** `*` is presence, `*x` a suffix, `x*` a prefix, `x` exact; undefined for an empty text or a second wildcard. */
export function readStringMatch(text: string): StringMatch | undefined {
  if (text === "*") return { kind: "presence" };
  const suffix = text.startsWith("*");
  const prefix = text.endsWith("*");
  const value = text.slice(suffix ? 1 : 0, prefix ? -1 : undefined);
  if (value === "" || (suffix && prefix)) return undefined;
  if (suffix) return { kind: "suffix", value };
  return prefix ? { kind: "prefix", value } : { kind: "exact", value };
}

/** `namespace/name`, or `name` in the policy's own namespace; wildcards are not known here. */
export function readServiceAccount(text: string, policyNamespace: string): ServiceAccountMatch | undefined {
  if (!/^([^/*]+\/)?[^/*]+$/.test(text)) return undefined;
  const [first = "", second] = text.split("/");
  return second === undefined
    ? { namespace: policyNamespace, serviceAccount: first }
    : { namespace: first, serviceAccount: second };
}

/** A decimal port, 1 to 65535. */
export function readPort(text: string): number | undefined {
  if (!/^[1-9][0-9]{0,4}$/.test(text)) return undefined;
  const port = Number(text);
  return port <= 65_535 ? port : undefined;
}

/** An address or a block of addresses. */
export function readBlock(text: string): Cidr | undefined {
  return parseCidr(text);
}
