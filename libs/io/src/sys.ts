/**
 * The only file that talks FFI. Everything the mesh asks of the kernel beyond Node's own modules goes through the
 * `Sys` object made here; `sys-tls.ts` builds the OpenSSL half on the same loader.
 *
 * Invariants, each of which the checked mode asserts on every call where it can be asserted:
 * 1. An address exists only inside this file and `sys-tls.ts`. Callers name memory as (Memory, offset, length).
 * 2. A Memory comes from `allocate` alone: memory outside V8's heap that never moves, never shrinks and lives as
 *    long as the Memory object. Its owner keeps the object referenced while the kernel or OpenSSL may use it; as every
 *    call is synchronous, an argument is referenced for as long as the call runs.
 * 3. A window handed to a call lies inside its Memory: 0 <= offset, 0 <= length, offset + length <= size.
 * 4. Only OpenSSL's memory BIOs keep an address between calls. They are re-pointed before every call that may
 *    use them, at buffers that their driver owns until it is stopped, with more room than the call can fill.
 * 5. An OpenSSL object is used from `own` to `disown` and freed exactly once (see `HandleSet`).
 * 6. A descriptor is closed exactly once, by the object that holds it; that object sets its copy to -1 first. Events
 *    carry a slot and its generation, so an event for a closed descriptor never reaches its successor.
 * 7. System calls return their result or -errno; none raises, none blocks (sockets are non-blocking, and the only call
 *    that waits is `epollWait`, for as long as it was told).
 * 8. No call here runs JavaScript, with one exception: OpenSSL's ALPN callback inside a handshake, which calls neither
 *    the owner of the socket nor OpenSSL.
 */
import { readFileSync, readlinkSync } from "node:fs";
import { createRequire } from "node:module";
import type { Memory } from "./driver.ts";
import { IoError } from "./io-error.ts";
import { MADV_DONTNEED, MSG_NOSIGNAL } from "./linux.ts";
import { unchangedPages } from "./program-pages.ts";

type Koffi = typeof import("koffi");
/** A bound C function whose arguments and result are numbers (addresses among them: 47 bits fit a double). */
type NativeFunction = (...values: number[]) => number;
type Natives<Name extends string> = Readonly<Record<Name, NativeFunction>>;

const LIBC = {
  read: "int64_t read(int, uintptr_t, size_t)",
  write: "int64_t write(int, uintptr_t, size_t)",
  eventfd: "int eventfd(uint32_t, int)",
  send: "int64_t send(int, uintptr_t, size_t, int)",
  sendmsg: "int64_t sendmsg(int, uintptr_t, int)",
  recvmsg: "int64_t recvmsg(int, uintptr_t, int)",
  close: "int close(int)",
  shutdown: "int shutdown(int, int)",
  socket: "int socket(int, int, int)",
  bind: "int bind(int, uintptr_t, uint32_t)",
  listen: "int listen(int, int)",
  connect: "int connect(int, uintptr_t, uint32_t)",
  accept4: "int accept4(int, uintptr_t, uintptr_t, int)",
  getsockname: "int getsockname(int, uintptr_t, uintptr_t)",
  getpeername: "int getpeername(int, uintptr_t, uintptr_t)",
  setsockopt: "int setsockopt(int, int, int, uintptr_t, uint32_t)",
  getsockopt: "int getsockopt(int, int, int, uintptr_t, uintptr_t)",
  timerfd_create: "int timerfd_create(int, int)",
  timerfd_settime: "int timerfd_settime(int, int, uintptr_t, uintptr_t)",
  epoll_create1: "int epoll_create1(int)",
  epoll_ctl: "int epoll_ctl(int, int, int, uintptr_t)",
  epoll_wait: "int epoll_wait(int, uintptr_t, int, int)",
  setns: "int setns(int, int)",
  fcntl: "int fcntl(int, int, int)",
  malloc_trim: "int malloc_trim(size_t)",
  madvise: "int madvise(uintptr_t, size_t, int)",
} as const;

/** Whether FFI can be used here, and why not. */
export interface FfiStatus {
  /** Sockets, namespaces, epoll. */
  readonly sockets: boolean;
  /** OpenSSL inside the running binary as well: the engine driver needs both. */
  readonly tls: boolean;
  /** Empty when both are there. */
  readonly reason: string;
}

interface Loaded {
  readonly koffi: Koffi;
  readonly libc: Natives<keyof typeof LIBC>;
  readonly self: ReturnType<Koffi["load"]>;
}

let loaded: Loaded | undefined;
let loadFailure = "";

