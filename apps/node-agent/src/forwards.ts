/** A port to be published on the machine: `port` of a service or pod. */
export interface ForwardSpec {
  readonly hostPort: number;
  readonly namespace: string;
  /** A service, or a pod when no service has that name. */
  readonly name: string;
  /** Number or name of the service's port; a pod's port by number. */
  readonly port: number | string;
}
