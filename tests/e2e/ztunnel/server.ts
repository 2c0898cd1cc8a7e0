import { createServer } from "node:net";

// Answers every connection with the peer's address on a line of its own, then with whatever is sent to it.
const port = Number(process.argv[2]);
createServer({ allowHalfOpen: true }, (socket) => {
  socket.on("error", () => undefined);
  socket.write(`${socket.remoteAddress ?? ""}\n`);
  socket.pipe(socket);
}).listen(port, "0.0.0.0", () => process.stdout.write("listening\n"));
