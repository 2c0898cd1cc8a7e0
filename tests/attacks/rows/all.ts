import type { Row } from "../row.ts";
import { BOMBS } from "./bombs.ts";
import { BUS } from "./bus.ts";
import { CONFIG } from "./config.ts";
import { CONFORMANCE } from "./conformance.ts";
import { CONTROL_ROWS } from "./control.ts";
import { CONTROL_FLOODS } from "./control-h2.ts";
import { FAULTS } from "./faults.ts";
import { FLOODS } from "./floods.ts";
import { FRAMING } from "./framing.ts";
import { FROM_POD } from "./from-pod.ts";
import { GRPC } from "./grpc.ts";
import { HANDSHAKES } from "./handshakes.ts";
import { IDENTITY } from "./identity.ts";
import { SECRETS } from "./secrets.ts";
import { SLOW } from "./slow.ts";
import { TARGETS } from "./targets.ts";
import { UPSTREAM } from "./upstream.ts";

/** Every row, those that read what the others have left behind last. */
export const ROWS: readonly Row[] = [
  ...TARGETS,
  ...FRAMING,
  ...FLOODS,
  ...BOMBS,
  ...IDENTITY,
  ...HANDSHAKES,
  ...SLOW,
  ...CONTROL_ROWS,
  ...CONTROL_FLOODS,
  ...GRPC,
  ...CONFORMANCE,
  ...UPSTREAM,
  ...FROM_POD,
  ...CONFIG,
  ...BUS,
  ...FAULTS,
  ...SECRETS,
];
