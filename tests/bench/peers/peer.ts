import { spawnSync } from "node:child_process";

/** Where the two proxies of a peer stand and what they use. */
export interface PeerPlace {
  /** Folder of certificates and configuration. */
  readonly folder: string;
  /** Port that the client's traffic is redirected to. */
  readonly outPort: number;
  /** Port of the tunnel at the server. */
  readonly tunnelPort: number;
  /** Address of the client's pod. */
  readonly clientIp: string;
  /** Address of the server's pod. */
  readonly serverIp: string;
  /** Port of the application at the server. */
  readonly appPort: number;
}

/** A pair of proxies that carries TCP over mutual TLS: one beside the client, one beside the server. */
export interface Peer {
  readonly name: string;
  /** Empty when it can run; otherwise how to get it. */
  readonly missing: string;
  /** Writes configuration; gives the two command lines. */
  prepare(place: PeerPlace): PeerCommands;
}

/** One command line for each of the two places. */
export interface Pair {
  readonly client: readonly string[];
  readonly server: readonly string[];
}

/** The proxies of a peer. */
export interface PeerCommands extends Pair {
  /** What each proxy needs beside it; started first, and not counted. */
  readonly beside?: Pair;
  /** Where the client dials. @default the server's pod, at a port of the bench's choice */
  readonly address?: { readonly ip: string; readonly port: number };
  /** Where the server's proxy listens. @default tunnelPort of the place */
  readonly tunnelPort?: number;
  /** Where the client's traffic is redirected to. @default outPort of the place */
  readonly capturePort?: number;
}

export function onPath(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`], { env: withSystemPath() }).status === 0;
}

export function withSystemPath(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin` };
}
