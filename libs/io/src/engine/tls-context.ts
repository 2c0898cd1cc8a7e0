import type { Memory, TlsContext, TlsMaterial } from "../driver.ts";
import { IoError } from "../io-error.ts";
import { allocateMemory } from "../sys.ts";
import type { Handle, TlsSys } from "../sys-tls.ts";

/** Both sides of a mesh connection speak HTTP/2. */
const DEFAULT_ALPN = "h2";
/** The mesh's suites, fastest first. */
const DEFAULT_SUITES = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384";
/** Our own flight must fit one output buffer with room to spare; real chains are a tenth of this. */
const MAX_PEM_BYTES = 48 * 1024;
/** Bundles of a large mesh hold a few dozen roots. */
const MAX_ROOTS_BYTES = 4 * 1024 * 1024;

/** An identity loaded into OpenSSL for both roles. */
export class EngineTlsContext implements TlsContext {
  readonly alpn: string;
  readonly #tls: TlsSys;
  #handle: Handle;

  /** Throws an IoError `material` that names the faulty part. */
  constructor(tls: TlsSys, material: TlsMaterial) {
    this.alpn = material.alpn ?? DEFAULT_ALPN;
    this.#tls = tls;
    this.#handle = tls.newContext();
    try {
      this.#load(material);
    } catch (error) {
      this.release();
      throw error;
    }
  }

  #load(material: TlsMaterial): void {
    if (this.alpn === "" || this.alpn.length > 255)
      throw fault("alpn", "The protocol name has no valid length");
    if (!this.#tls.setCipherSuites(this.#handle, material.cipherSuites ?? DEFAULT_SUITES)) {
      throw fault("cipherSuites", "A cipher suite is not known for TLS 1.3");
    }
    this.#tls.setProtocol(this.#handle, this.alpn);
    withPem(material.certificateChain, "certificateChain", MAX_PEM_BYTES, (pem, length) => {
      const count = this.#tls.useCertificateChain(this.#handle, pem, length);
      if (count < 1)
        throw fault("certificateChain", "The certificate chain holds no certificate or a malformed one");
    });
    withPem(material.privateKey, "privateKey", MAX_PEM_BYTES, (pem, length) => {
      if (this.#tls.usePrivateKey(this.#handle, pem, length)) return;
      throw fault("privateKey", "The private key cannot be read or does not belong to the certificate");
    });
    withPem(material.roots, "roots", MAX_ROOTS_BYTES, (pem, length) => {
      if (this.#tls.addRoots(this.#handle, pem, length) >= 1) return;
      throw fault("roots", "The roots hold no certificate or a malformed one");
    });
  }

  /** The SSL_CTX; throws an IoError `material` after `release`. */
  get handle(): Handle {
    if (this.#handle === 0) throw fault("context", "The TLS context was released");
    return this.#handle;
  }

  release(): void {
    const handle = this.#handle;
    this.#handle = 0;
    if (handle !== 0) this.#tls.freeContext(handle);
  }
}

function fault(part: string, message: string): IoError {
  return new IoError("material", message, { facts: { part } });
}

// Private keys pass through here, so the copy is wiped whatever happens.
function withPem(
  text: string,
  part: string,
  limit: number,
  use: (pem: Memory, length: number) => void,
): void {
  if (text.length > limit) throw fault(part, "The PEM text is too long");
  const pem = allocateMemory(text.length);
  const length = pem.bytes.write(text, "latin1");
  try {
    use(pem, length);
  } finally {
    pem.bytes.fill(0);
  }
}
