import { BROKER_LIMITS } from "./broker-limits.ts";
import type { BrokerUser } from "./embedded-broker.ts";

/**
 * Configuration text of a real nats-server with the same users, permissions and limits; keep it 0600. Monitoring,
 * clustering, leaf nodes, websockets, MQTT and JetStream are off because nothing here turns them on.
 */
export function natsServerConfig(options: {
  readonly host: string;
  readonly port: number;
  readonly users: readonly BrokerUser[];
  /** What it calls itself to its clients. */
  readonly serverName: string;
  /** Where it writes its process id. */
  readonly pidFile: string;
}): string {
  const list = (subjects: readonly string[]): string =>
    // An empty allow list would allow everything; a subject nobody uses allows nothing.
    subjects.length === 0 ? '["mesh.none"]' : JSON.stringify(subjects);
  const users = options.users.map(
    ({ name, password, permissions }) =>
      `    { user: ${JSON.stringify(name)}, password: ${JSON.stringify(password)}, permissions: { ` +
      `publish: { allow: ${list(permissions.publish)} }, subscribe: { allow: ${list(permissions.subscribe)} } } }`,
  );
  return `listen: "${options.host}:${options.port}"
server_name: ${JSON.stringify(options.serverName)}
pid_file: ${JSON.stringify(options.pidFile)}
max_payload: ${BROKER_LIMITS.maxPayload}
max_control_line: ${BROKER_LIMITS.maxControlLine}
max_subscriptions: ${BROKER_LIMITS.maxSubscriptions}
max_connections: ${BROKER_LIMITS.maxConnections}
max_pending: ${BROKER_LIMITS.maxPending}
write_deadline: "${BROKER_LIMITS.writeDeadlineMs}ms"
authorization {
  timeout: ${BROKER_LIMITS.authTimeoutMs / 1000}
  users: [
${users.join("\n")}
  ]
}
`;
}
