/** One row of the table: what the load program does, and the goals of the product. */
export interface Row {
  readonly name: string;
  readonly title: string;
  /** The load program under `load/`. */
  readonly program: "client" | "handshakes";
  /**
   * Its arguments, with an address (two words) in place of `@`, for handshakes that of the tunnel's server, and the folder of
   * certificates which that believes in place of `@certificates`.
   */
  readonly args: readonly string[];
  /** What one unit of CPU is given per, and its factor. */
  readonly cpuUnit: string;
  readonly cpuFactor: number;
  /** Least and wanted ratio of the rate to the reference. */
  readonly rateFloor: number;
  readonly rateGoal: number;
  /** Most and wanted ratio of the CPU to the reference. */
  readonly cpuFloor: number;
  readonly cpuGoal: number;
}

export function rowsFor(options: { readonly bulkBytes: number; readonly seconds: number }): readonly Row[] {
  const { bulkBytes } = options;
  const seconds = String(options.seconds);
  const bulk = {
    program: "client",
    cpuUnit: "s/GB",
    cpuFactor: 1e9,
    rateFloor: 1.15,
    rateGoal: 1.35,
    cpuFloor: 0.9,
    cpuGoal: 0.8,
  } as const;
  const micro = { program: "client", cpuUnit: "us", cpuFactor: 1e6 } as const;
  return [
    { name: "up", title: "bulk up, 1 connection", args: ["up", "@", String(bulkBytes)], ...bulk },
    { name: "down", title: "bulk down, 1 connection", args: ["down", "@", String(bulkBytes)], ...bulk },
    {
      name: "ping",
      title: "ping, 1 connection, 1 KiB",
      args: ["rr", "@", "1", "1024", seconds],
      ...micro,
      rateFloor: 1,
      rateGoal: 1.1,
      cpuFloor: 0.95,
      cpuGoal: 0.85,
    },
    {
      name: "rr64",
      title: "request-response, 64 connections",
      args: ["rr", "@", "64", "1024", seconds],
      ...micro,
      rateFloor: 1.6,
      rateGoal: 2,
      cpuFloor: 0.45,
      cpuGoal: 0.33,
    },
    {
      name: "rr256",
      title: "request-response, 256 connections",
      args: ["rr", "@", "256", "1024", seconds],
      ...micro,
      rateFloor: 1.4,
      rateGoal: 1.8,
      cpuFloor: 0.5,
      cpuGoal: 0.38,
    },
    {
      name: "cps",
      title: "new connections, 8 at a time",
      args: ["cps", "@", "8", seconds],
      ...micro,
      rateFloor: 1.5,
      rateGoal: 2,
      cpuFloor: 0.55,
      cpuGoal: 0.4,
    },
    {
      name: "handshake",
      title: "full mutual TLS handshakes at the server's proxy, 4 at a time",
      ...micro,
      program: "handshakes",
      args: ["@", "@certificates", "4", seconds],
      // The client is node:tls and takes more than any server: the rate says nothing.
      rateFloor: 0,
      rateGoal: 0,
      cpuFloor: 1.4,
      cpuGoal: 1,
    },
  ];
}
