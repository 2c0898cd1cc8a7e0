/** What the parent tells a process of proxies. */
export type ToProxies =
  | {
      readonly kind: "start";
      readonly index: number;
      readonly xdsAddress: string;
      readonly trustPath: string;
      readonly tokenPath: string;
    }
  | { readonly kind: "note"; readonly every: number }
  | { readonly kind: "report" }
  | { readonly kind: "stop" };

/** Name of a resource, and milliseconds since the epoch with fractions. */
export type Arrival = readonly [name: string, at: number];

/** What a process of proxies answers. */
export type FromProxies =
  | {
      readonly kind: "report";
      readonly synced: number;
      readonly bytes: number;
      readonly terminations: number;
      /** Of the whole process so far. */
      readonly cpuSeconds: number;
    }
  | { readonly kind: "arrivals"; readonly arrivals: readonly Arrival[] };
