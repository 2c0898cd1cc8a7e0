import {
  closeSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { IoError } from "./io-error.ts";
import { MAX_PACKET, SeqpacketServer, connectSeqpacket } from "./seqpacket.ts";
import type { SeqpacketConnection, SeqpacketHandler } from "./seqpacket.ts";
import { createSys } from "./sys.ts";

interface Received {
  readonly bytes: Buffer;
  readonly descriptors: readonly number[];
}

/** A handler that keeps what comes and lets a test wait for it. */
class Inbox implements SeqpacketHandler {
  readonly #messages: Received[] = [];
  #wake: () => void = () => undefined;
  ended = false;
  error: IoError | undefined;

  onMessage(_connection: SeqpacketConnection, bytes: Uint8Array, descriptors: readonly number[]): void {
    this.#messages.push({ bytes: Buffer.from(bytes), descriptors });
    this.#wake();
  }

  onEnd(_connection: SeqpacketConnection, error: IoError | undefined): void {
    this.ended = true;
    this.error = error;
    this.#wake();
  }

  async next(): Promise<Received> {
    for (;;) {
      const first = this.#messages.shift();
      if (first !== undefined) return first;
      await this.#woken();
    }
  }

  async end(): Promise<IoError | undefined> {
    while (!this.ended) await this.#woken();
    return this.error;
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

let directory: string;
let server: SeqpacketServer;
const serverInbox = (): { inbox: Inbox; connected: Promise<SeqpacketConnection> } => {
  const inbox = new Inbox();
  const connected = new Promise<SeqpacketConnection>((resolve) => {
    server = new SeqpacketServer(join(directory, "zds.sock"), (connection) => {
      resolve(connection);
      return inbox;
    });
  });
  return { inbox, connected };
};

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ambit-seqpacket-"));
});

afterEach(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

describe("SeqpacketConnection", () => {
  it("send() keeps packets apart and in order, both ways", async () => {
    const { inbox, connected } = serverInbox();
    const client = new Inbox();
    const connection = connectSeqpacket(server.path, client);
    for (const text of ["one", "two", "three"]) connection.send(Buffer.from(text));
    const peer = await connected;
    const seen = [await inbox.next(), await inbox.next(), await inbox.next()];
    expect(seen.map((message) => message.bytes.toString())).toEqual(["one", "two", "three"]);
    peer.send(Buffer.alloc(MAX_PACKET, 7));
    expect((await client.next()).bytes).toEqual(Buffer.alloc(MAX_PACKET, 7));
    connection.close();
    peer.close();
  });

  it("send() carries descriptors that mean the same file and are not inherited", async () => {
    const { inbox, connected } = serverInbox();
    const path = join(directory, "file");
    writeFileSync(path, "hello");
    const client = new Inbox();
    const connection = connectSeqpacket(server.path, client);
    const file = openSync(path, "r");
    connection.send(Buffer.from("take"), [file, file]);
    closeSync(file);
    const { descriptors } = await inbox.next();
    expect(descriptors).toHaveLength(2);
    for (const fd of descriptors) {
      expect(fstatSync(fd).ino).toBe(statSync(path).ino);
      expect(readFileSync(`/proc/self/fdinfo/${fd}`, "latin1")).toMatch(/flags:\s+02/);
      closeSync(fd);
    }
    const peer = await connected;
    const back = openSync(path, "r");
    peer.send(Buffer.from("ack"), [back]);
    const answer = await client.next();
    expect(readFileSync(answer.descriptors[0] ?? -1, "utf8")).toBe("hello");
    for (const fd of [back, ...answer.descriptors]) closeSync(fd);
    connection.close();
    peer.close();
  });

  it("reports the end when the peer closes, once", async () => {
    const { inbox, connected } = serverInbox();
    const connection = connectSeqpacket(server.path, new Inbox());
    await connected;
    connection.close();
    expect(await inbox.end()).toBeUndefined();
  });

  it("send() refuses empty and too long packets", async () => {
    const { connected } = serverInbox();
    const connection = connectSeqpacket(server.path, new Inbox());
    await connected;
    expect(() => connection.send(new Uint8Array(MAX_PACKET + 1))).toThrow(/too long/);
    expect(() => connection.send(new Uint8Array(0))).toThrow(/empty/);
    connection.close();
  });

  it("leaves the event loop free while it waits", async () => {
    const { inbox, connected } = serverInbox();
    const connection = connectSeqpacket(server.path, new Inbox());
    await connected;
    const turns: number[] = [];
    for (let turn = 0; turn < 50; turn++) {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      turns.push(turn);
    }
    connection.send(Buffer.from("late"));
    expect((await inbox.next()).bytes.toString()).toBe("late");
    expect(turns).toHaveLength(50);
    connection.close();
  });

  it("connectSeqpacket() names the reason when nobody listens", () => {
    serverInbox();
    const path = server.path;
    server.close();
    expect(() => connectSeqpacket(path, new Inbox())).toThrow(/ENOENT/);
  });

  it("ends with an error and closes the descriptors when a packet was cut", async () => {
    const { inbox, connected } = serverInbox();
    const { sendRaw } = rawClient(server.path);
    await connected;
    const before = openDescriptors();
    sendRaw(MAX_PACKET + 1);
    expect((await inbox.end())?.code).toBe("packet");
    expect(openDescriptors()).toBeLessThanOrEqual(before);
  });
});

function openDescriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

function rawClient(path: string): { sendRaw: (length: number) => void } {
  const sys = createSys(true);
  const address = sys.allocate(4096);
  const text = Buffer.from(`${path}\0`);
  address.bytes.writeUInt16LE(1, 0);
  address.bytes.set(text, 2);
  const fd = sys.socket(1, 5);
  sys.connect(fd, address, 2 + text.length);
  const data = sys.allocate(8192);
  return {
    sendRaw: (length) => {
      sys.send(fd, data, 0, length);
      sys.close(fd);
    },
  };
}
