/**
 * Numbers of the Linux user ABI that x64 and arm64 share (asm-generic), and the two layouts in which they differ.
 * Names are the kernel's own, so that they can be looked up.
 */
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;

export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_SEQPACKET = 5;
/** Every socket is made non-blocking and is not inherited by programs we start. */
export const SOCK_NONBLOCK_CLOEXEC = 0o4000 | 0o2000000;

export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const SO_ERROR = 4;
export const SO_LINGER = 13;
export const SO_REUSEPORT = 15;
export const SO_RCVLOWAT = 18;
export const SO_RCVBUF = 8;
export const SO_RCVBUFFORCE = 33;
export const SO_MARK = 36;
export const SCM_RIGHTS = 1;

export const IPPROTO_TCP = 6;
export const TCP_NODELAY = 1;
export const TCP_CONGESTION = 13;

export const SOL_IP = 0;
export const IP_TRANSPARENT = 19;
export const IP_BIND_ADDRESS_NO_PORT = 24;
export const SO_ORIGINAL_DST = 80;

export const SOL_IPV6 = 41;
export const IPV6_V6ONLY = 26;
export const IPV6_TRANSPARENT = 75;
export const IP6T_SO_ORIGINAL_DST = 80;

export const F_GETFL = 3;
export const F_SETFL = 4;
export const F_DUPFD_CLOEXEC = 1030;
export const O_NONBLOCK = 0o4000;

export const SHUT_WR = 1;

export const MADV_DONTNEED = 4;

export const MSG_CTRUNC = 0x8;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;
/** A broken pipe is an error result, never a signal, whatever the process does about SIGPIPE. */
export const MSG_NOSIGNAL = 0x4000;
export const MSG_CMSG_CLOEXEC = 0x40000000;

export const EPOLLIN = 0x1;
export const EPOLLOUT = 0x4;
export const EPOLLERR = 0x8;
export const EPOLLHUP = 0x10;
export const EPOLLRDHUP = 0x2000;
/** 1 << 31, as a signed 32-bit number. */
export const EPOLLET = -0x80000000;
export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLL_CTL_MOD = 3;
export const EPOLL_CLOEXEC = 0o2000000;

export const CLOCK_MONOTONIC = 1;
/** TFD_NONBLOCK | TFD_CLOEXEC. */
export const TIMER_NONBLOCK_CLOEXEC = 0o4000 | 0o2000000;

export const CLONE_NEWNET = 0x40000000;

export const EINTR = 4;
export const EBADF = 9;
export const EAGAIN = 11;
export const ENOMEM = 12;
export const ENFILE = 23;
export const EMFILE = 24;
export const EPIPE = 32;
export const EPROTO = 71;
export const EADDRNOTAVAIL = 99;
export const ENOBUFS = 105;
export const EINPROGRESS = 115;

/** struct epoll_event in 32-bit words: packed on x64 (12 bytes), naturally aligned elsewhere (16). */
export interface EpollEventLayout {
  readonly words: number;
  readonly dataWord: number;
}

/** The layout of struct epoll_event on `arch` (as `process.arch` spells it). */
export function epollEventLayout(arch: string): EpollEventLayout {
  return arch === "x64" ? { words: 3, dataWord: 1 } : { words: 4, dataWord: 2 };
}
