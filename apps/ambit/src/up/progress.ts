/** What the supervisor tells the process that holds it up. */
export type SupervisorMessage =
  | { readonly type: "step"; readonly name: string; readonly detail: string }
  | { readonly type: "ready"; readonly innerPid: number }
  | { readonly type: "failed"; readonly message: string; readonly hint: string };

/** What the outer process hands to the supervisor, as JSON in its environment. */
export interface SupervisorPlan {
  readonly mode: "netns" | "loopback";
  readonly stateDir: string;
  readonly sourceDir: string;
  readonly nodes: readonly string[];
  readonly leafTtl: string;
  /** How long connections of a node proxy that leaves may go on, in milliseconds. */
  readonly drainMs: number;
  readonly driver: string;
  readonly logLevel: string;
  /** Variables of the environment by component; see `ambit up --env`. */
  readonly environment: ComponentEnvironment;
}

/** Names of components, each with variables for its processes besides those it has of the mesh. */
export type ComponentEnvironment = Readonly<Record<string, Readonly<Record<string, string>>>>;

export const PLAN_VARIABLE = "AMBIT_SUPERVISOR_PLAN";
