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
const SOL_SOCKET = 1;
const SO_RCVBUFFORCE = 33;
const SOL_PACKET = 263;
const PACKET_STATISTICS = 6;
/** sizeof(struct sockaddr_ll). */
const ADDRESS_BYTES = 20;
const WAITING_BYTES = 16 * 1024 * 1024;
const GATHER_BYTES = 256 * 1024;

const perPacket = Math.min(65_536, Number(process.argv[2]) || 65_536);
const sys = createSys();
const scratch = sys.allocate(4096);
const gathered = sys.allocate(GATHER_BYTES);

function demand(result: number, call: string): number {
  if (result >= 0) return result;
  process.stderr.write(`${call}: errno ${-result}\n`);
  process.exit(1);
}

const fd = demand(sys.socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK_CLOEXEC), "socket");
scratch.bytes.writeUInt32LE(WAITING_BYTES, 0);
sys.setOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, scratch, 4);
scratch.bytes.fill(0, 0, ADDRESS_BYTES);
scratch.bytes.writeUInt16LE(AF_PACKET, 0);
scratch.bytes.writeUInt16BE(ETH_P_ALL, 2);
demand(sys.bind(fd, scratch, ADDRESS_BYTES), "bind");

let counts: TapCounts = { packets: 0, dropped: 0 };

/** The kernel's counters begin anew at each look. */
function count(): void {
  if (sys.getOption(fd, SOL_PACKET, PACKET_STATISTICS, scratch, 8) < 0) return;
  counts = {
    packets: counts.packets + scratch.bytes.readUInt32LE(0),
    dropped: counts.dropped + scratch.bytes.readUInt32LE(4),
  };
}

function drain(): void {
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

const unwatch = watchReadable(fd, drain);
process.once("SIGTERM", () => {
  drain();
  count();
  writeSync(2, `${JSON.stringify(counts)}\n`);
  // Nothing holds the process any longer but what is still to be written.
  unwatch();
});
process.stderr.write("listening\n");
