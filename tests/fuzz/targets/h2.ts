import { TransportError } from "@ambit/transport/transport-error.ts";
import { CLIENT_START } from "../../../libs/transport/src/testing/frame-bytes.ts";
import { OK_BLOCK, SessionRig, type RigStream } from "../../../libs/transport/src/testing/session-rig.ts";
import { someFrame } from "../h2-bytes.ts";
import { cuttings } from "../pieces.ts";
import { mustEqual, type FuzzTarget } from "../target.ts";

type Role = "client" | "server";

/** Frames into a session of either role: the first byte of the input chooses it, and whether a start is put in front. */
export function create(): FuzzTarget {
  return {
    valid: (random) => {
      const frames = Array.from({ length: 1 + random.below(8) }, () => someFrame(random));
      return Buffer.concat([Buffer.of(random.below(4)), ...frames]);
    },
    check: (input) => {
      const choice = input[0] ?? 0;
      const role = (choice & 1) === 0 ? "server" : "client";
      const start = role === "server" ? CLIENT_START : CLIENT_START.subarray(-9);
      const bytes = Buffer.concat([(choice & 2) === 0 ? start : Buffer.alloc(0), input.subarray(1)]);
      const [whole, ...others] = cuttings(bytes).map((pieces) => outcome(role, pieces));
      for (const other of others) mustEqual("the same bytes in other pieces", other, whole);
    },
  };
}

/** Everything that came of the bytes: what the owner was told, what was answered, how it ended. */
function outcome(role: Role, pieces: readonly Uint8Array[]): unknown {
  const rig = new SessionRig(role, { onRequest: answer });
  for (let left = role === "client" ? 3 : 0; left > 0; left--) rig.open();
  let end = "";
  try {
    rig.receive(...pieces);
    end = `waits with ${rig.waiting}`;
  } catch (thrown) {
    if (!(thrown instanceof TransportError)) throw thrown;
    end = `${thrown.h2Code}: ${thrown.message}`;
  }
  const sent = rig.sent().map(({ payload, ...head }) => [head, payload.toString("hex")]);
  const { sendWindow, closing, settled, peer } = rig.session;
  const streams = [...rig.streams.values()].map(({ received, ...stream }) => [
    stream,
    Buffer.concat(received).toString("hex"),
  ]);
  return { end, log: rig.log, sent, streams, sendWindow, closing, settled, peer };
}

function answer(rig: SessionRig, stream: RigStream): void {
  if (stream.id % 5 === 0) rig.session.reset(stream, 8);
  else rig.session.respond(stream, OK_BLOCK, stream.id % 7 === 0);
}
