import { describeDriver } from "../testing/driver-contract.ts";
import { createEngineDriver } from "./engine-driver.ts";

describeDriver(
  "engine driver in checked mode",
  () => createEngineDriver({ checked: true }),
  "tells truncation",
);
