import { createCipheriv, createHmac } from "node:crypto";

/** TLS 1.3 record types (RFC 8446, section 5.1). */
export const RECORD = { handshake: 22, data: 23 } as const;

/** The only suite whose records are sealed here. */
export const SEALED_SUITE = "TLS_AES_128_GCM_SHA256";

/** Seals TLS 1.3 records by hand once a handshake is over: any type, any number, new keys at will. */
export class RecordSealer {
  #secret: Buffer;
  #key: Buffer = Buffer.alloc(0);
  #iv: Buffer = Buffer.alloc(0);
  #sequence = 0n;

  /** `secret` is CLIENT_TRAFFIC_SECRET_0 of a handshake with SEALED_SUITE. */
  constructor(secret: Buffer) {
    this.#secret = secret;
    this.#useSecret();
  }

  /** The sealer for what node:tls has told by its `keylog` events; throws when the secret is not among it. */
  static fromKeyLog(lines: readonly Buffer[]): RecordSealer {
    const texts = lines.map((line) => line.toString("latin1").trim().split(" "));
    const [, , secret] = texts.find(([label]) => label === "CLIENT_TRAFFIC_SECRET_0") ?? [];
    if (secret === undefined) throw new Error("The handshake told no traffic secret");
    return new RecordSealer(Buffer.from(secret, "hex"));
  }

  /** One record under the present keys. */
  seal(type: number, content: Uint8Array): Buffer {
    const length = content.length + 1 + 16;
    const head = Buffer.of(RECORD.data, 3, 3, length >> 8, length & 0xff);
    const nonce = Buffer.from(this.#iv);
    nonce.writeBigUInt64BE(nonce.readBigUInt64BE(4) ^ this.#sequence++, 4);
    const cipher = createCipheriv("aes-128-gcm", this.#key, nonce);
    cipher.setAAD(head);
    const sealed = Buffer.concat([cipher.update(content), cipher.update(Buffer.of(type)), cipher.final()]);
    return Buffer.concat([head, sealed, cipher.getAuthTag()]);
  }

  /** A request for new keys (section 4.6.3), under which everything after it is sealed. */
  sealKeyUpdate(demandsAnswer: boolean): Buffer {
    const record = this.seal(RECORD.handshake, Buffer.of(24, 0, 0, 1, demandsAnswer ? 1 : 0));
    this.#secret = expandLabel(this.#secret, "traffic upd", 32);
    this.#useSecret();
    return record;
  }

  #useSecret(): void {
    this.#key = expandLabel(this.#secret, "key", 16);
    this.#iv = expandLabel(this.#secret, "iv", 12);
    this.#sequence = 0n;
  }
}

/** HKDF-Expand-Label with SHA-256 and no context (RFC 8446, section 7.1); one block is enough here. */
function expandLabel(secret: Buffer, label: string, length: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`, "latin1");
  const info = Buffer.concat([Buffer.of(0, length, name.length), name, Buffer.of(0)]);
  return createHmac("sha256", secret).update(info).update(Buffer.of(1)).digest().subarray(0, length);
}
