import { AmbitError } from "@ambit/base/errors.ts";

/** What can go wrong between the node agent and a container engine. */
export type DockerErrorCode =
  /** Nothing answers on the engine's socket, or the connection broke. */
  | "unreachable"
  /** The socket is there, but this process may not use it. */
  | "denied"
  /** The engine knows no such container. */
  | "not-found"
  /** The engine answered with another status than was expected. */
  | "status"
  /** The answer is longer than the caller takes. */
  | "too-large"
  /** The answer is not what the engine's API promises. */
  | "answer"
  /** No whole answer in time. */
  | "timeout"
  /** The engine and this program have no version of the API in common. */
  | "version"
  /** A container's labels cannot be used. */
  | "labels"
  /** A container's network namespace cannot be found or opened. */
  | "namespace";

/** Raised by the Docker platform on purpose. */
export class DockerError extends AmbitError<DockerErrorCode> {}
