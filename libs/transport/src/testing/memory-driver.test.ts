import { describeDriver } from "@ambit/io/testing/driver-contract.ts";
import { MemoryDriver } from "./memory-driver.ts";

/** The contract's drivers turn by themselves, in real time; this one is turned by whoever owns it. */
class TurningDriver extends MemoryDriver {
  #turn: NodeJS.Immediate | undefined;

  override start(): void {
    let last = performance.now();
    const turn = (): void => {
      const now = performance.now();
      this.advance(now - last);
      last = now;
      this.#turn = setImmediate(turn);
    };
    this.#turn = setImmediate(turn);
  }

  override stop(): void {
    clearImmediate(this.#turn);
    super.stop();
  }
}

describeDriver("memory driver", () => new TurningDriver(), "no cryptography");
