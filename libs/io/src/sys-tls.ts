/**
 * OpenSSL as the running binary exports it, through the loader of `sys.ts` and under its invariants. Handles (SSL_CTX,
 * SSL, BIO) are numbers that only this file turns into pointers. What is particular here:
 * - Both BIOs of a session are memory BIOs whose BUF_MEM we own. BIO_C_SET_BUF_MEM copies the struct into the BIO's
 *   read cursor and, with close flag 0, never frees what it was given; so one struct per direction serves every
 *   session, and a session at rest owns no buffer.
 * - OpenSSL would reallocate a BUF_MEM that overflows. Callers therefore leave `max` far above what one call emits.
 * - BIO_reset is never used (it clears the whole buffer), partial writes are never enabled (SSL_write would stop after
 *   one record), and the thread's error queue is cleared before every call whose failure is looked at.
 */
import type { Memory } from "./driver.ts";
import {
  allocateMemory,
  bindSelf,
  bindSelfText,
  ffiSockets,
  locator,
  nativeCallback,
  writeWord,
} from "./sys.ts";
import type { FfiStatus } from "./sys.ts";

const OPENSSL = {
  TLS_method: "uintptr_t TLS_method()",
  SSL_CTX_new: "uintptr_t SSL_CTX_new(uintptr_t)",
  SSL_CTX_free: "void SSL_CTX_free(uintptr_t)",
  SSL_CTX_ctrl: "long SSL_CTX_ctrl(uintptr_t, int, long, uintptr_t)",
  SSL_CTX_set_ciphersuites: "int SSL_CTX_set_ciphersuites(uintptr_t, uintptr_t)",
  SSL_CTX_set_options: "uint64_t SSL_CTX_set_options(uintptr_t, uint64_t)",
  SSL_CTX_set_num_tickets: "int SSL_CTX_set_num_tickets(uintptr_t, size_t)",
  SSL_CTX_set_verify: "void SSL_CTX_set_verify(uintptr_t, int, uintptr_t)",
  SSL_CTX_set_alpn_protos: "int SSL_CTX_set_alpn_protos(uintptr_t, uintptr_t, uint32_t)",
  SSL_CTX_set_alpn_select_cb: "void SSL_CTX_set_alpn_select_cb(uintptr_t, uintptr_t, uintptr_t)",
  SSL_CTX_use_certificate: "int SSL_CTX_use_certificate(uintptr_t, uintptr_t)",
  SSL_CTX_use_PrivateKey: "int SSL_CTX_use_PrivateKey(uintptr_t, uintptr_t)",
  SSL_CTX_check_private_key: "int SSL_CTX_check_private_key(uintptr_t)",
  SSL_CTX_get_cert_store: "uintptr_t SSL_CTX_get_cert_store(uintptr_t)",
  X509_STORE_add_cert: "int X509_STORE_add_cert(uintptr_t, uintptr_t)",
  X509_free: "void X509_free(uintptr_t)",
  EVP_PKEY_free: "void EVP_PKEY_free(uintptr_t)",
  BIO_new_mem_buf: "uintptr_t BIO_new_mem_buf(uintptr_t, int)",
  BIO_free: "int BIO_free(uintptr_t)",
  PEM_read_bio_X509: "uintptr_t PEM_read_bio_X509(uintptr_t, uintptr_t, uintptr_t, uintptr_t)",
  PEM_read_bio_PrivateKey: "uintptr_t PEM_read_bio_PrivateKey(uintptr_t, uintptr_t, uintptr_t, uintptr_t)",
  SSL_new: "uintptr_t SSL_new(uintptr_t)",
  SSL_free: "void SSL_free(uintptr_t)",
  SSL_set_bio: "void SSL_set_bio(uintptr_t, uintptr_t, uintptr_t)",
  SSL_set_connect_state: "void SSL_set_connect_state(uintptr_t)",
  SSL_set_accept_state: "void SSL_set_accept_state(uintptr_t)",
  SSL_ctrl: "long SSL_ctrl(uintptr_t, int, long, uintptr_t)",
  SSL_do_handshake: "int SSL_do_handshake(uintptr_t)",
  SSL_get_error: "int SSL_get_error(uintptr_t, int)",
  SSL_read: "int SSL_read(uintptr_t, uintptr_t, int)",
  SSL_write: "int SSL_write(uintptr_t, uintptr_t, int)",
  SSL_pending: "int SSL_pending(uintptr_t)",
  SSL_shutdown: "int SSL_shutdown(uintptr_t)",
  SSL_get_verify_result: "long SSL_get_verify_result(uintptr_t)",
  SSL_get1_peer_certificate: "uintptr_t SSL_get1_peer_certificate(uintptr_t)",
  SSL_get0_alpn_selected: "void SSL_get0_alpn_selected(uintptr_t, uintptr_t, uintptr_t)",
  i2d_X509: "int i2d_X509(uintptr_t, uintptr_t)",
  BIO_new: "uintptr_t BIO_new(uintptr_t)",
  BIO_s_mem: "uintptr_t BIO_s_mem()",
  BIO_ctrl: "long BIO_ctrl(uintptr_t, int, long, uintptr_t)",
  BIO_ctrl_pending: "size_t BIO_ctrl_pending(uintptr_t)",
  ERR_clear_error: "void ERR_clear_error()",
  ERR_get_error: "unsigned long ERR_get_error()",
  memcpy: "uintptr_t memcpy(uintptr_t, uintptr_t, size_t)",
} as const;

