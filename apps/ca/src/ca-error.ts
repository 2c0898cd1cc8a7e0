import { AmbitError } from "@ambit/base/errors.ts";

/** `state` files of the authority are unusable or unsafe; `refused` a caller may not have what it asks for. */
export type CaErrorCode = "state" | "refused";

/** Errors of the certificate authority. */
export class CaError extends AmbitError<CaErrorCode> {}
