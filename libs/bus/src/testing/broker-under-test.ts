import type { BrokerUser } from "../embedded-broker.ts";
import { meshUsers } from "../permissions.ts";

/** A broker under test; `start` with a port gives it that port again. */
export interface BrokerUnderTest {
  readonly port: number;
  stop(): Promise<void>;
}

/** Users of the suites; their passwords are `secret-of-` and their name. */
export const BUS_USERS: readonly BrokerUser[] = meshUsers(
  ["node-a", "node-b"],
  [{ kind: "waypoint", namespace: "shop", name: "wp" }],
).map((user) => ({ ...user, password: `secret-of-${user.name}` }));

/** Starts a broker; with a port it takes that one again. */
export type StartBroker = (users: readonly BrokerUser[], port?: number) => Promise<BrokerUnderTest>;
