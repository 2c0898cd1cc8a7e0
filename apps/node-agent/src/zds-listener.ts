import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { SeqpacketServer, type SeqpacketConnection, type SeqpacketHandler } from "@ambit/io/seqpacket.ts";
import type { ZdsServer } from "./zds-server.ts";

const IGNORE: SeqpacketHandler = { onMessage: () => undefined, onEnd: () => undefined };

/** Listens at `path` (mode 0600) and gives every connection to the server. Returns how to stop listening. */
export function listenZds(path: string, server: ZdsServer): () => void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const listener = new SeqpacketServer(path, (socket: SeqpacketConnection) => {
    const connection = server.accept(socket);
    if (connection === undefined) return IGNORE;
    return {
      onMessage: (_socket, bytes, descriptors) => connection.receive(bytes, descriptors),
      onEnd: (_socket, error) => connection.close(error?.message ?? "the proxy closed the connection"),
    };
  });
  return () => listener.close();
}
