import { describeDriver } from "../testing/driver-contract.ts";
import { createPortableDriver } from "./portable-driver.ts";

describeDriver("portable driver", () => createPortableDriver(), "no truncation told");