type Openssl = Readonly<Record<keyof typeof OPENSSL, (...values: number[]) => number>>;

/** ssl, out, outlen, in, inlen, arg. */
const ALPN_PARAMETERS = ["uintptr_t", "uintptr_t", "uintptr_t", "uintptr_t", "uint32_t", "uintptr_t"];

const SSL_CTRL_MODE = 33;
const SSL_CTRL_SET_SESS_CACHE_MODE = 44;
const SSL_CTRL_SET_TLSEXT_HOSTNAME = 55;
const SSL_CTRL_CHAIN_CERT = 89;
const SSL_CTRL_SET_MIN_PROTO_VERSION = 123;
const SSL_CTRL_SET_MAX_PROTO_VERSION = 124;
const TLS1_3_VERSION = 0x0304;
/** SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS: sessions give their record buffers back. */
const SESSION_MODE = 0x2 | 0x10;
/** SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT. */
const VERIFY_MUTUAL = 0x1 | 0x2;
/**
 * SSL_OP_NO_TX_CERTIFICATE_COMPRESSION | SSL_OP_NO_RX_CERTIFICATE_COMPRESSION (bits 32 and 33). Compressing our chain
 * anew for each handshake costs more than all the rest of it, and unpacking a peer's is an attack surface.
 */
const NO_CERTIFICATE_COMPRESSION = 2 ** 32 + 2 ** 33;
const BIO_C_SET_BUF_MEM = 114;
const SSL_TLSEXT_ERR_OK = 0;
const SSL_TLSEXT_ERR_ALERT_FATAL = 2;

/** Results of SSL_get_error that the engine tells apart; anything else is a failure. */
export const SSL_ERROR_WANT_READ = 2;
export const SSL_ERROR_ZERO_RETURN = 6;

/** A pointer to an OpenSSL object; only `sys-tls.ts` looks inside. */
export type Handle = number;

/** The objects that may be used now. Empty and unused outside the checked mode. */
class HandleSet {
  readonly #live = new Set<Handle>();
  readonly #checked: boolean;

  constructor(checked: boolean) {
    this.#checked = checked;
  }

