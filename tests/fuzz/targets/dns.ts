import packet from "dns-packet";
import { seededRandom } from "@ambit/base/random.ts";
import { ClusterDns } from "../../../apps/node-agent/src/cluster-dns.ts";
import {
  codeOf,
  fitUdp,
  isAnswerTo,
  readQuery,
  withId,
  writeAnswer,
} from "../../../apps/ztunnel/src/data/dns-wire.ts";
import { someAnswer, someQuestion } from "../dns-bytes.ts";
import { dnsServer } from "../dns-pod.ts";
import { must, mustEqual, type FuzzTarget } from "../target.ts";
import { once } from "../words.ts";

/** An OPT record without options. */
const OPT_BYTES = 11;

/** Questions of pods, and what their node's resolvers answer. */
export function create(): FuzzTarget {
  const server = dnsServer(seededRandom(1));
  const cluster = new ClusterDns("cluster.local");
  const ask = (message: Uint8Array): Uint8Array | undefined => {
    let found: Uint8Array | undefined;
    server.handle(message, "udp", (answer) => {
      found = answer;
    });
    return found;
  };
  return {
    valid: (random) => (once(random, 5) ? someAnswer(random) : someQuestion(random)),
    check: (input) => {
      must("an answer is one for its own id", !isAnswerTo(input, 7) || isAnswerTo(withId(input, 9), 9));
      codeOf(input);
      const clusterAnswer = cluster.respond(input);
      if (clusterAnswer !== undefined) packet.decode(Buffer.from(clusterAnswer));
      const query = readQuery(input);
      const answer = ask(input);
      if (query === undefined) {
        mustEqual("what is no question gets no answer", answer, undefined);
        return;
      }
      for (const code of ["NOERROR", "SERVFAIL"] as const) {
        const written = writeAnswer(query, code, []);
        // Question and id come back byte by byte.
        const end = written.length - (query.hasEdns ? OPT_BYTES : 0);
        mustEqual("the question", hex(written.subarray(12, end)), hex(input.subarray(12, end)));
        mustEqual("the id", hex(written.subarray(0, 2)), hex(input.subarray(0, 2)));
      }
      if (answer === undefined) return;
      must("an answer fits", fitUdp(query, answer).length <= query.udpPayloadSize);
      const read = packet.decode(Buffer.from(answer));
      must("an answer is one", read.type === "response" && read.questions?.length === 1);
    },
  };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
