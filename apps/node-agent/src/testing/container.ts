import type { Container } from "../platform/docker/engine-answers.ts";

/** A running, labelled container of the compose project `shop`, service `web`; change what a test is about. */
export function container(change: Partial<Container> = {}): Container {
  return {
    id: "c0ffee".padEnd(64, "0"),
    name: "shop-web-1",
    image: "any/image",
    labels: {
      "istio.io/dataplane-mode": "ambient",
      "com.docker.compose.project": "shop",
      "com.docker.compose.service": "web",
      "com.docker.compose.oneoff": "False",
    },
    status: "running",
    pid: 4711,
    startedAt: "2026-01-01T00:00:00Z",
    health: "",
    restarts: 0,
    networkMode: "shop_default",
    sandboxKey: "/var/run/docker/netns/0123456789ab",
    networks: [{ name: "shop_default", ipv4: "172.20.0.3", ipv6: "" }],
    exposedPorts: [],
    ...change,
  };
}

/** The labels of `container()` with further ones; an undefined one is taken away. */
export function labels(
  change: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries({ ...container().labels, ...change }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
}
