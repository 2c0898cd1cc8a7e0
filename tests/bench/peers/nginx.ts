import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onPath, type Peer, type PeerPlace } from "./peer.ts";

/** Where distributions put nginx's stream module. */
const MODULES = [
  "/usr/lib/nginx/modules/ngx_stream_module.so",
  "/usr/lib64/nginx/modules/ngx_stream_module.so",
];

/** nginx `stream` with mutual TLS: one TLS connection per client connection, sessions resumed. */
export const nginx: Peer = {
  name: "nginx",
  missing:
    onPath("nginx") && MODULES.some((path) => existsSync(path))
      ? ""
      : "apt-get install nginx-core libnginx-mod-stream",
  prepare(place) {
    const client = write(place, "client", clientServer(place));
    const server = write(place, "server", serverServer(place));
    return { client: ["nginx", "-c", client], server: ["nginx", "-c", server] };
  },
};

function clientServer(place: PeerPlace): string {
  const file = (name: string): string => join(place.folder, name);
  return `listen ${place.outPort} backlog=8192; proxy_pass ${place.serverIp}:${place.tunnelPort}; proxy_buffer_size 64k;
    proxy_ssl on; proxy_ssl_protocols TLSv1.3; proxy_ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
    proxy_ssl_certificate ${file("client.pem")}; proxy_ssl_certificate_key ${file("client.key")};
    proxy_ssl_trusted_certificate ${file("ca.pem")}; proxy_ssl_verify off; proxy_ssl_session_reuse on;`;
}

function serverServer(place: PeerPlace): string {
  const file = (name: string): string => join(place.folder, name);
  return `listen ${place.tunnelPort} ssl backlog=8192; proxy_pass 127.0.0.1:${place.appPort}; proxy_buffer_size 64k;
    ssl_protocols TLSv1.3; ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
    ssl_certificate ${file("server.pem")}; ssl_certificate_key ${file("server.key")};
    ssl_client_certificate ${file("ca.pem")}; ssl_verify_client on; ssl_session_cache shared:bench:10m;`;
}

function write(place: PeerPlace, role: string, server: string): string {
  const folder = join(place.folder, `nginx-${role}`);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "nginx.conf");
  const module = MODULES.find((candidate) => existsSync(candidate)) ?? "";
  writeFileSync(
    path,
    `load_module ${module};
worker_processes 1; daemon off; user root; pid ${join(folder, "pid")}; error_log ${join(folder, "error.log")} error;
events { worker_connections 9000; }
stream { server { ${server} tcp_nodelay on; proxy_timeout 1h; } }
`,
  );
  return path;
}
