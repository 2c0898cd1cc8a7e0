import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { PORTS } from "@ambit/contract/ports.ts";
import type { Peer, PeerPlace } from "./peer.ts";

const binary = process.env["ZTUNNEL_BIN"] ?? "";
const authority = join(import.meta.dirname, "ztunnel-authority.ts");

/** Where the client dials: an address of the local configuration below, not of the cluster. */
const SERVICE_IP = "10.96.250.1";
const SERVICE_PORT = 9000;
/** The program's own ports; it has no setting for them. */
const OUTBOUND_PORT = 15_001;
const AUTHORITY_PORT = 15_912;

/** Istio's Rust ztunnel, as a pair of dedicated proxies with a local configuration and a certificate service beside each. */
export const ztunnel: Peer = {
  name: "ztunnel",
  missing: existsSync(binary) ? "" : "set ZTUNNEL_BIN to a ztunnel program",
  prepare(place) {
    const config = join(place.folder, "ztunnel.yaml");
    writeFileSync(config, stringify(localConfiguration(place)));
    const run = (role: "client" | "server"): readonly string[] => [
      "env",
      "PROXY_MODE=dedicated",
      `PROXY_WORKLOAD_INFO=bench/${role}/${role}`,
      `NODE_NAME=node-${role}`,
      "XDS_ADDRESS=",
      `LOCAL_XDS_PATH=${config}`,
      `CA_ADDRESS=https://localhost:${AUTHORITY_PORT}`,
      `CA_ROOT_CA=${join(place.folder, "ca.pem")}`,
      "AUTH_TOKEN=bench",
      "ENABLE_ORIG_SRC=false",
      "ISTIO_META_DNS_CAPTURE=false",
      "IPV6_ENABLED=false",
      binary,
    ];
    const beside = (role: string): readonly string[] => [
      process.execPath,
      "--disable-warning=ExperimentalWarning",
      authority,
      place.folder,
      `spiffe://cluster.local/ns/bench/sa/${role}`,
      String(AUTHORITY_PORT),
    ];
    return {
      client: run("client"),
      server: run("server"),
      beside: { client: beside("client"), server: beside("server") },
      address: { ip: SERVICE_IP, port: SERVICE_PORT },
      capturePort: OUTBOUND_PORT,
      tunnelPort: PORTS.hbone,
    };
  },
};

function localConfiguration(place: PeerPlace): object {
  const workload = (name: string, ip: string, services: object): object => ({
    uid: `Kubernetes//Pod/bench/${name}`,
    name,
    namespace: "bench",
    serviceAccount: name,
    trustDomain: "cluster.local",
    workloadIps: [ip],
    protocol: "HBONE",
    node: `node-${name}`,
    network: "",
    services,
  });
  // A map, not an object: the program wants numbers for keys.
  const ports = new Map([[SERVICE_PORT, place.appPort]]);
  const hostname = "server.bench.svc.cluster.local";
  return {
    workloads: [
      workload("client", place.clientIp, {}),
      workload("server", place.serverIp, { [`bench/${hostname}`]: ports }),
    ],
    services: [{ name: "server", namespace: "bench", hostname, vips: [`/${SERVICE_IP}`], ports }],
    policies: [],
  };
}
