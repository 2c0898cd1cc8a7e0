import { dictionary, flag, integer, list, numberOrText, oneOf, port, text } from "../scalars.ts";
import { optional, record, required, shared, withDefault, type Schema } from "../schema.ts";
import { templateMeta, noLabels, type TemplateMeta } from "./metadata.ts";

export interface ContainerPort {
  /** Empty when the port has no name. */
  readonly name: string;
  readonly containerPort: number;
  readonly protocol: "TCP" | "UDP" | "SCTP";
}

export interface EnvVar {
  readonly name: string;
  readonly value: string;
  /** Set instead of `value` when the value comes from the pod itself, such as `metadata.name`. */
  readonly fieldPath: string | undefined;
}

/** How a probe asks; exactly one form is set in a correct manifest. */
export interface Probe {
  readonly httpGet:
    | {
        readonly path: string;
        /** A number, or the name of a container port. */
        readonly port: number | string;
        readonly host: string | undefined;
        readonly scheme: "HTTP" | "HTTPS";
        readonly httpHeaders: readonly { readonly name: string; readonly value: string }[];
      }
    | undefined;
  readonly tcpSocket: { readonly port: number | string; readonly host: string | undefined } | undefined;
  readonly exec: { readonly command: readonly string[] } | undefined;
  readonly grpc: { readonly port: number; readonly service: string } | undefined;
  readonly initialDelaySeconds: number;
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly workingDir: string | undefined;
  readonly env: readonly EnvVar[];
  readonly ports: readonly ContainerPort[];
  readonly readinessProbe: Probe | undefined;
  readonly livenessProbe: Probe | undefined;
  readonly startupProbe: Probe | undefined;
}

/** The part of a PodSpec the mesh and the local platform read. */
export interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers: readonly Container[];
  readonly nodeName: string;
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** "default" when left out. */
  readonly serviceAccountName: string;
  readonly hostNetwork: boolean;
  readonly hostname: string;
  readonly subdomain: string;
  readonly restartPolicy: "Always" | "OnFailure" | "Never";
  readonly terminationGracePeriodSeconds: number;
}

export interface PodTemplate {
  readonly metadata: TemplateMeta;
  readonly spec: PodSpec;
}

const seconds = integer({ min: 0, max: 2_147_483_647 });
const portReference = numberOrText(port, text({ allowEmpty: false, expected: "the name of a port" }));

const probe: Schema<Probe> = record(
  {
    httpGet: optional(
      record({
        path: withDefault(text(), () => "/"),
        port: required(portReference),
        host: optional(text()),
        scheme: withDefault(oneOf(["HTTP", "HTTPS"]), () => "HTTP" as const),
        httpHeaders: withDefault(list(record({ name: required(text()), value: required(text()) })), () => []),
      }),
    ),
    tcpSocket: optional(record({ port: required(portReference), host: optional(text()) })),
    exec: optional(record({ command: withDefault(list(text()), () => []) })),
    grpc: optional(record({ port: required(port), service: withDefault(text(), () => "") })),
    initialDelaySeconds: withDefault(seconds, () => 0),
    periodSeconds: withDefault(seconds, () => 10),
    timeoutSeconds: withDefault(seconds, () => 1),
    successThreshold: withDefault(seconds, () => 1),
    failureThreshold: withDefault(seconds, () => 3),
  },
  { ignored: ["terminationGracePeriodSeconds"] },
);

const envVar: Schema<EnvVar> = (value, path, report) => {
  const read = record({
    name: required(text()),
    value: withDefault(text(), () => ""),
    valueFrom: optional(
      record(
        {
          fieldRef: optional(record({ fieldPath: required(text()) }, { ignored: ["apiVersion"] })),
        },
        { ignored: ["configMapKeyRef", "secretKeyRef", "resourceFieldRef", "fileKeyRef"] },
      ),
    ),
  })(value, path, report);
  if (read === undefined) return undefined;
  return { name: read.name, value: read.value, fieldPath: read.valueFrom?.fieldRef?.fieldPath };
};

