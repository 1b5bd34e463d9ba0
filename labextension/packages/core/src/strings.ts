/** Every word a user reads that does not come from the model. */

export type Noun = readonly [one: string, many: string];

export const strings = {
  node: ["node", "nodes"] as Noun,
  value: ["value", "values"] as Noun,
  output: "output",
  condition: "condition",
  rounds: "loop",
  nextRound: "next",
  blockResult: "→",
  kernelGone: "the kernel has gone; run the cell again to ask it",
  kernelGoneBanner:
    "the kernel has gone: reading, search and picture export still work; run the cell again for the rest",
  noProgram: "no program is loaded",
  runOnce: "Run once with the example inputs",
  runOnceHow: "on a copy; the model stays as it is. Adds a shape to every edge, and FLOPs",
  shapesKnown: "from one run with the example inputs",
  shapesNotSaved:
    "this file holds none: where the model is, capture it with example inputs (`%tsdebug model(x)`) and save it again",
  boxesBefore: (count: number) => `${grouped(count)} boxes before these: show them`,
  boxesAfter: (count: number) => `${grouped(count)} boxes after these: show them`,
  step: ["step", "steps"] as Noun,
  runSeconds: "Runs; seconds include printing the log:",
  runHow: "lists the steps of this run alone",
  compiledNothing: "nothing compiled",
  part: ["part", "parts"] as Noun,
  bailout: ["bail-out", "bail-outs"] as Noun,
  bailoutHow: "compiled because a check of a plan failed: they ran in its place",
  ranPlan: (step: number) => `ran the plan of step ${step}`,
  ranPlanHow: "shows the plan that this run executed",
  asCaptured: "as captured",
  asTakenOut: "as taken out",
  partOf: (number: number) => `part ${number}`,
  partKind: (kind: string) => PART_KINDS[kind]?.[0] ?? (kind || "a part"),
  partHow: (kind: string) => PART_KINDS[kind]?.[1] ?? "",
  partSteps: (listed: number, all: number, changed: number) =>
    listed === all
      ? `${counted(all, strings.step)}, ${grouped(changed)} changed something`
      : `${grouped(listed)} of ${counted(all, strings.step)} match`,
  partIn: (number: number) => `taken from part ${number}`,
  partAfter: "Compiled by itself after ",
  partTravels: "graphs not here",
  partNotHere: "The graphs of this part were too much to travel with the document. In Python: ",
  stepPlace: (step: number, place: number, all: number, of: string) =>
    `step ${step}, ${place} of ${all} of ${of}`,
  inParts: (parts: string, steps: string, changed: number) =>
    ` · ${parts} compiled by themselves: ${steps}, ${grouped(changed)} changed something`,
  theProgram: "the program",
  notInPart: (part: string) => `not in ${part}`,
  notInPartHow: "This part was made of other nodes. Selected: ",
  asCapturedHow: "The program before any pass of this pipeline.",
  takenAway: "taken away",
  theEnd: "in the end",
  endOfPart: "at the end of this part",
  actions: {
    created: "created",
    copied: "copied",
    replaced: "replaced",
    merged: "merged",
    inlined: "inlined",
    gradient: "made for the gradient",
    moved: "moved",
  },
  lesson: "Lesson, live on a few lines:",
  changedNothing: "changed nothing",
  lintFine: "lint found nothing",
  pinHow: "With A and B pinned, their snapshots stand side by side (a, b)",
  touching: "touched the selection",
  touchedWhat: (kind: string) =>
    ({ line: "this line", container: "this scope", nodes: "these nodes" })[kind] ?? "this node",
  touched: (steps: number, all: number, what: string, isAll: boolean) =>
    `${isAll ? "" : "at least "}${steps} of ${counted(all, ["pass", "passes"])} touched ${what}`,
  touchedHow: "where the graphs of parts are not here, what they changed in place is not known",
  noTouch: "no further pass touched what is selected",
  nothingBefore: "there is no snapshot before the program as it was captured",
  nothingBeforePart: "there is no snapshot before a part as it was taken out",
  nothingBeforeGradient: "a backward graph comes from nothing: there is no snapshot before it",
  notCompared: "a method as it was compiled is no snapshot of this pipeline: it stands alone",
  asGraphs: "Graphs",
  asText: "IR text",
  changed: (count: number, word: string) => `${counted(count, strings.node)} ${word}`,
  noPasses: "what PyTorch's compiler does to this program, pass by pass",
  variant: (name: string) => VARIANTS[name] ?? ([name, `the ${name}`] as const),
  variantHow: "Lay another variant of the same model beside this one, node by node",
  chooseVariant: "Other variant",
  noVariantChosen: "the same Python as another variant, node by node",
  isNotMade: (name: string) => `cannot be ${name}`,
  onlyIn: (name: string, reason: string) => `only in ${name}${reason && `: ${reason}`}`,
  onlyWord: (name: string) => `only ${name}`,
  notIn: (name: string) => `not in ${name}`,
  differs: "differs",
  traceNeverTook: "the trace never took this branch",
  traceNeverLooped: "the trace never ran this loop",
  traceKeepsNoBranch: "a trace keeps the way its example took, and no condition",
  traceKeepsNoLoop: "a trace keeps the rounds its example took, and no loop",
  traceUnrolled: "one round of a loop that the trace unrolled",
  swapHow: "Swap sides (x)",
  differenceBefore: "Difference before",
  nextDifference: "Next difference",
  noDifference: "no further line differs",
  line: ["line", "lines"] as Noun,
  pair: ["pair", "pairs"] as Noun,
  besides: "Side by side",
  noOther: "choose a variant …",
  differences: "Lines that differ",
  differAt: (at: string, lines: string, isOne: boolean) =>
    at === "" ? `${lines} ${isOne ? "differs" : "differ"}` : `${at} of ${lines} that differ`,
  matches: {
    calls: "same line and calls",
    line: "same line",
    structure: "same place in the graph; no line says so",
  },
  counterpart: (name: string) => `In ${name}`,
  showIn: (adjective: string) => `show it ${adjective}`,
  notHere: "not here",
  noCounterpart: (name: string) => `none in ${name}`,
  lostLinesOf: (lines: number, names: string) =>
    `▨ ${lines === 1 ? "1 line is" : `${grouped(lines)} lines are`} in one of them alone; ${names}`,
  searchTitle: "search for inputs on which the compiled model differs",
  searchHow: "Runs the Python code and what is made of it, on copies, beside the notebook",
  searchRuns: "a search runs",
  searchBegins: "beginning",
  searchEnds: "Ending, and showing what was found.",
  cannotSearch: "cannot search",
  cancelHow: "Shows what was found by then",
  stopNowHow: "Shows it without what still has to be proven",
  tried: (progress: string, done: number, total: number) =>
    `${progress.replace(/ \d+\/\d+$/, "")} · ${grouped(done)} of ${grouped(total)} inputs tried`,
  domain: "inputs that count",
  domainHow:
    "By argument: `dims` (dimension: least and largest size), `range` of values, `also` other values",
  variants: "variants to check",
  tries: "tries",
  seconds: "seconds",
  compareViews: "what was found",
  findings: "findings",
  finding: "finding",
  harmlessFindings: "harmless findings",
  harmless: (count: number) => `${count} harmless`,
  whyNotMade: "why it could not be made",
  nothingFound: "no counter-example found",
  interrupted: "cancelled: what was found by then",
  noNoise: "Python does not agree with itself on the example, so nothing can be proven",
  notSearched:
    "Search for inputs on which the compiled model differs from its Python code: branches that a trace always takes, loops that it unrolls, values that it keeps.",
  chooseFinding: "choose a finding: its line and nodes are marked, and what shows it stands here",
  where: "line",
  nowhere: "no known line",
  consequence: "so",
  affected: "with it",
  notProven: "not proven",
  remedy: "remedy",
  warned: "it warned of this line",
  onInput: "on the input",
  pythonGives: "Python gives",
  variantGives: (variant: string) => `${variant} gives`,
  script: "this script shows it",
  scriptHow:
    "In it `model` is your model, `args` its example inputs as a tuple, `kwargs` those by name.",
  copied: " copied",
  selectedToCopy: " selected: copy it with Ctrl+C or ⌘C",
  flow: "control flow",
  flowHow: "where Python can go more than one way",
  flowTitles: ["line", "kind", "condition", "your input"],
  flowHeld: "the trace holds",
  flowFinding: "finding",
  noFlow: "Python can go only one way in what ran",
  notReached: "not reached",
  yourInput: "your input",
  noFindingHere: "nothing was found about it",
  foundHere: "found by the comparison: ▲ proven  △ possible  · harmless",
  noComparison: "what PyTorch made of this model, held against its Python code",
  recordHow: "runs a copy until nothing is compiled any more; the model stays as it is",
  unchanged: (count: number) =>
    count === 1 ? "… 1 pass changed nothing" : `… ${count} passes changed nothing`,
  nodesOfLine: (direct: string, through: string) =>
    `${direct} of this line, ${through} with the calls made from it`,
  lostOfLine: (nodes: string) => `${nodes} of it are gone`,
  lostLines: (lines: number) =>
    `▨ ${lines === 1 ? "1 line lost" : `${lines} lines lost`} nodes here; −n says how many`,
  splitHow: "Before and after side by side (s)",
  waiting: "waiting for the running cell",
  layoutFolded: (boxes: number) =>
    `laying out ${boxes} boxes took too long, so the deepest scopes were folded`,
  layoutPlain: (boxes: number) =>
    `laying out ${boxes} boxes took too long; shown in a simpler arrangement`,
  layoutNoWorker: "the layout engine could not start here; shown in a simpler arrangement",
};

