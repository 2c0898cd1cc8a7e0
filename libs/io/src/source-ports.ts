import type { Random } from "@ambit/base/random.ts";

/** Below the ports Linux gives out itself (32768 and up by default), above those that servers usually listen on. */
const FIRST = 20_000;
const LAST = 32_767;

/**
 * Source ports for connections made in the name of another address. The owner of that address takes its own ports from
 * the kernel's range and may be talking to the same destination at this moment: a port of that range could be one of
 * its own, and two connections of equal addresses and ports cannot live in one connection-tracking table. Taking them
 * in turn also costs nothing, where the kernel searches its range for one that is not waiting out an old connection.
 */
export class SourcePorts {
  #next: number;

  /** Starts anywhere, so that two proxies of one namespace seldom meet. */
  constructor(random: Random) {
    this.#next = FIRST + random.below(LAST - FIRST + 1);
  }

  next(): number {
    const port = this.#next;
    this.#next = port === LAST ? FIRST : port + 1;
    return port;
  }
}
