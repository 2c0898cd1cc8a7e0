import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { SocketAddress } from "./driver.ts";
import { UdpSocket } from "./udp.ts";

const open: UdpSocket[] = [];

async function socketAt(
  ip: string,
): Promise<{ socket: UdpSocket; next: Promise<{ text: string; from: SocketAddress }> }> {
  let settle: (value: { text: string; from: SocketAddress }) => void = () => undefined;
  const next = new Promise<{ text: string; from: SocketAddress }>((resolve) => {
    settle = resolve;
  });
  const socket = await UdpSocket.open({ ip, port: 0 }, (bytes, from) => {
    settle({ text: Buffer.from(bytes).toString(), from });
  });
  open.push(socket);
  return { socket, next };
}

afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

/** Only root, or anybody where the system allows it, gets the room that is asked for. */
const HAS_ROOM =
  process.getuid?.() === 0 || Number(readFileSync("/proc/sys/net/core/rmem_max", "utf8")) >= 4 * 1024 * 1024;

describe("UdpSocket", () => {
  it.runIf(HAS_ROOM)("keeps 2,000 datagrams that come while its thread does something else", async () => {
    const seen = new Set<string>();
    const busy = await UdpSocket.open({ ip: "127.0.0.1", port: 0 }, (bytes) => seen.add(String(bytes)));
    const { socket } = await socketAt("127.0.0.1");
    open.push(busy);
    for (let index = 0; index < 2_000; index++) socket.sendTo(Buffer.from(`question ${index}`), busy.local);
    await vi.waitFor(() => expect(seen.size).toBe(2_000));
  });

  it.each(["127.0.0.1", "::1"])(
    "sendTo() reaches the other socket and tells the sender on %s",
    async (ip) => {
      const left = await socketAt(ip);
      const right = await socketAt(ip);
      left.socket.sendTo(Buffer.from("question"), right.socket.local);
      expect(await right.next).toEqual({ text: "question", from: left.socket.local });
      right.socket.sendTo(Buffer.from("answer"), left.socket.local);
      expect(await left.next).toEqual({ text: "answer", from: right.socket.local });
    },
  );

  it("sendTo() speaks IPv4 from a socket bound to every address and reports IPv4 peers as such", async () => {
    const wide = await socketAt("::");
    const narrow = await socketAt("127.0.0.1");
    narrow.socket.sendTo(Buffer.from("question"), { ip: "127.0.0.1", port: wide.socket.local.port });
    expect(await wide.next).toEqual({ text: "question", from: narrow.socket.local });
    wide.socket.sendTo(Buffer.from("answer"), narrow.socket.local);
    expect((await narrow.next).text).toBe("answer");
  });

  it("leave() keeps what has come, gives what comes next to the other socket, and still answers", async () => {
    const seen: string[] = [];
    const listen = async (name: string, port: number): Promise<UdpSocket> => {
      const socket = await UdpSocket.open({ ip: "127.0.0.1", port, reusePort: true }, (bytes, from) => {
        seen.push(`${name} ${Buffer.from(bytes).toString()}`);
        socket.sendTo(bytes, from);
      });
      open.push(socket);
      return socket;
    };
    const old = await listen("old", 0);
    const { ip, port } = old.local;
    const clients = await Promise.all(Array.from({ length: 20 }, () => socketAt("127.0.0.1")));
    for (const { socket } of clients) socket.sendTo(Buffer.from("early"), { ip, port });
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    await listen("fresh", port);
    old.leave();
    expect((await Promise.all(clients.map(({ next }) => next))).map(({ text }) => text)).toEqual(
      clients.map(() => "early"),
    );
    expect(new Set(seen)).toEqual(new Set(["old early"]));
    seen.length = 0;
    for (const { socket } of clients) socket.sendTo(Buffer.from("late"), { ip, port });
    while (seen.length < clients.length) {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    expect(new Set(seen)).toEqual(new Set(["fresh late"]));
  });

  it("open() refuses an address that is in use", async () => {
    const { socket } = await socketAt("127.0.0.1");
    await expect(
      UdpSocket.open({ ip: "127.0.0.1", port: socket.local.port }, () => undefined),
    ).rejects.toMatchObject({
      code: "socket",
      facts: { errno: "EADDRINUSE" },
    });
  });
});