function load(): Loaded | undefined {
  if (loaded !== undefined || loadFailure !== "") return loaded;
  if (process.platform !== "linux" || (process.arch !== "x64" && process.arch !== "arm64")) {
    loadFailure = `the engine has no layout tables for ${process.platform} on ${process.arch}`;
    return undefined;
  }
  try {
    // Loaded on demand, so that the portable driver runs where the native package is missing.
    const koffi = createRequire(import.meta.url)("koffi") as Koffi;
    const library = koffi.load("libc.so.6");
    loaded = { koffi, libc: bindAll(library, LIBC), self: koffi.load(null) };
  } catch (error) {
    loadFailure = error instanceof Error ? error.message : "koffi could not be loaded";
  }
  return loaded;
}

function bindAll<Name extends string>(
  library: ReturnType<Koffi["load"]>,
  prototypes: Readonly<Record<Name, string>>,
): Natives<Name> {
  const bound: Partial<Record<Name, NativeFunction>> = {};
  for (const name of Object.keys(prototypes) as Name[]) bound[name] = library.func(prototypes[name]);
  return bound as Natives<Name>;
}

/** True when sockets can be made through FFI. */
export function ffiSockets(): { available: boolean; reason: string } {
  const available = load() !== undefined;
  return { available, reason: available ? "" : loadFailure };
}

function demand(): Loaded {
  const present = load();
  if (present !== undefined) return present;
  throw new IoError("unsupported", "Native calls are not available here", {
    facts: { reason: loadFailure },
    hint: "Use the portable driver, or run on Linux (x64 or arm64) with glibc and the koffi package installed",
  });
}

/** Binds functions of the running binary (OpenSSL lives there); throws what koffi throws when one is missing. */
export function bindSelf<Name extends string>(prototypes: Readonly<Record<Name, string>>): Natives<Name> {
  return bindAll(demand().self, prototypes);
}

/** Binds a function of the running binary that returns a C string, or null. */
export function bindSelfText(prototype: string): (value: number) => string | null {
  return demand().self.func(prototype) as (value: number) => string | null;
}

/** A C function pointer that takes `parameters`, returns int and calls `run` on this thread; it is never taken back. */
export function nativeCallback(parameters: readonly string[], run: (...values: number[]) => number): number {
  const { koffi } = demand();
  return Number(koffi.register(run, koffi.pointer(koffi.proto("int", [...parameters]))));
}

/** Calls `onReady` on the ordinary event loop whenever `fd` may be readable or hung up; returns the end of it. */
export function watchReadable(fd: number, onReady: () => void): () => void {
  const handle = demand().koffi.node.poll(fd, { readable: true, disconnect: true }, onReady);
  return () => handle.close();
}

/** This thread's ordinary event loop, seen from outside. */
export interface EventLoop {
  /** Readable when the loop has something to do. */
  readonly fd: number;
  /** How long the loop itself would sleep now, in milliseconds: 0 when it has work, -1 for ever. */
  timeout(): number;
}

/**
 * The ordinary event loop of this thread. The engine watches its descriptor so as not to keep promises, ports and
 * Node's own sockets waiting. Undefined where the running binary does not show it.
 */
export function eventLoop(): EventLoop | undefined {
  const { koffi, self } = demand();
  try {
    const slot = allocateMemory(4096);
    const find = self.func("int napi_get_uv_event_loop(void *, uintptr_t)");
    if ((find as (env: unknown, out: number) => number)(koffi.node.env, slot.address) !== 0) return undefined;
    const loop = Number(slot.bytes.readBigUInt64LE(0));
    const timeout = self.func("int uv_backend_timeout(uintptr_t)") as NativeFunction;
    const fd = (self.func("int uv_backend_fd(uintptr_t)") as NativeFunction)(loop);
    return fd < 0 ? undefined : { fd, timeout: () => timeout(loop) };
  } catch {
    return undefined;
  }
}

/** Sizes of every Memory handed out, for the checked mode: a Memory that is not here was forged. */
const sizes = new WeakMap<Memory, number>();

/** Memory with an address; rounded up to a page so that V8 never places it inside its moving heap. */
export function allocateMemory(bytes: number): Memory {
  const buffer = Buffer.allocUnsafeSlow(Math.max(4096, bytes));
  const memory: Memory = { bytes: buffer, address: Number(demand().koffi.address(buffer)) };
  sizes.set(memory, buffer.length);
  return memory;
}

/** The address of a window. */
export type Locate = (memory: Memory, offset: number, length: number) => number;

const locate: Locate = (memory, offset) => memory.address + offset;

