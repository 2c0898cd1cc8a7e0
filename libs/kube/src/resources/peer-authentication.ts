import { dictionary, oneOf } from "../scalars.ts";
import { optional, record, withDefault, type Path, type Report, type Schema } from "../schema.ts";
import type { Definition, Resource } from "./definition.ts";
import { policySelector, type PolicySelector } from "./policy-target.ts";

export type MtlsMode = "UNSET" | "DISABLE" | "PERMISSIVE" | "STRICT";

/** security.istio.io PeerAuthentication. */
export interface PeerAuthentication extends Resource<"PeerAuthentication"> {
  readonly spec: {
    readonly selector: PolicySelector | undefined;
    readonly mode: MtlsMode;
    /** Port on the workload to its mode. */
    readonly portLevelMtls: ReadonlyMap<number, MtlsMode>;
  };
}

const mtls: Schema<{ readonly mode: MtlsMode }> = record({
  mode: withDefault(oneOf(["UNSET", "DISABLE", "PERMISSIVE", "STRICT"]), () => "UNSET" as const),
});

function portKey(key: string, path: Path, report: Report): boolean {
  const number = Number(key);
  if (/^[0-9]{1,5}$/.test(key) && number >= 1 && number <= 65_535) return true;
  report.add(
    "AMB0007",
    path,
    `"${key.slice(0, 40)}" is no port`,
    "use the port of the workload, 1 to 65535",
    {
      at: "key",
    },
  );
  return false;
}

const spec: Schema<PeerAuthentication["spec"]> = (value, path, report) => {
  const read = record({
    selector: optional(policySelector),
    mtls: optional(mtls),
    portLevelMtls: optional(dictionary(mtls, portKey)),
  })(value, path, report);
  if (read === undefined) return undefined;
  const ports = Object.entries(read.portLevelMtls ?? {}).map(
    ([port, setting]) => [Number(port), setting.mode] as const,
  );
  if (ports.length > 0 && read.selector === undefined) {
    report.add(
      "AMB0110",
      { parent: path, key: "portLevelMtls" },
      "port settings without a selector have no effect",
      "add spec.selector",
      { at: "key" },
    );
  }
  return {
    selector: read.selector,
    mode: read.mtls?.mode ?? "UNSET",
    portLevelMtls: new Map(ports.sort(([left], [right]) => left - right)),
  };
};

const EMPTY_SPEC: PeerAuthentication["spec"] = {
  selector: undefined,
  mode: "UNSET",
  portLevelMtls: new Map(),
};

export const peerAuthenticationDefinition: Definition<PeerAuthentication> = {
  kind: "PeerAuthentication",
  apiVersions: ["security.istio.io/v1", "security.istio.io/v1beta1"],
  namespaced: true,
  strict: true,
  body: record({ spec: withDefault(spec, () => EMPTY_SPEC) }, { ignored: ["status"] }),
};
