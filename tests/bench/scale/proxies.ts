/** Many delta clients in one process, as node proxies would be; driven by messages from the parent. */
import { systemClock } from "@ambit/base/clock.ts";
import { silentLogger } from "@ambit/base/logger.ts";
import { systemRandom } from "@ambit/base/random.ts";
import { TYPE_URLS } from "@ambit/contract/type-urls.ts";
import { DeltaClient } from "@ambit/xds/client/delta-client.ts";
import { formatNodeId } from "@ambit/xds/node-id.ts";
import type { Arrival, FromProxies, ToProxies } from "./messages.ts";

/** Arrivals wait this long to be told together. */
const TELL_MS = 50;

const clients: DeltaClient[] = [];
let synced = 0;
let bytes = 0;
let terminations = 0;
/** Every n-th proxy notes what arrives; 0 for none. */
let noteEvery = 0;
let arrivals: Arrival[] = [];

function tell(message: FromProxies): void {
  process.send?.(message);
}

function startProxy(order: Extract<ToProxies, { kind: "start" }>): void {
  const { index } = order;
  const name = `ztunnel-${index}`;
  const client = new DeltaClient(
    {
      target: {
        address: order.xdsAddress,
        rootCaPath: order.trustPath,
        serverName: "discovery.ambit-system.svc",
      },
      tokenPath: order.tokenPath,
      clusterId: "Kubernetes",
      node: {
        id: formatNodeId({
          type: "ztunnel",
          ip: "127.0.0.1",
          name,
          namespace: "ambit-system",
          domain: "ambit-system.svc.cluster.local",
        }),
        metadata: {
          fields: { NAMESPACE: { stringValue: "ambit-system" }, SERVICE_ACCOUNT: { stringValue: "ztunnel" } },
        },
      },
      types: [
        { typeUrl: TYPE_URLS.address, onDemand: false },
        { typeUrl: TYPE_URLS.authorization, onDemand: false },
      ],
    },
    {
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger,
      apply: ({ resources }) => {
        if (noteEvery > 0 && index % noteEvery === 0) {
          const at = performance.timeOrigin + performance.now();
          for (const resource of resources) arrivals.push([resource.name, at]);
        }
        return [];
      },
      onSynced: () => {
        synced++;
      },
      onMessage: (_type, size) => {
        bytes += size;
      },
      onTermination: () => {
        terminations++;
      },
    },
  );
  clients.push(client);
  client.start();
}

process.on("message", (order: ToProxies) => {
  switch (order.kind) {
    case "start":
      startProxy(order);
      break;
    case "note":
      noteEvery = order.every;
      break;
    case "report":
      tell({ kind: "report", synced, bytes, terminations });
      break;
    case "stop":
      for (const client of clients) client.stop();
      process.disconnect();
      break;
  }
});

setInterval(() => {
  if (arrivals.length === 0) return;
  tell({ kind: "arrivals", arrivals });
  arrivals = [];
}, TELL_MS).unref();
