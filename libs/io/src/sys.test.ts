import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import type { Memory } from "./driver.ts";
import {
  AF_INET,
  EBADF,
  EPIPE,
  SHUT_WR,
  SOCK_NONBLOCK_CLOEXEC,
  SOCK_STREAM,
  epollEventLayout,
} from "./linux.ts";
import { SocketMaker } from "./socket-maker.ts";
import { createSys } from "./sys.ts";
import { createTlsSys, ffiAvailable } from "./sys-tls.ts";

const sys = createSys(true);

describe("createSys() in checked mode", () => {
  const memory = sys.allocate(4096);

  it.each([
    [-1, 10],
    [0, -1],
    [0.5, 10],
    [0, Number.NaN],
    [4096, 1],
    [4000, 97],
  ])("refuses the window %d+%d before the kernel sees it", (offset, length) => {
    expect(() => sys.read(-1, memory, offset, length)).toThrow(/checked mode: window/);
  });

  it("accepts a window that ends with its memory", () => {
    expect(sys.read(-1, memory, 4095, 1)).toBe(-EBADF);
    expect(sys.read(-1, memory, 4096, 0)).toBe(-EBADF);
  });

  it("refuses memory that it did not make", () => {
    const forged: Memory = { bytes: Buffer.alloc(4096), address: memory.address };
    expect(() => sys.send(-1, forged, 0, 1)).toThrow(/did not make/);
  });

  it("refuses memory whose bytes were transferred away", () => {
    const lost = sys.allocate(8192);
    structuredClone(lost.bytes.buffer, { transfer: [lost.bytes.buffer as ArrayBuffer] });
    expect(() => sys.send(-1, lost, 0, 1)).toThrow(/detached/);
  });
});

describe("createTlsSys() in checked mode", () => {
  it("refuses a session that was freed", () => {
    const tls = createTlsSys(true);
    const context = tls.newContext();
    const session = tls.newSession(context, "client", undefined);
    tls.freeContext(context);
    tls.freeSession(session);
    expect(() => tls.handshake(session)).toThrow(/freed TLS object/);
    expect(() => tls.freeSession(session)).toThrow(/freed TLS object/);
    expect(() => tls.newSession(context, "client", undefined)).toThrow(/freed TLS object/);
  });
});

describe("ffiAvailable()", () => {
  it("finds sockets and OpenSSL in the pinned runtime", () => {
    expect(ffiAvailable()).toEqual({ sockets: true, tls: true, reason: "" });
  });
});

describe("Sys.send()", () => {
  it("answers EPIPE and raises no signal when our direction has ended", () => {
    const maker = new SocketMaker(sys);
    const listener = maker.listen({ ip: "127.0.0.1", port: 0 });
    const { port } = maker.localAddress(listener);
    const fd = maker.unconnected({ ip: "127.0.0.1", port });
    maker.connect(fd, "127.0.0.1", port);
    expect(sys.shutdown(fd, SHUT_WR)).toBe(0);
    expect(sys.send(fd, sys.allocate(4096), 0, 10)).toBe(-EPIPE);
    for (const each of [fd, listener]) sys.close(each);
  });

  it("allocate() gives memory the kernel fills in place", () => {
    const fd = sys.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK_CLOEXEC);
    const memory = sys.allocate(4096);
    memory.bytes.fill(0xff, 0, 16);
    expect(sys.localAddress(fd, memory)).toBe(0);
    expect(memory.bytes.readUInt16LE(0)).toBe(AF_INET);
    sys.close(fd);
  });
});

describe("epollEventLayout()", () => {
  it("is packed on x64 and aligned on arm64", () => {
    expect(epollEventLayout("x64")).toEqual({ words: 3, dataWord: 1 });
    expect(epollEventLayout("arm64")).toEqual({ words: 4, dataWord: 2 });
  });
});

test("dropProgramPages() takes the program out of resident memory, and it runs on", () => {
  const fileKib = (): number =>
    Number(/^RssFile:\s+(\d+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
  const before = fileKib();
  expect(sys.dropProgramPages()).toBe(0);
  expect(fileKib()).toBeLessThan(before * 0.8);
});

test("dropProgramPages() of a process without descriptors is an error result", () => {
  const script = [
    `import { openSync } from "node:fs";`,
    `import { constants } from "node:os";`,
    `import { createSys } from ${JSON.stringify(new URL("./sys.ts", import.meta.url).pathname)};`,
    `const sys = createSys();`,
    `try { for (;;) openSync("/dev/null", "r"); } catch {}`,
    `process.exit(sys.dropProgramPages() === -constants.errno.EMFILE ? 0 : 1);`,
  ].join("\n");
  const run = spawnSync("sh", [
    "-c",
    'ulimit -n 200; exec "$0" --input-type=module -e "$1"',
    process.execPath,
    script,
  ]);
  expect(run.status, run.stderr.toString()).toBe(0);
});