const container: Schema<Container> = record(
  {
    name: required(text({ allowEmpty: false, expected: "a name" })),
    image: withDefault(text(), () => ""),
    command: withDefault(list(text()), () => []),
    args: withDefault(list(text()), () => []),
    workingDir: optional(text()),
    env: withDefault(list(envVar), () => []),
    ports: withDefault(
      list(
        record(
          {
            name: withDefault(text(), () => ""),
            containerPort: required(port),
            protocol: withDefault(oneOf(["TCP", "UDP", "SCTP"]), () => "TCP" as const),
          },
          { ignored: ["hostPort", "hostIP"] },
        ),
      ),
      () => [],
    ),
    readinessProbe: optional(probe),
    livenessProbe: optional(probe),
    startupProbe: optional(probe),
  },
  {
    ignored: [
      "envFrom",
      "imagePullPolicy",
      "lifecycle",
      "resizePolicy",
      "resources",
      "restartPolicy",
      "restartPolicyRules",
      "securityContext",
      "stdin",
      "stdinOnce",
      "terminationMessagePath",
      "terminationMessagePolicy",
      "tty",
      "volumeDevices",
      "volumeMounts",
    ],
  },
);

// Fields of the Kubernetes API (v1.34) that neither the mesh nor the local platform looks at.
const IGNORED_POD_FIELDS = [
  "activeDeadlineSeconds",
  "affinity",
  "automountServiceAccountToken",
  "dnsConfig",
  "dnsPolicy",
  "enableServiceLinks",
  "ephemeralContainers",
  "hostAliases",
  "hostIPC",
  "hostPID",
  "hostUsers",
  "hostnameOverride",
  "imagePullSecrets",
  "os",
  "overhead",
  "preemptionPolicy",
  "priority",
  "priorityClassName",
  "readinessGates",
  "resourceClaims",
  "resources",
  "runtimeClassName",
  "schedulerName",
  "schedulingGates",
  "securityContext",
  "setHostnameAsFQDN",
  "shareProcessNamespace",
  "tolerations",
  "topologySpreadConstraints",
  "volumes",
  "workloadRef",
];

const NO_CONTAINERS: readonly Container[] = Object.freeze([]);

const podSpecFields: Schema<
  Omit<PodSpec, "serviceAccountName"> & {
    readonly serviceAccountName: string | undefined;
    readonly serviceAccount: string | undefined;
  }
> = record(
  {
    containers: required(shared(list(container))),
    initContainers: withDefault(list(container), () => NO_CONTAINERS),
    nodeName: withDefault(text(), () => ""),
    nodeSelector: withDefault(dictionary(text()), noLabels),
    serviceAccountName: optional(text()),
    serviceAccount: optional(text()),
    hostNetwork: withDefault(flag, () => false),
    hostname: withDefault(text(), () => ""),
    subdomain: withDefault(text(), () => ""),
    restartPolicy: withDefault(oneOf(["Always", "OnFailure", "Never"]), () => "Always" as const),
    terminationGracePeriodSeconds: withDefault(seconds, () => 30),
  },
  { ignored: IGNORED_POD_FIELDS },
);

/** Reads a PodSpec; `serviceAccount` is the deprecated alias of `serviceAccountName`. */
export const podSpec: Schema<PodSpec> = (value, path, report) => {
  const read = podSpecFields(value, path, report);
  if (read === undefined) return undefined;
  const { serviceAccount, serviceAccountName, ...rest } = read;
  return {
    ...rest,
    serviceAccountName: nonEmpty(serviceAccountName) ?? nonEmpty(serviceAccount) ?? "default",
  };
};

function nonEmpty(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}

export const podTemplate: Schema<PodTemplate> = record({
  metadata: withDefault(templateMeta, () => ({ labels: noLabels(), annotations: noLabels() })),
  spec: required(podSpec),
});
