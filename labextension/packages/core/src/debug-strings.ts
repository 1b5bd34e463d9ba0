/** What the drawer of a stepped program says; the rest of the words stand in `strings.ts`. */

import { counted, grouped } from "./counting";

/** So many rows of a drift are sent at most. */
const MOST_ROWS = 3000;

const NUMBERS = ["number", "numbers"] as const;

export const debugStrings = {
  title: "Debug",
  intro:
    "Start runs a copy of the program with its example inputs, unoptimised, in PyTorch's own interpreter, and holds it before its first node. Your model and inputs stay as they are, and cells run meanwhile.",
  keys: "keys: c continue · n over · s step in · u out · r back · p pause · b breakpoint; in the full window F5, F10, F11, Shift+F11, Shift+F10, F6 and F9, too",
  cannot: "cannot be stepped",
  status: {
    running: "running",
    paused: "held",
    finished: "finished",
    failed: "failed",
  } as Readonly<Record<string, string>>,
  before: "before",
  after: "after",
  head: "at the head of",
  position: (at: number, furthest: number) =>
    at < furthest
      ? `position ${grouped(at)} of ${grouped(furthest)} so far`
      : `position ${grouped(at)}`,
  passed: (positions: number) => `after ${counted(positions, ["position", "positions"])}`,
  iteration: (number: number) => `iteration ${grouped(number)}`,
  module: (path: string) => `module ${path}`,
  verbs: {
    start: ["Start", "Holds a copy of the program before its first node"],
    restart: ["Restart", "Begins again, from the model and the inputs as they are now"],
    continue: ["Continue", "Goes on to the next breakpoint, or the end (c, or F5)"],
    pause: ["Pause", "Holds it before its next node (p, or F6)"],
    step: ["Step in", "Goes on to the next one, into what is called (s, or F11)"],
    over: ["Over", "Goes on past what is called, or held in blocks (n, or F10)"],
    out: ["Out", "Goes on until after the block, function or module around (u, or Shift+F11)"],
    back: ["Back", "Goes to the one before, by running it again as far as there (r, or Shift+F10)"],
    odd: ["First NaN/Inf", "Goes on to the first node that yields a NaN or an infinity"],
    run_to: ["Run to selection", "Goes on to the node or the line that is selected"],
    close: ["Stop", "Ends the program and frees what it holds (Shift+F5)"],
  } as const,
  by: "Steps go by",
  differs: "First difference from",
  differsFrom: "First difference from …",
  differsHow:
    "Runs it anew beside another variant, and holds it after the first value that is another",
  variants: ["eager", "trace", "script", "freeze", "optimize", "plan"],
  hasBegun: "it has begun",
  notBegun: "it has not begun: press Start",
  isHeld: "it does not run",
  isRunning: "it runs: pause it first",
  isDone: (status: string) => `it has ${status}: go back, or restart`,
  isFirst: "there is nothing before the first node",
  nothingSelected: "select a node or a source line first",
  movedTo: (asked: number, line: number) =>
    `no node comes from line ${asked}: the breakpoint stands on line ${line}`,
  frames: "Frames",
  noFrames: "no frame is known here",
  breakpoints: "Breakpoints",
  noBreakpoints: "none: click beside a line, or select a node and press b",
  breakpointHow:
    "A line (model.py:12), an op (aten::relu, relu, *_), a value (%y.1), a module, or *",
  breakpointWhere: "where",
  condition: "condition",
  conditionHow:
    "Any Python expression on the values: x.max() > 3; with `out`, what the node yields: isnan(out)",
  always: "always",
  after_: "skip",
  skips: (times: number) => `after ${counted(times, ["time", "times"])}`,
  afterHow: "How many times it lets the program pass",
  add: "Add",
  raised: (what: string) => `the condition failed: ${what}`,
  hits: (hits: number) => `met ${counted(hits, ["time", "times"])}`,
  remove: (what: string) => `Remove ${what}`,
  breakpoint: (number: number) => `breakpoint ${number}`,
  breakHere: "Set a breakpoint",
  standsHere: "the program is held here",
  conditional: (text: string) => `when ${text}`,
  lists: "What there is to see",
  values: "Values",
  attributes: "Attributes",
  listed: (name: string, total: number) => (total > 0 ? `${name} ${grouped(total)}` : name),
  columns: ["", "name", "type", "least … most", "mean", "what it is"],
  more: {
    values: (count: number) => `${grouped(count)} made before: show more`,
    attributes: (count: number) => `${grouped(count)} more: show them`,
  },
  none: {
    values: "nothing was computed yet",
    attributes: "the program reads and writes no attributes of modules",
  },
  whileRunning: "values are shown when it is held",
  changed: "changed since the last stop",
  isNew: "made since the last stop",
  used: "the node takes it",
  edited: "edited",
  odd: (nans: number, infinities: number) =>
    [
      ...(nans > 0 ? [`${grouped(nans)} NaN`] : []),
      ...(infinities > 0 ? [`${grouped(infinities)} infinite`] : []),
    ].join(", "),
  watch: "Watch",
  watchHow: "An expression on the values: y.abs().max(), self.fc.weight.shape",
  noWatches: "none",
  value: "value",
  chooseValue: "choose a value, or type an expression: what it holds stands here",
  look: "look at",
  lookHow: "Any expression on the values, a slice for example: y[0, 1:3], self.fc.weight.T",
  show: "Show",
  pin: "Pin",
  pinHow: "Keeps what this is now, to compare it later",
  cannotReplace: "only values of the graph can be replaced: choose the one that the program read",
  lookedAt: (some: number, count: number) =>
    some < count ? ` (${grouped(some)} of ${grouped(count)} numbers)` : "",
  histogram: "Histogram",
  histogramOf: (low: string, high: string, some: string) =>
    `Histogram of the finite numbers from ${low} to ${high}${some}`,
  bar: (low: string, high: string, count: number) =>
    `${low} to ${high}: ${counted(count, ["number", "numbers"])}`,
  integer: (value: string, count: number) => `${value}: ${counted(count, ["time", "times"])}`,
  course: (least: string, most: string, some: string) =>
    `Numbers in their order: ${least} to ${most}${some}`,
  picture: (words: string) => `Picture (${words})`,
  statistics: {
    least: "least",
    most: "most",
    mean: "mean",
    deviation: "deviation",
    zeros: "zeros",
    nans: "NaN",
    infinities: "infinite",
  },
  records: "Records",
  record: "Record",
  recordHow:
    "Runs it once more, from its start to its end, and notes every value. What is held stays held.",
  recordOf: "what is recorded",
  recordThis: "this program, with its edits",
  recordVariant: (name: string) => `its variant ${name}`,
  isRecording: "a record is being made",
  recordFirst: (count: number) =>
    count === 0
      ? "Two records can be held against each other: before and after an edit, or of two variants."
      : "One more is needed: edit a value and record again, or record another variant.",
  recordName: (name: string, values: number, fault: string) =>
    `${name} · ${counted(values, ["value", "values"])}${fault === "" ? "" : ` · ${fault}`}`,
  drift: "Drift",
  showDrift: "Show drift",
  driftHow:
    "Drift along the program: the largest difference of a value's numbers by the largest of them",
  driftShown: (rows: number, pairs: number) =>
    `${grouped(rows)} of ${grouped(pairs)} values are shown: those that have numbers or differ${rows < MOST_ROWS ? "" : ", evenly taken"}`,
  driftColumns: ["position", "value", "in the other", "op", "line", "drift", "bits"],
  driftEqual: "equal",
  driftDiffers: "differ",
  firstDifference: "first difference",
  axisDepth: "values in the order of the run",
  axisDrift: "drift",
  pins: "Pins",
  noPins: "none: choose a value and press Pin",
  compareOne: "one",
  compareOther: "with",
  compareHow: "The name of a pin, or an expression on the values here",
  compare: "Compare",
  areEqual: (count: number) => `equal bit for bit in value: ${counted(count, NUMBERS)}`,
  areApart: (differing: number, count: number) =>
    `${grouped(differing)} of ${counted(count, NUMBERS)} ${differing === 1 ? "differs" : "differ"}`,
  largest: ["largest difference", "relative", "ULP"],
  at: (where: readonly number[]) => `at [${where.join(", ")}]`,
  nodeOf: "Show the node",
  replace: "replace by",
  replaceHow: "What the nodes to come take for it, as a Python expression: torch.zeros_like(y)",
  set: "Set",
  numbers: (from: number, to: number, total: number) =>
    `${grouped(from)} to ${grouped(to)} of ${grouped(total)}`,
  previous: "Numbers before",
  next: "Numbers after",
  isFirstPage: "these are the first",
  isLastPage: "these are the last",
  returned: "it returned",
  otherGraph: "what it forks is inlined in the graph that is stepped",
};
