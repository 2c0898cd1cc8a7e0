import { AmbitError } from "@ambit/base/errors.ts";

/** What can go wrong in the node agent. */
export type AgentErrorCode =
  /** A system program failed. */
  | "command"
  /** A node has no address left. */
  | "addresses"
  /** `ambit.yaml` cannot be used. */
  | "images"
  /** A proxy broke the rules of the namespace protocol, or did not answer in time. */
  | "zds"
  /** No proxy is connected for the node. */
  | "no-proxy"
  /** The pod's namespaces could not be made. */
  | "sandbox"
  /** A connection from inside a namespace failed. */
  | "connect"
  /** A published port names nothing that is there. */
  | "forward";

/** Raised by the node agent on purpose. */
export class AgentError extends AmbitError<AgentErrorCode> {}
