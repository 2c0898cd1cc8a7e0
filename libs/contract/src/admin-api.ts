/**
 * What the parts of the mesh answer on their admin servers (`ADMIN_SOCKET`), as JSON:
 *
 * | part | path | answer |
 * | --- | --- | --- |
 * | node-agent | GET /pods | PodRow[] |
 * | node-agent | GET /forwards | Forward[] |
 * | ca | GET /ca | CaReport |
 * | ca | POST /rotate | text |
 * | ca | GET /rotation | RotationReport |
 * | ca | GET /replica | ReplicaReport |
 * | discovery | GET /status | DiscoveryStatus |
 * | discovery | GET /proxies | ProxyRow[] |
 * | discovery | POST /explain {from, to, port} | Explanation |
 * | discovery | GET /whois?q=ADDRESS | WhoisAnswer[] |
 * | ztunnel | GET /config_dump | ConfigDump (Istio's key names) |
 * | ztunnel | GET /drained | DrainReport, once it has drained |
 * | supervisor | POST /upgrade {node} | UpgradeReport |
 * | supervisor | GET /upgrade?node=NODE | UpgradeReport |
 *
 * Every part also answers GET /healthz/ready, GET /metrics and POST /logging.
 */

/** One pod as the node agent reports it. */
export interface PodRow {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly ip: string;
  readonly serviceAccount: string;
  /** Name of the Deployment, StatefulSet or Pod it belongs to. */
  readonly owner: string;
  readonly phase: string;
  readonly ready: boolean;
  readonly restarts: number;
  /** `enabled`, `pending` or empty. */
  readonly redirection: string;
  /** Path of the pod's network namespace inside the sandbox; empty in loopback mode. */
  readonly netnsPath: string;
  /** Process that keeps the pod's mount namespace, as seen inside the sandbox; 0 when there is none. */
  readonly holderPid: number;
  /** What a container sent before it was captured; absent when that is nothing, or not known. */
  readonly early?: EarlySend;
}

/** Packets of a container that left in plaintext before its capture. */
export interface EarlySend {
  /**
   * Why nothing held them: `away` it ran before the node agent did, `unseen` its namespace was not seen as it appeared,
   * `failed` the rules that hold it could not be loaded, `late` they came after its first packet.
   */
  readonly reason: "away" | "unseen" | "failed" | "late";
  /** TCP connections it had opened or accepted by then, those over loopback among them. */
  readonly connections: number;
  /** Bytes of IP packets it had sent by then to others than itself. */
  readonly bytes: number;
}

/** One connected proxy as discovery reports it. */
export interface ProxyRow {
  readonly name: string;
  readonly cluster: string;
  readonly version: string;
  readonly types: readonly { readonly name: string; readonly state: string; readonly nack?: string }[];
}

/** What the ca's admin server reports. */
export interface CaReport {
  readonly roots: readonly CaCertificate[];
  readonly intermediates: readonly CaCertificate[];
  readonly issued: readonly (CaCertificate & {
    readonly identity: string;
    /** Who keeps the key: `namespace/account/pod`, or `self` for the ca. */
    readonly holder: string;
    /** Empty when the holder is bound to no node. */
    readonly node: string;
    /** Fingerprint of the intermediate that signed. */
    readonly issuer: string;
  })[];
}

export interface CaCertificate {
  readonly subject?: string;
  readonly serial: string;
  readonly fingerprint?: string;
  /** ISO times. */
  readonly notBefore: string;
  readonly notAfter: string;
  /** Whether new certificates are signed with it. */
  readonly active?: boolean;
}

/** How far a rotation is. */
export interface RotationReport {
  readonly phase: string;
  readonly detail: string;
  readonly done: boolean;
}

/** One ca among those that share a state. */
export interface ReplicaReport {
  /** 1 for the first one. */
  readonly slot: number;
  /** Whether it makes and rotates the roots and publishes them; one does. */
  readonly leads: boolean;
}

/** How a proxy's drain ended. */
export interface DrainReport {
  /** Connections that were still open at the deadline. */
  readonly cut: number;
  readonly durationMs: number;
}

