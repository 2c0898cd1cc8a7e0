import { BROKER_LIMITS, type BrokerUser } from "./embedded-broker.ts";

/** Configuration text of a real nats-server with the same users, permissions and limits; keep it 0600. */
export function natsServerConfig(options: {
  readonly host: string;
  readonly port: number;
  readonly users: readonly BrokerUser[];
}): string {
  const list = (subjects: readonly string[]): string =>
    // An empty allow list would allow everything; a subject nobody uses allows nothing.
    subjects.length === 0 ? '["mesh.none"]' : JSON.stringify(subjects);
  const users = options.users.map(
    (user) =>
      `    { user: ${JSON.stringify(user.name)}, password: ${JSON.stringify(user.password)}, permissions: { publish: { allow: ${list(user.permissions.publish)} }, subscribe: { allow: ${list(user.permissions.subscribe)} } } }`,
  );
  return `listen: "${options.host}:${options.port}"
max_payload: ${BROKER_LIMITS.maxPayload}
max_control_line: ${BROKER_LIMITS.maxControlLine}
max_subscriptions: ${BROKER_LIMITS.maxSubscriptions}
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
