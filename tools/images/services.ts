/** A folder that the service's own user writes into; a volume mounted there begins with this owner and mode. */
interface OwnedFolder {
  readonly path: string;
  readonly mode: number;
}

/** What makes one image. */
export interface Service {
  /** The image is `ambit/<name>`. */
  readonly name: string;
  readonly description: string;
  readonly main: string;
  /** Further programs beside `main.js`: file name without `.js`, and its source. */
  readonly mains: Readonly<Record<string, string>>;
  /** Inner files of worker threads. */
  readonly workers: readonly string[];
  readonly uid: number;
  /** Whether it calls the kernel or the C library through koffi. */
  readonly koffi: boolean;
  /** System programs it runs. */
  readonly programs: readonly string[];
  readonly natsServer: boolean;
  readonly folders: readonly OwnedFolder[];
}

/** Group of every service: what is written for one of them is readable by it through its volume and this group. */
export const MESH_GROUP = 65532;

const PLAIN = {
  mains: {},
  workers: [],
  koffi: false,
  programs: [],
  natsServer: false,
  folders: [],
} as const;

/** Every image. Users are the same numbers wherever the services run. */
export const SERVICES: readonly Service[] = [
  {
    ...PLAIN,
    name: "ca",
    description: "Certificate authority of an Ambit mesh",
    main: "apps/ca/src/main.ts",
    uid: 65531,
    koffi: true,
    folders: [{ path: "var/lib/ambit/ca", mode: 0o700 }],
  },
  {
    ...PLAIN,
    name: "discovery",
    description: "Configuration service of an Ambit mesh: delta xDS",
    main: "apps/discovery/src/main.ts",
    uid: 65532,
    koffi: true,
    folders: [{ path: "var/lib/ambit/status", mode: 0o700 }],
  },
  {
    ...PLAIN,
    name: "ztunnel",
    description: "Node proxy of an Ambit mesh: mutual TLS and L4 policy",
    main: "apps/ztunnel/src/main.ts",
    workers: ["apps/ztunnel/src/data/main.worker.ts"],
    // An engine gives capabilities to no other user; it gets two of them (compose.yaml) and nobody's files.
    uid: 0,
    koffi: true,
    folders: [
      { path: "var/lib/ambit/ztunnel", mode: 0o700 },
      { path: "run/ambit-zds", mode: 0o700 },
    ],
  },
  {
    ...PLAIN,
    name: "node-agent",
    description: "Node agent of an Ambit mesh: finds workloads and captures their traffic",
    main: "apps/node-agent/src/main.ts",
    uid: 0,
    koffi: true,
    programs: ["nft", "ip", "nsenter"],
    folders: [{ path: "run/ambit-zds", mode: 0o700 }],
  },
  {
    ...PLAIN,
    name: "nats",
    description: "Bus of an Ambit mesh: nats-server with the mesh's users, permissions and TLS",
    main: "libs/bus/src/broker-main.ts",
    uid: 65529,
    natsServer: true,
  },
  {
    ...PLAIN,
    name: "ambit",
    description: "Command line of an Ambit mesh",
    main: "apps/ambit/src/main.ts",
    uid: 65533,
    koffi: true,
    folders: [
      { path: "var/lib/ambit/issuer", mode: 0o700 },
      // The ca publishes its roots here, the node agent its pods there: others of the group write too.
      { path: "var/lib/ambit/trust", mode: 0o2775 },
      { path: "var/lib/ambit/cluster", mode: 0o2770 },
      ...["bus", "ca", "discovery", "node"].map((name) => ({
        path: `var/lib/ambit/credentials/${name}`,
        mode: 0o2750,
      })),
    ],
  },
  {
    ...PLAIN,
    name: "holder",
    description: "Owns the network of a service that must not run before it is captured",
    main: "apps/node-agent/src/holder-main.ts",
    uid: 65527,
  },
  {
    ...PLAIN,
    name: "bookinfo",
    description: "The bookshop: sample services, and a client that asks them again and again",
    main: "samples/bookinfo/productpage.ts",
    mains: {
      details: "samples/bookinfo/details.ts",
      ratings: "samples/bookinfo/ratings.ts",
      reviews: "samples/bookinfo/reviews.ts",
      loadgenerator: "samples/client/client.ts",
    },
    uid: 65528,
  },
];
