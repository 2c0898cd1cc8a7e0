import { hostname } from "node:os";

/**
 * The path of a unix socket with `{hostname}` replaced by this machine's name, which is a container's own: replicas of
 * a service share a folder and not a socket.
 */
export function expandSocketPath(path: string, host = hostname()): string {
  return path.replaceAll("{hostname}", host);
}
