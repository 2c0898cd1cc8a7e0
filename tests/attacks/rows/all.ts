import type { Row } from "../row.ts";
import { BOMBS } from "./bombs.ts";
import { BUS } from "./bus.ts";
import { CONTROL_ROWS } from "./control.ts";
import { CONTROL_FLOODS } from "./control-h2.ts";
import { FAULTS } from "./faults.ts";
import { FLOODS } from "./floods.ts";
import { FRAMING } from "./framing.ts";
import { SLOW } from "./slow.ts";
import { TARGETS } from "./targets.ts";

/** Every row, those that read what the others have left behind last. */
export const ROWS: readonly Row[] = [
  ...TARGETS,
  ...FRAMING,
  ...FLOODS,
  ...BOMBS,
  ...SLOW,
  ...CONTROL_ROWS,
  ...CONTROL_FLOODS,
  ...BUS,
  ...FAULTS,
];