const locateChecked: Locate = (memory, offset, length) => {
  const size = sizes.get(memory);
  if (size === undefined) throw new RangeError("checked mode: memory that `allocate` did not make");
  if (memory.bytes.length !== size) throw new RangeError("checked mode: the memory was detached");
  if (!Number.isInteger(offset) || !Number.isInteger(length) || offset < 0 || length < 0) {
    throw new RangeError(`checked mode: window ${offset}+${length} is not whole or not positive`);
  }
  if (offset + length > size)
    throw new RangeError(`checked mode: window ${offset}+${length} exceeds ${size}`);
  return memory.address + offset;
};

/** How windows become addresses. */
export function locator(checked: boolean): Locate {
  return checked ? locateChecked : locate;
}

/** Writes a 64-bit little-endian number below 2^53. */
export function writeWord(into: Buffer, offset: number, value: number): void {
  into.writeUInt32LE(value % 0x100000000, offset);
  into.writeUInt32LE(Math.floor(value / 0x100000000), offset + 4);
}

/** System calls. Results below zero are -errno. */
export interface Sys {
  readonly checked: boolean;
  /** At least `bytes` bytes of memory that may be named in calls. */
  allocate(bytes: number): Memory;
  read(fd: number, into: Memory, offset: number, length: number): number;
  write(fd: number, from: Memory, offset: number, length: number): number;
  send(fd: number, from: Memory, offset: number, length: number): number;
  /** `message` holds a struct msghdr at 0, made with `messageHeader`. */
  sendMessage(fd: number, message: Memory, flags: number): number;
  receiveMessage(fd: number, message: Memory, flags: number): number;
  /** Writes a struct msghdr at 0 of `message`. */
  messageHeader(message: Memory, parts: MessageParts): void;
  /** Writes the struct iovec number `index` of the table at `base`. */
  vector(table: Memory, base: number, index: number, part: Memory, offset: number, length: number): void;
  close(fd: number): number;
  shutdown(fd: number, how: number): number;
  socket(family: number, type: number): number;
  bind(fd: number, address: Memory, length: number): number;
  listen(fd: number, backlog: number): number;
  connect(fd: number, address: Memory, length: number): number;
  /** The peer's address is written at 0 of `address`, its length at `LENGTH_AT`. */
  accept(fd: number, address: Memory, flags: number): number;
  /** As `accept` for our own address. */
  localAddress(fd: number, address: Memory): number;
  /** As `localAddress` for the peer's; fails before a connection is made. */
  peerAddress(fd: number, address: Memory): number;
  setOption(fd: number, level: number, name: number, value: Memory, length: number): number;
  /** The value is written at 0 of `value`, its length at `LENGTH_AT`; at most `length` bytes. */
  getOption(fd: number, level: number, name: number, value: Memory, length: number): number;
  /** A counter with a descriptor that is readable while it is not zero. */
  eventCounter(flags: number): number;
  /** A timer with a descriptor that is readable when the time has come. */
  timerCreate(clock: number, flags: number): number;
  /** Sets it by the struct itimerspec at 0 of `spec`, from now on. */
  timerSet(fd: number, spec: Memory): number;
  epollCreate(flags: number): number;
  epollControl(epoll: number, operation: number, fd: number, event: Memory): number;
  epollWait(epoll: number, events: Memory, count: number, timeoutMs: number): number;
  setNamespace(fd: number, type: number): number;
  /** Gives free pages of the C library's heaps back to the system; 1 when there were any. */
  trimMemory(): number;
  /**
   * Takes the program's code and constants out of this process's page tables; what is used again is mapped again, a fault
   * for each 64 KiB. The result is the first error, or 0; without descriptors nothing can be looked up, and that is one.
   */
  dropProgramPages(): number;
  /** fcntl with an int argument. */
  control(fd: number, command: number, argument: number): number;
}

/** The parts of a struct msghdr; windows of `from`. Lengths of 0 leave a part out. */
interface MessageParts {
  readonly vectors: Memory;
  readonly vectorsAt: number;
  readonly vectorCount: number;
  readonly control: Memory;
  readonly controlAt: number;
  readonly controlLength: number;
}

/** Where a Memory used for an address or an option keeps its socklen_t. */
const LENGTH_AT = 256;
/** sizeof(struct msghdr), with the offsets of the fields that come back. */
export const MSGHDR = { bytes: 56, controlLength: 40, flags: 48 } as const;
const VECTOR_BYTES = 16;

const instances: { plain?: Sys; checked?: Sys } = {};

/** The system calls of this process, with or without assertions. Throws an IoError `unsupported`. */
export function createSys(checked = false): Sys {
  if (checked) return (instances.checked ??= makeSys(true));
  return (instances.plain ??= makeSys(false));
}

