import { constants } from "node:crypto";
import { ServerCredentials } from "@grpc/grpc-js";

/** A peer that does not get through TLS in this time is closed; the platform's own default is two minutes. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** What a gRPC server shows and what it checks client certificates against; all PEM. */
export interface ServerTls {
  /** Leaf, then intermediates. */
  readonly certificateChain: string;
  readonly privateKey: string;
  readonly clientRoots: string;
}

/**
 * TLS of a gRPC server whose certificate changes while it runs: new handshakes see the new one, open streams stay.
 * Clients are asked for a certificate but may come without; the service authenticates. TLS 1.3 only, and no session is
 * resumed: a resumed one would skip the check of the client's certificate against the present roots. Where the process was
 * started with openssl.cnf of this room, no tickets are handed out either.
 */
export class ReloadableTls {
  readonly #credentials: RenewableCredentials;

  /** `handshakeTimeoutMs`: @default 10000 */
  constructor(initial: ServerTls, handshakeTimeoutMs = HANDSHAKE_TIMEOUT_MS) {
    this.#credentials = new RenewableCredentials(initial, handshakeTimeoutMs);
  }

  get credentials(): ServerCredentials {
    return this.#credentials;
  }

  update(next: ServerTls): void {
    this.#credentials.renew(next);
  }
}

/**
 * grpc-js's own credentials with a certificate provider start without a certificate, and drop every connection, when the
 * provider tells it at once; these begin with one. A certificate that does not lead to the roots proves nothing:
 * grpc-js shows a peer's certificate only when the TLS layer has authorized it.
 */
class RenewableCredentials extends ServerCredentials {
  constructor(tls: ServerTls, handshakeTimeoutMs: number) {
    super(
      {
        requestCert: true,
        rejectUnauthorized: false,
        minVersion: MIN_VERSION,
        handshakeTimeout: handshakeTimeoutMs,
      },
      contextOf(tls),
    );
  }

  renew(tls: ServerTls): void {
    this.updateSecureContextOptions(contextOf(tls));
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}

const MIN_VERSION = "TLSv1.3";

function contextOf(tls: ServerTls): {
  ca: Buffer;
  cert: Buffer;
  key: Buffer;
  minVersion: typeof MIN_VERSION;
  secureOptions: number;
} {
  return {
    ca: Buffer.from(tls.clientRoots),
    cert: Buffer.from(tls.certificateChain),
    key: Buffer.from(tls.privateKey),
    minVersion: MIN_VERSION,
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}
