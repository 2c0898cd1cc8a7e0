/**
 * Run by `tickets.test.ts` as a process of the mesh is started. Serves TLS on a free port as a gRPC server does,
 * connects twice, and prints how many tickets the first got and whether a session was taken up again.
 */
import { readFileSync } from "node:fs";
import { connect } from "node:tls";
import { createGrpcServer, listenGrpc } from "@ambit/runtime/grpc-server.ts";
import { ReloadableTls } from "@ambit/runtime/reloadable-tls.ts";

const pem = readFileSync(0, "utf8");
const tls = new ReloadableTls({ certificateChain: pem, privateKey: pem, clientRoots: pem });
const server = createGrpcServer();
const port = await listenGrpc(server, "127.0.0.1:0", tls.credentials);

function visit(session?: Buffer): Promise<{ tickets: number; reused: boolean; session: Buffer | undefined }> {
  return new Promise((resolve) => {
    let tickets = 0;
    let last: Buffer | undefined;
    const options = { host: "127.0.0.1", port, ALPNProtocols: ["h2"], rejectUnauthorized: false };
    const socket = connect(session === undefined ? options : { ...options, session });
    socket.on("session", (given: Buffer) => {
      tickets++;
      last = given;
    });
    // The server's settings come after its tickets.
    socket.once("data", () => {
      const reused = socket.isSessionReused();
      socket.destroy();
      resolve({ tickets, reused, session: last ?? socket.getSession() });
    });
  });
}

const first = await visit();
const second = await visit(first.session);
process.stdout.write(JSON.stringify({ tickets: first.tickets, reused: second.reused }));
server.forceShutdown();
