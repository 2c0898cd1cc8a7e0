import { expect, test } from "vitest";
import { Overload, type Holder } from "./overload.ts";

const MIB = 1024 * 1024;
const LIMITS = { refuseStreamsBytes: 10 * MIB, refuseConnectionsBytes: 20 * MIB, dropBytes: 30 * MIB };

class Peer implements Holder {
  readonly #overload: Overload;
  heldBytes = 0;
  idle = false;
  gone = "";

  constructor(overload: Overload) {
    this.#overload = overload;
    overload.join(this);
  }

  hold(bytes: number): this {
    this.heldBytes += bytes;
    this.#overload.add(bytes);
    return this;
  }

  shed(detail: string): void {
    this.gone = detail;
    this.hold(-this.heldBytes);
    this.#overload.leave(this);
  }
}

test("refusesStreams() begins at its level and spares those that hold little", () => {
  const overload = new Overload(LIMITS);
  const greedy = new Peer(overload).hold(10 * MIB - 1);
  const modest = new Peer(overload);
  expect(overload.refusesStreams(greedy)).toBe(false);
  modest.hold(1);
  expect([overload.refusesStreams(greedy), overload.refusesStreams(modest)]).toEqual([true, false]);
  expect(overload.refusesConnections).toBe(false);
});

test("refusesConnections is true from its level on, and false again below it", () => {
  const overload = new Overload(LIMITS);
  const greedy = new Peer(overload).hold(20 * MIB);
  expect(overload.refusesConnections).toBe(true);
  greedy.hold(-1);
  expect(overload.refusesConnections).toBe(false);
});

test("drop() sheds the idle and the largest until connections are taken again, and nobody below the level", () => {
  const overload = new Overload(LIMITS);
  const idle = new Peer(overload);
  idle.idle = true;
  const greedy = new Peer(overload).hold(15 * MIB);
  const less = new Peer(overload).hold(14 * MIB);
  const modest = new Peer(overload).hold(MIB - 1);
  overload.drop();
  expect([idle.gone, greedy.gone, less.gone, modest.gone]).toEqual(["", "", "", ""]);
  less.hold(1);
  overload.drop();
  expect(idle.gone).toContain("idle");
  expect(greedy.gone).toContain("slow applications");
  expect([less.gone, modest.gone]).toEqual(["", ""]);
  expect(overload.heldBytes).toBe(15 * MIB);
});
