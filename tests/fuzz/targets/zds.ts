import { istio } from "@ambit/contract/gen/ambit.js";
import type { Random } from "@ambit/base/random.ts";
import { decodeRequest, encodeAck, encodeHello } from "../../../apps/ztunnel/src/control/zds-codec.ts";
import { ZdsConnection } from "../../../apps/node-agent/src/zds-connection.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { must, mustEqual, type FuzzTarget } from "../target.ts";
import { once, pick, word } from "../words.ts";

const { WorkloadRequest, WorkloadResponse } = istio.workload.zds;

/** Packets between node agent and proxy, read by both ends: nobody may throw, whatever the packet is. */
export function create(): FuzzTarget {
  return {
    valid: somePacket,
    check: (input) => {
      const request = decodeRequest(input);
      if (typeof request === "string") must("a fault has a text", request !== "");
      else {
        must("an Add names its pod", request.kind !== "add" || request.uid !== "");
        mustEqual("decode(encode(x))", decodeRequest(encode(request)), request);
      }
      for (const greeted of [false, true]) agentReads(input, greeted);
    },
    prove: (random) => {
      const error = word(random).repeat(1 + random.below(200));
      const { ack } = WorkloadResponse.decode(encodeAck(error));
      must("an answer fits a packet", encodeAck(error).length <= 2_048);
      must("an answer says why", error.toWellFormed().startsWith((ack?.error ?? "").slice(0, 300)));
    },
  };
}

function encode(request: Exclude<ReturnType<typeof decodeRequest>, string>): Uint8Array {
  if (request.kind === "add") {
    return WorkloadRequest.encode({ add: { uid: request.uid, workloadInfo: request.identity } }).finish();
  }
  if (request.kind === "snapshot-sent") return WorkloadRequest.encode({ snapshotSent: {} }).finish();
  return WorkloadRequest.encode(
    request.kind === "keep" ? { keep: { uid: request.uid } } : { del: { uid: request.uid } },
  ).finish();
}

// The agent closes a connection that it does not understand, and every open request is answered.
function agentReads(input: Uint8Array, greeted: boolean): void {
  const socket = { send: () => true, close: () => undefined };
  const events = { onHello: () => undefined, onClosed: () => undefined };
  const connection = new ZdsConnection(socket, events, new FakeClock());
  if (greeted) {
    connection.receive(encodeHello(), []);
    connection.remove("uid").catch(() => undefined);
  }
  connection.receive(input, []);
  connection.close("over");
}

function somePacket(random: Random): Uint8Array {
  const uid = word(random);
  const workloadInfo = { name: word(random), namespace: word(random), serviceAccount: word(random) };
  switch (random.below(7)) {
    case 0:
      return WorkloadRequest.encode({ keep: { uid } }).finish();
    case 1:
      return WorkloadRequest.encode({ del: { uid } }).finish();
    case 2:
      return WorkloadRequest.encode({ snapshotSent: {} }).finish();
    case 3:
      return encodeHello();
    case 4:
      return encodeAck(pick(random, ["", word(random)]));
    default:
      return WorkloadRequest.encode({ add: once(random, 6) ? { uid } : { uid, workloadInfo } }).finish();
  }
}
