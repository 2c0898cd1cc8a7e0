import { stringify } from "yaml";

/** One document of YAML from plain values. */
export function yamlDocument(value: unknown): string {
  return stringify(value);
}

/** Several documents in one text. */
export function yamlDocuments(...values: readonly unknown[]): string {
  return values.map((value) => stringify(value)).join("---\n");
}

interface PodOptions {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly ip?: string;
  readonly node?: string;
  readonly serviceAccount?: string;
  readonly ports?: Readonly<Record<string, number>>;
  readonly ready?: boolean;
  /** @default true */
  readonly captured?: boolean;
}

/** A running, ready, captured pod unless said otherwise. */
export function podValue(options: PodOptions): object {
  const { name, namespace = "default", labels = {}, ip = "10.244.1.5", node = "node-a" } = options;
  const ports = Object.entries(options.ports ?? { http: 8080 });
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace,
      labels,
      annotations: options.captured === false ? {} : { "ambient.istio.io/redirection": "enabled" },
    },
    spec: {
      nodeName: node,
      serviceAccountName: options.serviceAccount ?? "default",
      containers: [
        {
          name: "main",
          image: "main:latest",
          ports: ports.map(([portName, containerPort]) => ({ name: portName, containerPort })),
        },
      ],
    },
    status: {
      phase: "Running",
      podIP: ip,
      podIPs: [{ ip }],
      conditions: [{ type: "Ready", status: options.ready === false ? "False" : "True" }],
    },
  };
}

interface ServiceOptions {
  readonly name: string;
  readonly namespace?: string;
  readonly selector?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** A Service on port 80 to the named port `http`. */
export function serviceValue(options: ServiceOptions): object {
  const { name, namespace = "default", selector = { app: options.name } } = options;
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
    spec: { selector, ports: [{ name: "http", port: 80, targetPort: "http" }], ...options.spec },
  };
}

/** An AuthorizationPolicy with the given spec. */
export function policyValue(name: string, spec: object, namespace = "default"): object {
  return {
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: { name, namespace },
    spec,
  };
}