const VARIANTS: Readonly<Record<string, readonly [adjective: string, noun: string]>> = {
  trace: ["traced", "the trace"],
  script: ["scripted", "the scripted program"],
  hybrid: ["hybrid", "the hybrid program"],
  freeze: ["frozen", "the frozen program"],
  optimize: ["optimised", "the optimised program"],
  text: ["read as text", "the text"],
};

/** Parts that are compiled by themselves: what they are, and why there are such. */
const PART_KINDS: Readonly<Record<string, readonly [name: string, how: string]>> = {
  backward: [
    "backward graph",
    "What autodiff made to compute the gradients of a differentiable group. Its nodes lead to the forward nodes whose gradient they compute.",
  ],
  "prim::DifferentiableGraph": [
    "differentiable group",
    "What can be differentiated as a whole, and runs by itself where gradients are needed.",
  ],
  "prim::FallbackGraph": [
    "fallback",
    "What runs in place of a group where shapes or gradients are others than were profiled.",
  ],
  "prim::BailoutTemplate": [
    "bail-out",
    "What runs from a point of the plan on where a check of it fails.",
  ],
  "prim::TensorExprGroup": ["fusion group", "What is compiled to one kernel."],
};

/** `50,000`. Not `toLocaleString`: its first call alone takes 20 ms of the first picture's time. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** `1 node`, `38 nodes`, `50,000 nodes`. */
export function counted(count: number, [one, many]: Noun): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** Words of the Debug drawer. */
export const debugStrings = {
  title: "Debug",
  how: "Step it in PyTorch's own interpreter, forwards and back",
  close: "Close debug",
  intro:
    "Start runs a copy of the program with its example inputs, unoptimised, in PyTorch's own interpreter, and holds it before its first node. Your model and inputs stay as they are, and cells run meanwhile.",
  keys: "keys: c continue · n over · s step in · u out · r back · p pause · b breakpoint",
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
    continue: ["Continue", "Goes on to the next breakpoint, or the end (c)"],
    pause: ["Pause", "Holds it before its next node (p)"],
    step: ["Step in", "Goes on to the next one, into what is called (s)"],
    over: ["Over", "Goes on past what is called, or held in blocks (n)"],
    out: ["Out", "Goes on until after the block, function or module around (u)"],
    back: ["Back", "Goes to the one before, by running it again as far as there (r)"],
    odd: ["First NaN/Inf", "Goes on to the first node that yields a NaN or an infinity"],
    run_to: ["Run to selection", "Goes on to the node or the line that is selected"],
    close: ["Stop", "Ends the program and frees what it holds"],
  } as const,
  by: "Steps go by",
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
  after_: "passes",
  afterHow: "How many times it lets the program pass",
  add: "Add",
  hits: (hits: number) => `met ${grouped(hits)}×`,
  remove: (what: string) => `Remove ${what}`,
  breakpoint: (number: number) => `breakpoint ${number}`,
  breakHere: "Set a breakpoint",
  standsHere: "the program is held here",
  conditional: (text: string) => `when ${text}`,
  values: "Values",
  valuesOf: (shown: number, total: number) =>
    shown < total ? `${grouped(shown)} of ${grouped(total)}` : grouped(total),
  columns: ["", "name", "type", "least … most", "mean", "what it is"],
  more: (count: number) => `${grouped(count)} made before: show more`,
  noValues: "nothing was computed yet",
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
  chooseValue: "choose a value: its numbers stand here, and it can be replaced",
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
