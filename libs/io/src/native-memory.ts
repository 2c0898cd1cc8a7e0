import { createSys, ffiSockets } from "./sys.ts";

/** What this process holds beside V8's heaps; nothing is given back where native calls are not available. */
export const nativeMemory = {
  trim: (): void => {
    if (ffiSockets().available) createSys().trimMemory();
  },
  dropProgram: (): void => {
    if (ffiSockets().available) createSys().dropProgramPages();
  },
};
