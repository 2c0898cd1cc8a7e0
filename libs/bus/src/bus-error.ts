import { AmbitError } from "@ambit/base/errors.ts";

/** `connect` the broker cannot be reached or refused us; `protocol` it broke the protocol; `hint` a hint cannot be trusted. */
export type BusErrorCode = "connect" | "protocol" | "hint" | "listen";

/** Errors of the bus. */
export class BusError extends AmbitError<BusErrorCode> {}
