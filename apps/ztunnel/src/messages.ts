import type { LogLevel } from "@ambit/base/logger.ts";
import type { TypeUrl } from "@ambit/contract/type-urls.ts";
import type { DriverPreference } from "@ambit/io/choose-driver.ts";
import type { WorkloadCertificate } from "@ambit/identity/certificate.ts";
import type { PodIdentity } from "@ambit/store/local-workload.ts";

/** What a data thread decides by; the same for its whole life. */
export interface DataSettings {
  readonly clusterId: string;
  /** The network this proxy is in. */
  readonly network: string;
  readonly clusterDomain: string;
  readonly ipv6: boolean;
  /** Unknown destinations are asked for instead of passed through at once. */
  readonly onDemand: boolean;
  readonly dnsProxy: boolean;
  /** `ip` or `ip:port` of resolvers; the process's own resolv.conf when empty. */
  readonly dnsUpstreams: readonly string[];
  readonly preferredNamespace: string | undefined;
  /** SO_MARK of every socket, so that the redirect rules leave them alone. */
  readonly mark: number;
  readonly reusePort: boolean;
  /** Congestion control between the proxy and the workloads of its node; undefined leaves the host's. */
  readonly localCongestionControl: string | undefined;
  /** Connect to applications from the client's address: try, must, never. */
  readonly originalSource: "auto" | "true" | "false";
  readonly localhostAppTunnel: boolean;
  readonly responseBaggage: boolean;
  readonly poolStreams: number;
  readonly poolIdleMs: number;
  readonly accessLog: boolean;
  readonly logFormat: "text" | "json";
}

/** What a data thread is born with. */
export interface DataThreadOptions {
  readonly driver: DriverPreference;
  readonly settings: DataSettings;
  readonly logLevel: LogLevel;
  /** 0 for the first; it alone answers DNS over UDP where ports cannot be shared. */
  readonly index: number;
}

/** A pod whose traffic is to be carried. The descriptor stays the main thread's. */
export interface PodAnnouncement {
  /** Unique in this process: a pod that comes back in another namespace is another one. */
  readonly id: number;
  /** Kubernetes' pod UID. */
  readonly uid: string;
  readonly identity: PodIdentity;
  /** A descriptor of the pod's network namespace. */
  readonly namespaceFd: number;
}

/** Levels of all scopes and of single ones. */
export interface Levels {
  readonly level: LogLevel;
  readonly scopes: Readonly<Record<string, LogLevel>>;
}

/** Main thread to data thread; order is kept. */
export type ToData =
  /** One accepted part of a discovery response: bytes that decoded without fault on the main thread. */
  | {
      readonly kind: "resources";
      readonly typeUrl: TypeUrl;
      readonly resources: readonly Uint8Array[];
      readonly removed: readonly string[];
    }
  | { readonly kind: "certificate"; readonly certificate: WorkloadCertificate }
  | { readonly kind: "certificate-failed"; readonly identity: string; readonly error: string }
  | { readonly kind: "certificate-gone"; readonly identity: string }
  /** An on-demand key was answered, whatever the answer. */
  | { readonly kind: "key-answered"; readonly key: string }
  | { readonly kind: "pod-add"; readonly pod: PodAnnouncement }
  /** Listeners close at once, connections get `drainMs`; answered with `pod-gone`. */
  | { readonly kind: "pod-del"; readonly id: number; readonly drainMs: number }
  | { readonly kind: "drain"; readonly drainMs: number }
  | { readonly kind: "scrape"; readonly request: number }
  | { readonly kind: "connections"; readonly request: number }
  | { readonly kind: "levels"; readonly levels: Levels };

/** Data thread to main thread; order is kept. */
export type FromData =
  | { readonly kind: "ready"; readonly driver: string }
  | { readonly kind: "want-certificate"; readonly identity: string }
  | { readonly kind: "want-key"; readonly key: string }
  | { readonly kind: "pod-added"; readonly id: number; readonly error: string | undefined }
  | { readonly kind: "pod-gone"; readonly id: number }
  /** Finished lines of the access log, many at once. */
  | { readonly kind: "access"; readonly lines: string }
  | {
      readonly kind: "log";
      readonly level: Exclude<LogLevel, "off">;
      readonly scope: string;
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: "scraped"; readonly request: number; readonly samples: readonly MetricSample[] }
  | {
      readonly kind: "connections";
      readonly request: number;
      readonly pods: readonly PodConnections[];
    }
  /** `cut` connections were still open at the deadline. */
  | { readonly kind: "drained"; readonly cut: number };

/** One time series of a data thread. Histograms come as their `_bucket`, `_sum` and `_count` counters. */
export interface MetricSample {
  readonly name: string;
  /** Values in the order of the metric's label names. */
  readonly labels: readonly string[];
  readonly value: number;
}

/** One open connection, addresses as `ip:port`. */
export interface ConnectionRow {
  readonly src: string;
  readonly originalDst: string;
  readonly actualDst: string;
  readonly protocol: "HBONE" | "TCP";
}

export interface PodConnections {
  readonly uid: string;
  readonly inbound: readonly ConnectionRow[];
  readonly outbound: readonly ConnectionRow[];
}
