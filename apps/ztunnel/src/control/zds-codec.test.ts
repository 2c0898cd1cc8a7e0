import { expect, test } from "vitest";
import { istio } from "@ambit/contract/gen/ambit.js";
import { decodeRequest, encodeAck } from "./zds-codec.ts";

const { WorkloadRequest, WorkloadResponse } = istio.workload.zds;

test("decodeRequest() says what is wrong with a packet", () => {
  const good = Buffer.from(WorkloadRequest.encode({ keep: { uid: "ab" } }).finish());
  expect(decodeRequest(good)).toEqual({ kind: "keep", uid: "ab" });
  const noText = Buffer.from(good);
  noText[noText.length - 1] = 0xff;
  for (const bytes of [Buffer.alloc(0), good.subarray(0, -1), noText])
    expect(typeof decodeRequest(bytes)).toBe("string");
});

test("decodeRequest() refuses an Add without a pod or without its name", () => {
  const workloadInfo = { name: "a", namespace: "b", serviceAccount: "c" };
  expect(decodeRequest(WorkloadRequest.encode({ add: { uid: "u" } }).finish())).toBe(
    "Add without workload_info",
  );
  expect(decodeRequest(WorkloadRequest.encode({ add: { workloadInfo } }).finish())).toBe("Add without uid");
});

test("encodeAck() cuts a long text, and can be read also when the cut falls within a character", () => {
  const { ack } = WorkloadResponse.decode(encodeAck(`${"x".repeat(399)}\u{1f600}`));
  expect(ack?.error).toBe(`${"x".repeat(399)}\ufffd`);
  expect(encodeAck("\u20ac".repeat(1_000)).length).toBeLessThan(1_300);
});