function makeSys(checked: boolean): Sys {
  const { koffi, libc } = demand();
  const at = locator(checked);
  const settle = (result: number): number => (result < 0 ? -koffi.errno() : result);
  const withLength = (memory: Memory, length: number): number => {
    memory.bytes.writeUInt32LE(length, LENGTH_AT);
    return at(memory, LENGTH_AT, 4);
  };
  return {
    checked,
    allocate: allocateMemory,
    read: (fd, into, offset, length) => settle(libc.read(fd, at(into, offset, length), length)),
    write: (fd, from, offset, length) => settle(libc.write(fd, at(from, offset, length), length)),
    send: (fd, from, offset, length) => settle(libc.send(fd, at(from, offset, length), length, MSG_NOSIGNAL)),
    sendMessage: (fd, message, flags) => settle(libc.sendmsg(fd, at(message, 0, MSGHDR.bytes), flags)),
    receiveMessage: (fd, message, flags) => settle(libc.recvmsg(fd, at(message, 0, MSGHDR.bytes), flags)),
    messageHeader: (message, parts) => {
      message.bytes.fill(0, 0, MSGHDR.bytes);
      writeWord(message.bytes, 16, at(parts.vectors, parts.vectorsAt, parts.vectorCount * VECTOR_BYTES));
      writeWord(message.bytes, 24, parts.vectorCount);
      if (parts.controlLength === 0) return;
      writeWord(message.bytes, 32, at(parts.control, parts.controlAt, parts.controlLength));
      writeWord(message.bytes, 40, parts.controlLength);
    },
    vector: (table, base, index, part, offset, length) => {
      writeWord(table.bytes, base + index * VECTOR_BYTES, at(part, offset, length));
      writeWord(table.bytes, base + index * VECTOR_BYTES + 8, length);
    },
    close: (fd) => settle(libc.close(fd)),
    shutdown: (fd, how) => settle(libc.shutdown(fd, how)),
    socket: (family, type) => settle(libc.socket(family, type, 0)),
    bind: (fd, address, length) => settle(libc.bind(fd, at(address, 0, length), length)),
    listen: (fd, backlog) => settle(libc.listen(fd, backlog)),
    connect: (fd, address, length) => settle(libc.connect(fd, at(address, 0, length), length)),
    accept: (fd, address, flags) =>
      settle(libc.accept4(fd, at(address, 0, LENGTH_AT), withLength(address, LENGTH_AT), flags)),
    localAddress: (fd, address) =>
      settle(libc.getsockname(fd, at(address, 0, LENGTH_AT), withLength(address, LENGTH_AT))),
    peerAddress: (fd, address) =>
      settle(libc.getpeername(fd, at(address, 0, LENGTH_AT), withLength(address, LENGTH_AT))),
    setOption: (fd, level, name, value, length) =>
      settle(libc.setsockopt(fd, level, name, at(value, 0, length), length)),
    getOption: (fd, level, name, value, length) =>
      settle(libc.getsockopt(fd, level, name, at(value, 0, length), withLength(value, length))),
    eventCounter: (flags) => settle(libc.eventfd(0, flags)),
    timerCreate: (clock, flags) => settle(libc.timerfd_create(clock, flags)),
    timerSet: (fd, spec) => settle(libc.timerfd_settime(fd, 0, at(spec, 0, 32), 0)),
    epollCreate: (flags) => settle(libc.epoll_create1(flags)),
    epollControl: (epoll, operation, fd, event) =>
      settle(libc.epoll_ctl(epoll, operation, fd, at(event, 0, 16))),
    epollWait: (epoll, events, count, timeoutMs) =>
      settle(libc.epoll_wait(epoll, at(events, 0, count * 16), count, timeoutMs)),
    setNamespace: (fd, type) => settle(libc.setns(fd, type)),
    trimMemory: () => libc.malloc_trim(0),
    dropProgramPages: () => {
      try {
        const ranges = unchangedPages(
          readFileSync("/proc/self/smaps", "utf8"),
          readlinkSync("/proc/self/exe"),
        );
        const results = ranges.map(({ start, bytes }) => settle(libc.madvise(start, bytes, MADV_DONTNEED)));
        return results.find((result) => result < 0) ?? 0;
      } catch (thrown) {
        const { errno } = thrown as NodeJS.ErrnoException;
        if (errno === undefined) throw thrown;
        return errno;
      }
    },
    control: (fd, command, argument) => settle(libc.fcntl(fd, command, argument)),
  };
}
