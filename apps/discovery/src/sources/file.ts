import type { Clock } from "@ambit/base/clock.ts";
import type { Logger } from "@ambit/base/logger.ts";
import { FileSource } from "@ambit/kube/file-source.ts";
import type { Source } from "@ambit/kube/source.ts";
import type { Settings } from "../settings.ts";

/** The source of a mesh that lives in directories: the user's manifests, and the node agent's record of what runs. */
export function openFileSource(
  settings: Pick<Settings, "sourceDirs">,
  deps: { readonly clock: Clock; readonly logger: Logger },
): Source {
  const user = settings.sourceDirs.find((dir) => !dir.observed)?.dir;
  return new FileSource(
    {
      roots: settings.sourceDirs,
      ...(user === undefined ? {} : { relativeTo: user }),
    },
    deps,
  );
}
