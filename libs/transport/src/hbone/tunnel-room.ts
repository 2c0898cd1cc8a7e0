import type { Driver } from "@ambit/io/driver.ts";
import { Delivery } from "./delivery.ts";
import { MemoryPool } from "./memory-pool.ts";
import { Overload } from "./overload.ts";

/** What all tunnels of one thread share. Make one per driver. */
export interface TunnelRoom {
  readonly driver: Driver;
  readonly memory: MemoryPool;
  readonly delivery: Delivery;
  readonly overload: Overload;
}

const rooms = new WeakMap<Driver, TunnelRoom>();

/** The room of a driver, made on first use. */
export function tunnelRoom(driver: Driver): TunnelRoom {
  let room = rooms.get(driver);
  if (room === undefined) {
    room = { driver, memory: new MemoryPool(driver), delivery: new Delivery(), overload: new Overload() };
    rooms.set(driver, room);
  }
  return room;
}
