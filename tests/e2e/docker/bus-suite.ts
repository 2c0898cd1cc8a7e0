import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GenericContainer, Wait } from "testcontainers";
import type { StartBroker } from "../../../libs/bus/src/testing/broker-under-test.ts";
import { describeBroker } from "../../../libs/bus/src/testing/bus-contract.ts";
import { describeBusClient } from "../../../libs/bus/src/testing/client-contract.ts";

/** The bus as a container, with every user of the permission matrix, against the suites every broker passes. */
export function describeBus(image: (name: string) => string): void {
  const start: StartBroker = async (users, port) => {
    const folder = mkdtempSync(join(tmpdir(), "ambit-bus-image-"));
    for (const { name, password } of users)
      writeFileSync(join(folder, `${name}.json`), JSON.stringify({ user: name, password }));
    // The image's user is none of this machine.
    chmodSync(folder, 0o755);
    const container = await new GenericContainer(image("nats"))
      .withExposedPorts(port === undefined ? 4222 : { container: 4222, host: port })
      .withEnvironment({
        AMBIT_BUS_LISTEN: "0.0.0.0:4222",
        AMBIT_BUS_CREDENTIALS: "/run/credentials",
        AMBIT_BUS_RUN_DIR: "/run/ambit",
        AMBIT_NODES: "node-a,node-b",
        AMBIT_BUS_PROXIES: "waypoint/shop/wp",
      })
      .withBindMounts([{ source: folder, target: "/run/credentials", mode: "ro" }])
      .withDroppedCapabilities("ALL")
      .withWaitStrategy(Wait.forLogMessage(/nats-server.*version/))
      .start();
    return {
      port: container.getMappedPort(4222),
      stop: async () => {
        await container.stop();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  };
  describeBroker("the image of the bus", start);
  describeBusClient("NatsBus on the image of the bus", start);
}
