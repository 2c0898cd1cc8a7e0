import { AmbitError } from "@ambit/base/errors.ts";

/**
 * `bad-csr` a request is malformed or not proven; `bad-token` a token proves nobody; `bad-certificate` a certificate
 * or key cannot be used; `ca-refused` the authority said no; `ca-unreachable` it did not answer; `stopped` shut down.
 */
export type IdentityErrorCode =
  | "bad-csr"
  | "bad-token"
  | "bad-certificate"
  | "ca-refused"
  | "ca-unreachable"
  | "stopped";

/** Errors of keys, certificates and tokens. Messages never carry a key or a token. */
export class IdentityError extends AmbitError<IdentityErrorCode> {}
