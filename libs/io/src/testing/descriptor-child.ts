/**
 * Run by `descriptor-reserve.test.ts` as a process that may have few descriptors. Serves a first connection, uses up
 * every descriptor, dials the port it was given, turns nobody away and nobody in meanwhile, and prints what became of
 * each as one line of JSON.
 */
import { closeSync, openSync } from "node:fs";
import { connect } from "node:net";
import type { AcceptedSocket } from "../driver.ts";
import { createEngineDriver } from "../engine/engine-driver.ts";
import { Probe } from "./probe.ts";

const port = Number(process.argv[2]);
const driver = createEngineDriver({ checked: true });
const taken: number[] = [];
let accepted = 0;
let onAccept: () => void = () => undefined;
const listener = driver.listen({ ip: "127.0.0.1", port: 0 }, (socket: AcceptedSocket) => {
  accepted++;
  socket.close();
  onAccept();
});
driver.start();

function knock(): Promise<void> {
  return new Promise((resolve) => {
    connect(listener.local.port, "127.0.0.1", () => resolve()).on("error", () => undefined);
  });
}

function takeAll(): void {
  try {
    for (;;) taken.push(openSync("/dev/null", "r"));
  } catch {
    // There are no more.
  }
}

const welcomed = new Promise<void>((resolve) => {
  onAccept = resolve;
});
// Its own end takes a descriptor, which must be there before all are gone.
await Promise.all([knock(), welcomed]);
takeAll();
// The second one's own end gets the last; it is connected as soon as it waits to be accepted.
closeSync(taken.pop() ?? -1);
await knock();
takeAll();
const probe = new Probe(driver);
driver.connect({ ip: "127.0.0.1", port }, probe);
await probe.until(() => probe.connected);
await new Promise((resolve) => {
  driver.after(300, () => resolve(undefined));
});
const whileFull = accepted;
const letIn = new Promise<void>((resolve) => {
  onAccept = resolve;
});
for (const fd of taken) closeSync(fd);
await letIn;
process.stdout.write(JSON.stringify({ dialled: probe.connected, whileFull, afterwards: accepted }));
process.exit(0);
