/** Limits of the bus (security.md 5.2); the embedded broker keeps them, a real server is configured with them. */
export const BROKER_LIMITS = {
  maxPayload: 65_536,
  maxControlLine: 1_024,
  maxSubscriptions: 64,
  maxPending: 4 * 1024 * 1024,
  maxConnections: 1_024,
  writeDeadlineMs: 2_000,
  authTimeoutMs: 1_000,
} as const;
