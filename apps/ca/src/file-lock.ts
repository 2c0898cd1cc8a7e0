import { closeSync, existsSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { CaError } from "./ca-error.ts";

/** SQLITE_BUSY: somebody else has the lock. */
const BUSY = 5;

/** What is held is referred to: a database that is collected gives its lock back without a word. */
const HELD = new Set<DatabaseSync>();

/** Something that one holder has at a time. */
export interface Lock {
  /** True when it is held from now on; false when another holds it. Never waits. Throws a CaError `state`. */
  tryTake(): boolean;
  /** Gives it back; harmless when it is not held. */
  release(): void;
}

/**
 * A lock on a file of its own, which the kernel frees when its holder's process ends, however it ends: an open
 * transaction of the runtime's own database on an empty file. Its record lock (fcntl) holds between processes and between
 * containers of one host that share the folder. The file must never be removed or opened in another way.
 */
export class FileLock implements Lock {
  readonly #path: string;
  #database: DatabaseSync | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  tryTake(): boolean {
    if (this.#database?.isTransaction === true) return true;
    try {
      if (this.#database === undefined) {
        // Only where there is none: to close a file ends the locks that this process has on it.
        if (!existsSync(this.#path)) closeSync(openSync(this.#path, "a", 0o600));
        this.#database = new DatabaseSync(this.#path);
      }
      this.#database.exec("BEGIN EXCLUSIVE");
      HELD.add(this.#database);
      return true;
    } catch (cause) {
      if (isBusy(cause)) return false;
      throw new CaError("state", `${this.#path} cannot be locked`, { cause });
    }
  }

  release(): void {
    if (this.#database === undefined) return;
    HELD.delete(this.#database);
    this.#database.close();
    this.#database = undefined;
  }
}

function isBusy(thrown: unknown): boolean {
  return thrown instanceof Error && "errcode" in thrown && thrown.errcode === BUSY;
}
