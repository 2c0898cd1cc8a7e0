/**
 * `node packet-tap.ts BYTES`: writes the first BYTES of every packet on every interface of this network namespace to
 * standard output, one after the other; "listening" on standard error once it does. SIGTERM ends it with one line of
 * JSON there, a `TapCounts`. It needs CAP_NET_RAW in the namespace and nothing else, so it runs in a user namespace of
 * one user as well, where tcpdump cannot give up its rights.
 */
import { writeSync } from "node:fs";
import { createSys, watchReadable } from "../sys.ts";
import { SOCK_NONBLOCK_CLOEXEC } from "../linux.ts";

/** What the kernel counted. */
export interface TapCounts {
  readonly packets: number;
  /** Packets that came faster than they were read. */
  readonly dropped: number;
}

const AF_PACKET = 17;
const SOCK_RAW = 3;
const ETH_P_ALL = 3;
const SOL_PACKET = 263;
const PACKET_STATISTICS = 6;
const PACKET_FANOUT = 18;
const PACKET_FANOUT_LB = 1;
/** sizeof(struct sockaddr_ll). */
const ADDRESS_BYTES = 20;
const GATHER_BYTES = 256 * 1024;
/** Each has a buffer of its own in the kernel, which only the machine's root could make larger. */
const SOCKETS = 64;

const perPacket = Math.min(65_536, Number(process.argv[2]) || 65_536);
const sys = createSys();
const scratch = sys.allocate(4096);
const gathered = sys.allocate(GATHER_BYTES);

function demand(result: number, call: string): number {
  if (result >= 0) return result;
  process.stderr.write(`${call}: errno ${-result}\n`);
  process.exit(1);
}

/** A socket that gets every so-manieth packet. */
function openTap(): number {
  const fd = demand(sys.socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK_CLOEXEC), "socket");
  scratch.bytes.fill(0, 0, ADDRESS_BYTES);
  scratch.bytes.writeUInt16LE(AF_PACKET, 0);
  scratch.bytes.writeUInt16BE(ETH_P_ALL, 2);
  demand(sys.bind(fd, scratch, ADDRESS_BYTES), "bind");
  scratch.bytes.writeUInt16LE(process.pid & 0xffff, 0);
  scratch.bytes.writeUInt16LE(PACKET_FANOUT_LB, 2);
  demand(sys.setOption(fd, SOL_PACKET, PACKET_FANOUT, scratch, 4), "setsockopt PACKET_FANOUT");
  return fd;
}

function count(fds: readonly number[]): TapCounts {
  let packets = 0;
  let dropped = 0;
  for (const fd of fds) {
    demand(sys.getOption(fd, SOL_PACKET, PACKET_STATISTICS, scratch, 8), "getsockopt PACKET_STATISTICS");
    packets += scratch.bytes.readUInt32LE(0);
    dropped += scratch.bytes.readUInt32LE(4);
  }
  return { packets, dropped };
}

function drain(fd: number): void {
  for (;;) {
    let used = 0;
    let length = 1;
    while (length > 0 && used + perPacket <= GATHER_BYTES) {
      length = sys.read(fd, gathered, used, perPacket);
      if (length > 0) used += length;
    }
    if (used > 0) process.stdout.write(Buffer.from(gathered.bytes.subarray(0, used)));
    if (length <= 0) return;
  }
}

const taps = Array.from({ length: SOCKETS }, openTap);
const watches = taps.map((fd) => watchReadable(fd, () => drain(fd)));
process.once("SIGTERM", () => {
  for (const fd of taps) drain(fd);
  writeSync(2, `${JSON.stringify(count(taps))}\n`);
  // Nothing holds the process any longer but what is still to be written.
  for (const unwatch of watches) unwatch();
});
process.stderr.write("listening\n");
