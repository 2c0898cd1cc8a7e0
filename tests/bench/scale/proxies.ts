/** Many delta clients in one process, as node proxies would be; driven by messages from the parent. */
import { LightProxy } from "./light-proxy.ts";
import type { Arrival, FromProxies, ToProxies } from "./messages.ts";

/** Arrivals wait this long to be told together. */
const TELL_MS = 50;

const proxies: LightProxy[] = [];
let synced = 0;
let bytes = 0;
let terminations = 0;
/** Every n-th proxy notes what arrives; 0 for none. */
let noteEvery = 0;
let arrivals: Arrival[] = [];

function tell(message: FromProxies): void {
  // After the parent has let go, nobody listens.
  if (process.connected) process.send?.(message);
}

function startProxy(order: Extract<ToProxies, { kind: "start" }>): void {
  const proxy = new LightProxy(order, {
    noting: () => noteEvery > 0 && order.index % noteEvery === 0,
    onNames: (names) => {
      const at = performance.timeOrigin + performance.now();
      for (const name of names) arrivals.push([name, at]);
    },
    onSynced: () => {
      synced++;
    },
    onMessage: (size) => {
      bytes += size;
    },
    onTermination: () => {
      terminations++;
    },
  });
  proxies.push(proxy);
  proxy.start();
}

process.on("message", (order: ToProxies) => {
  switch (order.kind) {
    case "start":
      startProxy(order);
      break;
    case "note":
      noteEvery = order.every;
      break;
    case "report": {
      const { user, system } = process.cpuUsage();
      tell({ kind: "report", synced, bytes, terminations, cpuSeconds: (user + system) / 1e6 });
      break;
    }
    case "stop":
      for (const proxy of proxies) proxy.stop();
      process.disconnect();
      break;
  }
});

setInterval(() => {
  if (arrivals.length === 0) return;
  tell({ kind: "arrivals", arrivals });
  arrivals = [];
}, TELL_MS).unref();
