import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { onPath, type Peer } from "./peer.ts";

const COMMON = `global
  maxconn 9000
  nbthread 1
  ssl-default-bind-ciphersuites TLS_AES_128_GCM_SHA256
  ssl-default-server-ciphersuites TLS_AES_128_GCM_SHA256
  tune.bufsize 65536
defaults
  mode tcp
  timeout connect 5s
  timeout client 1h
  timeout server 1h
`;

/** haproxy in tcp mode with mutual TLS: one TLS connection per client connection. */
export const haproxy: Peer = {
  name: "haproxy",
  missing: onPath("haproxy") ? "" : "apt-get install haproxy",
  prepare(place) {
    const file = (name: string): string => join(place.folder, name);
    writeFileSync(
      file("haproxy-client.cfg"),
      `${COMMON}frontend in
  bind 0.0.0.0:${place.outPort} backlog 8192
  default_backend out
backend out
  server peer ${place.serverIp}:${place.tunnelPort} ssl verify required ca-file ${file("ca.pem")} crt ${file("client.bundle.pem")} ssl-min-ver TLSv1.3
`,
    );
    writeFileSync(
      file("haproxy-server.cfg"),
      `${COMMON}frontend in
  bind 0.0.0.0:${place.tunnelPort} backlog 8192 ssl crt ${file("server.bundle.pem")} ca-file ${file("ca.pem")} verify required ssl-min-ver TLSv1.3
  default_backend out
backend out
  server app 127.0.0.1:${place.appPort}
`,
    );
    return {
      client: ["haproxy", "-db", "-f", file("haproxy-client.cfg")],
      server: ["haproxy", "-db", "-f", file("haproxy-server.cfg")],
    };
  },
};
