/** Whether a pod's traffic goes through the node proxy; the value of the annotation `ambient.istio.io/redirection`. */
export type Redirection = "enabled" | "pending" | "";

/** A pod as the mesh sees it: who it is and where its network namespace lies. */
export interface PodSandbox {
  /** The Kubernetes pod UID. */
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly node: string;
  /** File of the network namespace; stays valid until `removed` has resolved. */
  readonly netnsPath: string;
  /** The primary address first. */
  readonly ips: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly namespaceLabels: Readonly<Record<string, string>>;
  readonly hostNetwork: boolean;
  /** True once the pod's own processes may be running. */
  readonly started: boolean;
  /**
   * Loopback address of a resolver inside the pod's own namespace, to which its lookups go. What that resolver asks
   * others itself is left alone. Undefined where pods ask a resolver outside.
   */
  readonly localResolver?: string;
}

/** What the mesh wants to be told about pods. Calls about one pod come in order. */
export interface PodEvents {
  /**
   * The namespaces of a pod are there. Resolves when its processes may start: at once for a pod outside the mesh,
   * after its capture is complete for one inside. Never rejects; it resolves early when the pod is removed meanwhile.
   */
  added(pod: PodSandbox): Promise<void>;
  /** Labels or annotations of the pod or of its namespace changed. */
  changed(pod: PodSandbox): void;
  /** The pod's processes have ended. Resolves when the mesh holds on to nothing of it. */
  removed(uid: string): Promise<void>;
}

/**
 * Where pods come from. What the node agent does for the mesh is the same everywhere; platforms differ in how they
 * find namespaces and in where a pod's annotation is written.
 */
export interface Platform {
  /** Resolves when the present pods have been handed to `events`; their capture may go on. */
  start(events: PodEvents): Promise<void>;
  /** Ends what the platform runs; resolves when nothing is left, at the latest soon after the deadline. */
  stop(deadline: AbortSignal): Promise<void>;
  /** Publishes how far the capture of a pod is, for discovery and for people. */
  annotate(uid: string, redirection: Redirection): void;
}
