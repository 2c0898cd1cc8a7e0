import { afterEach, beforeEach, expect, it } from "vitest";
import { EPOLLET, EPOLLIN, EPOLL_CLOEXEC, EPOLL_CTL_ADD } from "../linux.ts";
import { createSys } from "../sys.ts";
import type { Sys } from "../sys.ts";
import { Alarm } from "./alarm.ts";

const plain = createSys(true);
const events = plain.allocate(64);
let settings = 0;
/** The struct itimerspec it was set by. */
let spec: Buffer | undefined;
let alarm: Alarm;
let epoll: number;

beforeEach(() => {
  settings = 0;
  const counted: Sys = {
    ...plain,
    timerSet: (fd, memory) => {
      settings++;
      spec = memory.bytes;
      return plain.timerSet(fd, memory);
    },
  };
  alarm = new Alarm(counted);
  epoll = plain.epollCreate(EPOLL_CLOEXEC);
  const interest = plain.allocate(16);
  interest.bytes.writeInt32LE(EPOLLIN | EPOLLET, 0);
  plain.epollControl(epoll, EPOLL_CTL_ADD, alarm.fd, interest);
});

afterEach(() => {
  alarm.close();
  plain.close(epoll);
});

/** Whether the alarm rang within `timeoutMs`. */
function rings(timeoutMs: number): boolean {
  return plain.epollWait(epoll, events, 4, timeoutMs) === 1;
}

it("is set once for all who want to be woken later than it rings, and moved for who wants it earlier", () => {
  alarm.ringBy(5_000, 0);
  alarm.ringBy(6_000, 100);
  alarm.ringBy(5_000, 200);
  expect(settings).toBe(1);
  alarm.ringBy(300, 299);
  expect(settings).toBe(2);
  expect(rings(10_000)).toBe(true);
});

it("rings once for each time it was set, without being read", () => {
  for (let time = 0; time < 3; time++) {
    alarm.ringBy(1, 0);
    expect(rings(10_000)).toBe(true);
    expect(rings(0)).toBe(false);
    alarm.rang();
  }
  expect(settings).toBe(3);
});

it("rings at once for a time that is past", () => {
  alarm.ringBy(10, 20);
  expect(rings(10_000)).toBe(true);
});

it("tells whole seconds and the rest of one apart", () => {
  alarm.ringBy(2_050.25, 1_000);
  expect(spec?.readBigInt64LE(16)).toBe(1n);
  expect(spec?.readBigInt64LE(24)).toBe(50_250_000n);
});
