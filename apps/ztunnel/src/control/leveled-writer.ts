import type { LogLevel } from "@ambit/base/logger.ts";
import { LogWriter } from "@ambit/runtime/log-writer.ts";
import type { Levels } from "../messages.ts";

/** A log writer that tells the data threads when its levels are changed. */
export class LeveledWriter extends LogWriter {
  /** Called after every change. */
  onLevels: (levels: Levels) => void = () => undefined;

  override setLevel(level: LogLevel, scope?: string): void {
    super.setLevel(level, scope);
    this.onLevels(this.levels());
  }

  override reset(): void {
    super.reset();
    this.onLevels(this.levels());
  }
}