  own(handle: Handle): Handle {
    if (this.#checked) this.#live.add(handle);
    return handle;
  }

  use(handle: Handle): Handle {
    if (this.#checked && !this.#live.has(handle))
      throw new RangeError("checked mode: a freed TLS object is used");
    return handle;
  }

  disown(handle: Handle): Handle {
    this.use(handle);
    if (this.#checked) this.#live.delete(handle);
    return handle;
  }
}

/** One BUF_MEM struct and the window it describes. */
export interface Window {
  readonly struct: Memory;
  readonly at: number;
}

/** The OpenSSL calls of one thread. */
export class TlsSys {
  readonly #ssl: Openssl;
  readonly #at: (memory: Memory, offset: number, length: number) => number;
  readonly #handles: HandleSet;
  readonly #reasonText: (code: number) => string | null;
  readonly #verifyText: (code: number) => string | null;
  readonly #scratch: Memory;
  readonly #alpn: number;
  readonly #protocols: string[] = [];

  /** Throws an IoError `unsupported`, or koffi's error when a symbol is missing. Use `createTlsSys`. */
  constructor(checked = false) {
    this.#ssl = bindSelf(OPENSSL);
    this.#reasonText = bindSelfText("const char *ERR_reason_error_string(unsigned long)");
    this.#verifyText = bindSelfText("const char *X509_verify_cert_error_string(long)");
    this.#at = locator(checked);
    this.#handles = new HandleSet(checked);
    this.#scratch = allocateMemory(4096);
    this.#alpn = nativeCallback(ALPN_PARAMETERS, (_ssl, out, outLength, offered, offeredLength, index) =>
      this.#selectProtocol(out ?? 0, outLength ?? 0, offered ?? 0, offeredLength ?? 0, index ?? -1),
    );
  }

  /** A context for TLS 1.3 in both roles: mutual verification, no tickets, no session cache. */
  newContext(): Handle {
    const context = this.#handles.own(this.#ssl.SSL_CTX_new(this.#ssl.TLS_method()));
    this.#ssl.SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_3_VERSION, 0);
    this.#ssl.SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, TLS1_3_VERSION, 0);
    this.#ssl.SSL_CTX_ctrl(context, SSL_CTRL_MODE, SESSION_MODE, 0);
    this.#ssl.SSL_CTX_ctrl(context, SSL_CTRL_SET_SESS_CACHE_MODE, 0, 0);
    this.#ssl.SSL_CTX_set_options(context, NO_CERTIFICATE_COMPRESSION);
    this.#ssl.SSL_CTX_set_num_tickets(context, 0);
    this.#ssl.SSL_CTX_set_verify(context, VERIFY_MUTUAL, 0);
    return context;
  }

  /** Gives up our reference; sessions made from the context hold their own. */
  freeContext(context: Handle): void {
    this.#ssl.SSL_CTX_free(this.#handles.disown(context));
  }

  /** False when a name is unknown or not a TLS 1.3 suite. */
  setCipherSuites(context: Handle, names: string): boolean {
    return this.#ssl.SSL_CTX_set_ciphersuites(this.#handles.use(context), this.#text(names)) === 1;
  }

  /** Offers `protocol` as a client and accepts nothing else as a server. */
  setProtocol(context: Handle, protocol: string): void {
    const name = Buffer.from(protocol, "latin1");
    this.#scratch.bytes[0] = name.length;
    this.#scratch.bytes.set(name, 1);
    const list = this.#at(this.#scratch, 0, name.length + 1);
    this.#ssl.SSL_CTX_set_alpn_protos(this.#handles.use(context), list, name.length + 1);
    if (!this.#protocols.includes(protocol)) this.#protocols.push(protocol);
    this.#ssl.SSL_CTX_set_alpn_select_cb(context, this.#alpn, this.#protocols.indexOf(protocol));
  }

  // OpenSSL hands over its own memory here, so it is copied out before it is looked at. The callback's argument is an
  // index and not an object: a released context may still serve its last handshakes.
  #selectProtocol(out: number, outLength: number, offered: number, length: number, index: number): number {
    const wanted = this.#protocols[index];
    const { bytes } = this.#scratch;
    if (wanted === undefined || length > 1024) return SSL_TLSEXT_ERR_ALERT_FATAL;
    this.#ssl.memcpy(this.#at(this.#scratch, 0, length), offered, length);
    for (let offset = 0; offset < length;) {
      const size = bytes[offset] ?? 0;
      if (bytes.toString("latin1", offset + 1, offset + 1 + size) === wanted) {
        writeWord(bytes, 2048, offered + offset + 1);
        bytes[2056] = size;
        this.#ssl.memcpy(out, this.#at(this.#scratch, 2048, 8), 8);
        this.#ssl.memcpy(outLength, this.#at(this.#scratch, 2056, 1), 1);
        return SSL_TLSEXT_ERR_OK;
      }
      offset += size + 1;
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }

  /**
   * Loads PEM certificates from the first `length` bytes of `pem`, in order, handing each to `take` by its place, and
   * returns how many there were; -1 when one is malformed or `take` refuses it.
   */
  #eachCertificate(
    pem: Memory,
    length: number,
    take: (certificate: Handle, place: number) => boolean,
  ): number {
    const source = this.#ssl.BIO_new_mem_buf(this.#at(pem, 0, length), length);
    try {
      for (let place = 0; ; place++) {
        this.#ssl.ERR_clear_error();
        const certificate = this.#ssl.PEM_read_bio_X509(source, 0, 0, 0);
        if (certificate === 0)
          return this.#reasonText(this.#ssl.ERR_get_error()) === "no start line" ? place : -1;
        const taken = take(certificate, place);
        this.#ssl.X509_free(certificate);
        if (!taken) return -1;
      }
    } finally {
      this.#ssl.BIO_free(source);
    }
  }

  /** Leaf first, then intermediates. The number loaded, or -1. */
  useCertificateChain(context: Handle, pem: Memory, length: number): number {
    const owner = this.#handles.use(context);
    return this.#eachCertificate(pem, length, (certificate, place) =>
      place === 0
        ? this.#ssl.SSL_CTX_use_certificate(owner, certificate) === 1
        : this.#ssl.SSL_CTX_ctrl(owner, SSL_CTRL_CHAIN_CERT, 1, certificate) === 1,
    );
  }

  /** The number of roots loaded, or -1. */
  addRoots(context: Handle, pem: Memory, length: number): number {
    const store = this.#ssl.SSL_CTX_get_cert_store(this.#handles.use(context));
    return this.#eachCertificate(
      pem,
      length,
      (certificate) => this.#ssl.X509_STORE_add_cert(store, certificate) === 1,
    );
  }

