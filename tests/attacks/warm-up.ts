import { SERVED } from "./row.ts";
import { CONTROL_TWINS } from "./rows/control.ts";
import { openTunnel, ask, works } from "./tunnel.ts";
import type { World } from "./world.ts";

/** As many connections as one address may have at the tunnel port, with room for the victims'. */
const TUNNELS = 900;
const AT_ONCE = 25;

/**
 * What members of the mesh may do, as much of it as they may: what a process keeps of its busiest hour (compiled code, heap,
 * buffers for reuse) is not an attacker's. Throws when somebody is not served.
 */
export async function warmUp(world: World, scale: number): Promise<void> {
  const tunnels = [];
  try {
    for (let index = 0; index < TUNNELS * scale; index += AT_ONCE) {
      const batch = await Promise.all(Array.from({ length: AT_ONCE }, () => openTunnel(world)));
      tunnels.push(...batch);
      const answers = await Promise.all(batch.map((client) => ask(client, world)));
      const wrong = answers.find((answer) => answer !== SERVED);
      if (wrong !== undefined) throw new Error(`Not served before any attack: ${wrong}`);
    }
  } finally {
    for (const client of tunnels) client.end();
  }
  for (let round = 0; round < Math.max(1, 8 * scale); round++) {
    const all = Array.from({ length: AT_ONCE }, () => [works(world), CONTROL_TWINS.ca(world)]);
    await Promise.all(all.flat());
    // A proxy's newest stream takes the place of its last one, so they come one by one.
    for (let count = 0; count < AT_ONCE; count++) await CONTROL_TWINS.xds(world);
  }
}
