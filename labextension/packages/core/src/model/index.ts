export { alignTexts, type Alignment } from "./alignment";
export { NO_MARKS, compareSnapshots, type Comparison, type Marks } from "./comparison";
export { Findings, type Mark } from "./findings";
export { DocumentModel, ProtocolVersionError, type Frame } from "./document";
export { GraphModel, HOW, Kind, Role, type How } from "./graph";
export type { LineCount } from "./lines";
export { beginningOf, type Part } from "./parts";
export { BACKWARD, Passes, type Birth, type Loss } from "./passes";
export {
  Variant,
  compareVariants,
  pairContainers,
  sharedBlocks,
  type Difference,
  type Match,
} from "./variants";
export { LEVELS, Profile, known, levelOf, type Heat, type LineHeat, type Measure } from "./profile";
export { stepsTouchingLine, stepsTouchingNodes } from "./touching";