/** How far the exchange of a node's proxy is. */
export interface UpgradeReport {
  readonly node: string;
  /** Pod names of the proxy that served and of the one that takes over. */
  readonly from: string;
  readonly to: string;
  readonly phase: "starting" | "draining" | "done" | "failed";
  readonly detail: string;
  readonly done: boolean;
  /** From the start of the new proxy until it was ready; undefined until then. */
  readonly readyMs?: number;
  /** How long the old one drained, and what it had to cut; undefined until it has ended, or when it did not say. */
  readonly drainMs?: number;
  readonly cut?: number;
}

/** Discovery's answer: the decision of the proxy's own evaluator and how it came about. */
export interface Explanation {
  readonly allow: boolean;
  readonly message: string;
  readonly policy?: string;
  readonly from: {
    readonly name: string;
    readonly namespace: string;
    readonly identity?: string;
    readonly ip: string;
  };
  readonly to: {
    readonly name: string;
    readonly namespace: string;
    readonly ip: string;
    readonly port: number;
  };
  /** Ordered: every policy considered, and what decided it. */
  readonly steps: readonly {
    readonly policy: string;
    readonly action: string;
    readonly matched: boolean;
    readonly detail: string;
  }[];
}

/** What discovery knows about an address or a name. */
export interface WhoisAnswer {
  readonly kind: "workload" | "service";
  readonly name: string;
  readonly namespace: string;
  readonly identity?: string;
  readonly node?: string;
  readonly addresses: readonly string[];
  readonly protocol?: string;
  readonly services?: readonly string[];
  readonly policies?: readonly string[];
}

/** Conditions and mistakes of one resource, as discovery reports them. */
export interface ResourceStatus {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly conditions: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason: string;
    readonly message: string;
  }[];
}

export interface SourceDiagnostic {
  readonly code: string;
  readonly severity: "error" | "warning" | "info";
  readonly message: string;
  readonly file: string;
  readonly line: number;
  readonly field?: string;
  readonly remedy?: string;
}

/** Discovery's `/status`. */
export interface DiscoveryStatus {
  readonly resources: readonly ResourceStatus[];
  readonly diagnostics: readonly SourceDiagnostic[];
}

/** A port of the mesh published on the machine's loopback. */
export interface Forward {
  readonly name: string;
  readonly hostPort: number;
  /** Unix socket whose connections the node agent carries to the target. */
  readonly socketPath: string;
  /** What is published, for people. */
  readonly target: string;
}

/** The parts of a node proxy's `/config_dump` that the command reads; Istio's key names. */
export interface ConfigDump {
  readonly workloads: readonly DumpWorkload[];
  readonly services: readonly DumpService[];
  readonly policies: readonly DumpPolicy[];
  readonly certificates: readonly DumpCertificate[];
  readonly workloadState: Readonly<Record<string, DumpPod>>;
}

export interface DumpWorkload {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly workloadIps: readonly string[];
  readonly protocol: string;
  readonly node?: string;
  readonly waypoint?: { readonly destination: string };
  readonly canonicalName?: string;
  readonly status?: string;
}

export interface DumpService {
  readonly name: string;
  readonly namespace: string;
  readonly hostname: string;
  /** `network/ip`. */
  readonly vips: readonly string[];
  readonly ports: Readonly<Record<string, number>>;
  readonly endpoints: Readonly<Record<string, { readonly workloadUid: string; readonly status: string }>>;
  readonly waypoint?: { readonly destination: string };
}

export interface DumpPolicy {
  readonly name: string;
  readonly namespace: string;
  readonly action: string;
  readonly scope: string;
}

export interface DumpCertificateEntry {
  readonly serialNumber: string;
  readonly validFrom: string;
  readonly expirationTime: string;
}

export interface DumpCertificate {
  readonly identity: string;
  readonly state: string;
  readonly certChain: readonly DumpCertificateEntry[];
  readonly rootCerts: readonly DumpCertificateEntry[];
}

export interface DumpConnection {
  readonly src: string;
  readonly originalDst?: string;
  readonly actualDst: string;
  readonly protocol: string;
}

export interface DumpPod {
  readonly state: string;
  readonly info: { readonly name: string; readonly namespace: string; readonly serviceAccount: string };
  readonly connections?: {
    readonly inbound: readonly DumpConnection[];
    readonly outbound: readonly DumpConnection[];
  };
}
