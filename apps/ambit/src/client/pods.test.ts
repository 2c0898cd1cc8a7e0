import { expect, test } from "vitest";
import type { PodRow } from "@ambit/contract/admin-api.ts";
import { findPod } from "./pods.ts";

function pod(name: string, ready: boolean): PodRow {
  const rest = {
    ip: `10.0.0.${name.length}`,
    node: "node-a",
    serviceAccount: "",
    phase: "Running",
    restarts: 0,
  };
  return {
    namespace: "default",
    name,
    owner: "myapp",
    ready,
    ...rest,
    redirection: "",
    netnsPath: "",
    holderPid: 0,
  };
}

const pods = [pod("myapp-1", false), pod("myapp-22", true)];

test.each(["myapp", "deploy/myapp", "default/myapp", "myapp.default"])(
  "findPod() takes a ready pod of %s",
  (reference) => expect(findPod(pods, reference).name).toBe("myapp-22"),
);

test("findPod() takes the pod that is named", () => {
  expect(findPod(pods, "default/myapp-1").name).toBe("myapp-1");
});

test("findPod() names what there is when nothing fits", () => {
  expect(() => findPod(pods, "nobody")).toThrow('No workload "nobody"; there is: default/myapp');
});
