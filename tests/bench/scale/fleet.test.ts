import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "@ambit/base/clock.ts";
import { silentLogger } from "@ambit/base/logger.ts";
import { Mesh } from "@ambit/config/mesh.ts";
import { DEFAULT_MESH_OPTIONS } from "@ambit/config/options.ts";
import { FileSource } from "@ambit/kube/file-source.ts";
import { writeFleet, writePod, type FleetSize } from "./fleet.ts";

const folders: string[] = [];
const SIZE: FleetSize = { services: 60, workloads: 200, nodes: 4, namespaces: 3, policies: 12, seed: 3 };

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "ambit-fleet-"));
  folders.push(made);
  return made;
}

function contents(dir: string): Record<string, string> {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((file) => {
      const path = join(file.parentPath, file.name);
      return [path.slice(dir.length), readFileSync(path, "utf8")];
    }),
  );
}

afterEach(() => {
  for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true });
});

describe("writeFleet()", () => {
  test("makes the same files from the same seed and others from another", () => {
    const [first, second, other] = [folder(), folder(), folder()];
    writeFleet(first, SIZE);
    writeFleet(second, SIZE);
    writeFleet(other, { ...SIZE, seed: 4 });
    expect(contents(second)).toEqual(contents(first));
    expect(contents(other)).not.toEqual(contents(first));
  });

  test("makes a mesh of the size asked for, without a single complaint", async () => {
    const fleet = writeFleet(folder(), SIZE);
    const mesh = new Mesh(DEFAULT_MESH_OPTIONS);
    const roots = [{ dir: fleet.manifestsDir }, { dir: fleet.clusterDir, observed: true }];
    const source = new FileSource({ roots }, { clock: systemClock, logger: silentLogger });
    source.subscribe((events) => mesh.apply(events));
    try {
      await source.start();
      mesh.flush();
      expect(source.diagnostics()).toEqual([]);
      expect(mesh.services.services.size).toBe(SIZE.services);
      expect([...mesh.workloads.all()].filter((workload) => workload.status === "HEALTHY")).toHaveLength(200);
      expect([...mesh.policies.all()]).toHaveLength(SIZE.policies);
      const [pod] = fleet.pods;
      if (pod === undefined) throw new Error("no pod");
      writePod(fleet, pod, false);
      await source.refresh();
      expect(mesh.flush().workloads.map(({ after }) => after?.status)).toEqual(["UNHEALTHY"]);
    } finally {
      source.stop();
    }
  });
});