  /** False when the key cannot be read or does not belong to the certificate. Never asks for a passphrase. */
  usePrivateKey(context: Handle, pem: Memory, length: number): boolean {
    const owner = this.#handles.use(context);
    const source = this.#ssl.BIO_new_mem_buf(this.#at(pem, 0, length), length);
    const key = this.#ssl.PEM_read_bio_PrivateKey(source, 0, 0, this.#text(""));
    this.#ssl.BIO_free(source);
    if (key === 0) return false;
    const used = this.#ssl.SSL_CTX_use_PrivateKey(owner, key) === 1;
    this.#ssl.EVP_PKEY_free(key);
    return used && this.#ssl.SSL_CTX_check_private_key(owner) === 1;
  }

  #text(text: string): number {
    const length = this.#scratch.bytes.write(`${text}\0`, 0, "latin1");
    return this.#at(this.#scratch, 0, length);
  }

  /** A session with two empty memory BIOs, which it owns. */
  newSession(context: Handle, role: "client" | "server", serverName: string | undefined): Session {
    const ssl = this.#handles.own(this.#ssl.SSL_new(this.#handles.use(context)));
    const memory = this.#ssl.BIO_s_mem();
    const input = this.#handles.own(this.#ssl.BIO_new(memory));
    const output = this.#handles.own(this.#ssl.BIO_new(memory));
    this.#ssl.SSL_set_bio(ssl, input, output);
    if (role === "client") this.#ssl.SSL_set_connect_state(ssl);
    else this.#ssl.SSL_set_accept_state(ssl);
    if (serverName !== undefined)
      this.#ssl.SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, 0, this.#text(serverName));
    return { ssl, input, output };
  }

  /** Frees the session and its BIOs. */
  freeSession(session: Session): void {
    this.#handles.disown(session.input);
    this.#handles.disown(session.output);
    this.#ssl.SSL_free(this.#handles.disown(session.ssl));
  }

  /** Describes bytes `offset` to `offset + used` of `memory`, growing up to `max`, and points `bio` at them. */
  point(bio: Handle, window: Window, memory: Memory, offset: number, used: number, max: number): void {
    const { bytes } = window.struct;
    writeWord(bytes, window.at, used);
    writeWord(bytes, window.at + 8, this.#at(memory, offset, max));
    writeWord(bytes, window.at + 16, max);
    writeWord(bytes, window.at + 24, 0);
    this.#ssl.BIO_ctrl(this.#handles.use(bio), BIO_C_SET_BUF_MEM, 0, this.#at(window.struct, window.at, 32));
  }

  /** How many bytes the BIO last pointed with `window` has been filled to. */
  filled(window: Window): number {
    return window.struct.bytes.readUInt32LE(window.at);
  }

  /** Bytes that lie unread in a BIO. */
  unread(bio: Handle): number {
    return this.#ssl.BIO_ctrl_pending(this.#handles.use(bio));
  }

  clearErrors(): void {
    this.#ssl.ERR_clear_error();
  }

  /** 1 when complete. */
  handshake(session: Session): number {
    return this.#ssl.SSL_do_handshake(this.#handles.use(session.ssl));
  }

  read(session: Session, into: Memory, offset: number, length: number): number {
    return this.#ssl.SSL_read(this.#handles.use(session.ssl), this.#at(into, offset, length), length);
  }

  write(session: Session, from: Memory, offset: number, length: number): number {
    return this.#ssl.SSL_write(this.#handles.use(session.ssl), this.#at(from, offset, length), length);
  }

  /** Writes close_notify into the output BIO. */
  shutdown(session: Session): void {
    this.#ssl.SSL_shutdown(this.#handles.use(session.ssl));
  }

  /** Plaintext bytes that OpenSSL holds because the last read was too small for its record. */
  pending(session: Session): number {
    return this.#ssl.SSL_pending(this.#handles.use(session.ssl));
  }

  /** SSL_get_error for a call that returned `result`. */
  errorKind(session: Session, result: number): number {
    return this.#ssl.SSL_get_error(this.#handles.use(session.ssl), result);
  }

  /** OpenSSL's words for the latest failure: the certificate's fault when there is one, else the error queue's. */
  failureReason(session: Session): string {
    const verdict = this.#ssl.SSL_get_verify_result(this.#handles.use(session.ssl));
    const reason = this.#reasonText(this.#ssl.ERR_get_error()) ?? "connection ended";
    return verdict === 0 ? reason : `${reason}: ${this.#verifyText(verdict) ?? String(verdict)}`;
  }

  /** Writes the peer's certificate as DER at 0 of `into` and returns its length; 0 when there is none or no room. */
  peerCertificate(session: Session, into: Memory): number {
    const certificate = this.#ssl.SSL_get1_peer_certificate(this.#handles.use(session.ssl));
    if (certificate === 0) return 0;
    const length = this.#ssl.i2d_X509(certificate, 0);
    const fits = length > 0 && length <= into.bytes.length;
    if (fits) {
      writeWord(this.#scratch.bytes, 0, this.#at(into, 0, length));
      this.#ssl.i2d_X509(certificate, this.#at(this.#scratch, 0, 8));
    }
    this.#ssl.X509_free(certificate);
    return fits ? length : 0;
  }

  /** The protocol agreed on, or "". */
  selectedProtocol(session: Session): string {
    const { bytes } = this.#scratch;
    bytes.fill(0, 0, 16);
    const pointerAt = this.#at(this.#scratch, 0, 8);
    this.#ssl.SSL_get0_alpn_selected(this.#handles.use(session.ssl), pointerAt, pointerAt + 8);
    const length = Math.min(255, bytes.readUInt32LE(8));
    if (length === 0) return "";
    this.#ssl.memcpy(this.#at(this.#scratch, 16, length), Number(bytes.readBigUInt64LE(0)), length);
    return bytes.toString("latin1", 16, 16 + length);
  }
}

/** The three objects of one TLS connection. */
export interface Session {
  readonly ssl: Handle;
  readonly input: Handle;
  readonly output: Handle;
}

const instances: { plain?: TlsSys; checked?: TlsSys } = {};

/** The OpenSSL calls of this thread, made once: its C callback is never taken back. Throws as `TlsSys` does. */
export function createTlsSys(checked = false): TlsSys {
  if (checked) return (instances.checked ??= new TlsSys(true));
  return (instances.plain ??= new TlsSys());
}

let status: FfiStatus | undefined;

/** Whether koffi loads and the running binary exports every OpenSSL function needed; the answer is kept. */
export function ffiAvailable(): FfiStatus {
  return (status ??= probe());
}

function probe(): FfiStatus {
  const sockets = ffiSockets();
  if (!sockets.available) return { sockets: false, tls: false, reason: sockets.reason };
  try {
    bindSelf(OPENSSL);
    return { sockets: true, tls: true, reason: "" };
  } catch (error) {
    const reason = error instanceof Error ? error.message : "OpenSSL is not exported";
    return { sockets: true, tls: false, reason: `this Node binary does not export OpenSSL: ${reason}` };
  }
}
