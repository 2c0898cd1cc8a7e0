import { expect, it } from "vitest";
import { IPPROTO_TCP, TCP_CONGESTION } from "./linux.ts";
import { SocketMaker } from "./socket-maker.ts";
import { createSys } from "./sys.ts";

const sys = createSys(true);
const maker = new SocketMaker(sys);
const memory = sys.allocate(64);

/** Takes the socket's congestion control and closes it. */
function congestionControlOf(fd: number): string {
  memory.bytes.fill(0);
  expect(sys.getOption(fd, IPPROTO_TCP, TCP_CONGESTION, memory, 16)).toBe(0);
  sys.close(fd);
  return memory.bytes.toString("latin1", 0, memory.bytes.indexOf(0));
}

it.each(["listen", "unconnected"] as const)("%s() takes the congestion control that is asked for", (make) => {
  // Built into every kernel and allowed to everybody.
  expect(congestionControlOf(maker[make]({ ip: "127.0.0.1", port: 0, congestionControl: "reno" }))).toBe(
    "reno",
  );
});

it.each(["listen", "unconnected"] as const)("%s() leaves the host's where none of that name is", (make) => {
  const usual = congestionControlOf(maker[make]({ ip: "127.0.0.1", port: 0 }));
  expect(congestionControlOf(maker[make]({ ip: "127.0.0.1", port: 0, congestionControl: "nonesuch" }))).toBe(
    usual,
  );
});
