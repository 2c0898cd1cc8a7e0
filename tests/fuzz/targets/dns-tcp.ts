import type { Random } from "@ambit/base/random.ts";
import { DnsTcp } from "../../../apps/ztunnel/src/data/dns-tcp.ts";
import type { DnsServer } from "../../../apps/ztunnel/src/data/dns-server.ts";
import { MemoryDriver } from "../../../libs/transport/src/testing/memory-driver.ts";
import { PlainPeer } from "../../../libs/transport/src/testing/plain-peer.ts";
import { someAnswer, someQuestion } from "../dns-bytes.ts";
import { dnsServer } from "../dns-pod.ts";
import { cuttings } from "../pieces.ts";
import { must, mustEqual, type FuzzTarget } from "../target.ts";
import { once, pick } from "../words.ts";

const PLACE = { ip: "10.0.0.8", port: 53 };
const IDLE_MS = 5_000;
const MAX_MESSAGE = 4_096;

/** Addresses that are shuffled would not be the same twice. */
const NO_CHANCE: Random = {
  next: () => 0,
  below: () => 0,
  bytes: (length) => new Uint8Array(length),
  uuid: () => "",
};

/** What one connection came to. */
interface Talk {
  readonly received: string;
  /** Closed before its time: a length that cannot be. */
  readonly isRefused: boolean;
}

/**
 * A pod's DNS connection, byte by byte: each message after its length in two bytes. The answers are those of the same
 * messages one by one, however the bytes arrive; what is no message ends the connection, at the latest when it is idle.
 */
export function create(): FuzzTarget {
  const server = dnsServer(NO_CHANCE);
  return {
    valid: (random) => Buffer.concat(Array.from({ length: 1 + random.below(4) }, () => framed(random))),
    check: (input) => {
      const expected = expectedOf(server, Buffer.from(input));
      for (const pieces of cuttings(input)) mustEqual("the answers", talk(server, pieces), expected);
    },
  };
}

function talk(server: DnsServer, pieces: readonly Uint8Array[]): Talk {
  const driver = new MemoryDriver();
  const tcp = new DnsTcp(driver, server);
  driver.listen(PLACE, (socket) => tcp.accept(socket));
  const peer = new PlainPeer(driver);
  driver.connect(PLACE, peer);
  driver.run();
  for (const piece of pieces) {
    peer.send(Buffer.from(piece));
    driver.run();
    if (peer.ended) break;
  }
  const isRefused = peer.ended;
  driver.advance(IDLE_MS);
  must("an idle connection is closed", peer.ended && peer.failed === "");
  return { received: peer.received.toString("hex"), isRefused };
}

// What is no question has no answer, and nothing behind it has one either.
function expectedOf(server: DnsServer, input: Buffer): Talk {
  const answers: Buffer[] = [];
  for (let at = 0; at + 2 <= input.length;) {
    const length = input.readUInt16BE(at);
    if (length === 0 || length > MAX_MESSAGE) return { received: hex(answers), isRefused: true };
    const message = input.subarray(at + 2, at + 2 + length);
    if (message.length < length) break;
    const before = answers.length;
    server.handle(message, "tcp", (answer) =>
      answers.push(Buffer.of(answer.length >> 8, answer.length & 0xff), Buffer.from(answer)),
    );
    if (answers.length === before) break;
    at += 2 + length;
  }
  return { received: hex(answers), isRefused: false };
}

function framed(random: Random): Buffer {
  const message = once(random, 8) ? someAnswer(random) : someQuestion(random);
  const length = once(random, 12)
    ? pick(random, [0, 1, MAX_MESSAGE, MAX_MESSAGE + 1, 65_535])
    : message.length;
  return Buffer.concat([Buffer.of(length >> 8, length & 0xff), message]);
}

function hex(parts: readonly Buffer[]): string {
  return Buffer.concat(parts).toString("hex");
}
