/** From one snapshot of a recorded pipeline to another: what is selected, what is open. */

import type { Action } from "./actions";
import type { Place, Selection, State } from "./state";
import { openToShow } from "./layout/fold";
import { memoised } from "./memoised";
import {
  compareSnapshots,
  compareVariants,
  pairContainers,
  type Birth,
  type Comparison,
  type DocumentModel,
  type GraphModel,
  type Loss,
  type Part,
  type Passes,
  stepsTouchingLine,
  stepsTouchingNodes,
} from "./model";
import { isBeside, isVariant, namesOf, otherGraph } from "./besides";
import { containerOf } from "./selection";
import { strings } from "./strings";

/** Whether the snapshot before stands beside the one shown, and as what. */
export type Compare = "off" | "graphs" | "text";
export type Pin = "a" | "b";
/** Steps whose snapshots are pinned: A is compared with whatever is shown, B is kept to go back to. */
export type Pins = Readonly<Record<Pin, number | null>>;

/** The step whose snapshot is shown, or the beginning; -1 is the program as it was captured. */
export function currentStep(state: State): number {
  return state.document?.passes?.stepOf(state.place.graph) ?? -1;
}

/**
 * The graph that the one shown is compared with: of two variants the other one; of a snapshot that
 * of pin A, else the one before; or -1.
 */
export function baseGraph(state: State): number {
  const other = otherGraph(state);
  return other >= 0 ? other : baseSnapshot(state);
}

function baseSnapshot({ document, place, pins }: State): number {
  const passes = document?.passes;
  if (!passes || !isSnapshot(document, place.graph)) return -1;
  if (pins.a !== null) return passes.graphAfter(pins.a);
  const step = passes.stepOf(place.graph);
  return step < 0 ? -1 : passes.graphAfter(passes.before(step));
}

/** What a snapshot is called: by the step that left it, and by the pins it has; or a variant. */
export function snapshotName(state: State, graph: number): string {
  const { document, pins } = state;
  if (document && isBeside(state)) return namesOf(document, graph)[0];
  const passes = document?.passes;
  if (!passes || !isSnapshot(document, graph)) return "";
  const step = passes.stepOf(graph);
  const own = (Object.keys(pins) as Pin[]).filter((pin) => pins[pin] === step);
  const { number } = passes.partOf(step);
  const part = number > 0 ? [strings.partOf(number)] : [];
  return [...own.map((pin) => pin.toUpperCase()), ...part, stepName(passes, step)].join(" · ");
}

function stepName(passes: Passes, step: number): string {
  if (step >= 0) return `after ${passes.steps[step]!.name}`;
  return step === -1 ? strings.asCaptured : strings.asTakenOut;
}

/** Why nothing stands beside the snapshot shown. */
export function whyAlone({ document, place }: State): string {
  if (!document || !isSnapshot(document, place.graph)) return strings.notCompared;
  const step = document.passes?.stepOf(place.graph) ?? -1;
  if (step === -1) return strings.nothingBefore;
  return step < 0 ? strings.nothingBeforePart : strings.nothingBeforeGradient;
}

export function isSnapshot(document: DocumentModel, graph: number): boolean {
  return graph === 0 || document.graphs[graph]?.payload.kind === "snapshot";
}

/** Whether there is a way from its nodes to those of other graphs, and back. */
function hasWays(document: DocumentModel, graph: number): boolean {
  return isSnapshot(document, graph) || isVariant(document, graph);
}

const comparison = memoised(
  (document: DocumentModel | null, base: number, shown: number): Comparison | null => {
    if (!document || base < 0) return null;
    const areVariants = isVariant(document, base) || isVariant(document, shown);
    return (areVariants ? compareVariants : compareSnapshots)(document, base, shown);
  },
);

/** What sets the snapshot shown off from the one it is compared with. */
export function comparisonOf(state: State): Comparison | null {
  return comparison(state.document, baseGraph(state), state.place.graph);
}

/** The graph that stands beside the one shown, or -1. */
export function besideGraph(state: State): number {
  return state.compare === "off" ? -1 : baseGraph(state);
}

/** What the view of the snapshot that is compared with shows; nothing while there is no such view. */
export function placeBeside(document: DocumentModel | null, graph: number, subject: Place): Place {
  const selection = document && graph >= 0 ? followed(document, subject, graph) : null;
  return { graph, selection };
}

/** What is done to one view, and not to the explorer. */
const LOCAL: ReadonlySet<Action["type"]> = new Set(["select", "toggle", "fold", "depth"]);

/** Acts in the view of the snapshot that is compared with; what is selected there is selected here. */
export function actBefore(
  state: State,
  action: Action,
  change: (state: State, action: Action) => State,
): State {
  if (!LOCAL.has(action.type)) return change(state, action);
  const before = placeBeside(state.document, besideGraph(state), state.subject);
  if (!state.document || before.graph < 0) return state;
  const there = change({ ...state, place: before }, action);
  if (there.place === before) return { ...there, place: state.place };
  const { graph } = state.place;
  const selection = followed(state.document, there.place, graph);
  const open = revealed(there, graph, selection);
  return { ...there, open, place: { graph, selection } };
}

function revealed(
  { document, open }: State,
  graph: number,
  selection: Selection | null,
): State["open"] {
  const model = document!.graphs[graph]!;
  const container = selection ? containerOf(model, selection) : -1;
  return container < 0 ? open : open.with(graph, openToShow(model, open[graph]!, container));
}

// ── what is selected ────────────────────────────────────────────────────────────────────────────

/** What a thing that was selected in one snapshot is in another; null where it is not there. */
export function followed(document: DocumentModel, subject: Place, graph: number): Selection | null {
  const { selection } = subject;
  if (graph === subject.graph || selection?.kind === "line" || selection?.kind === "weight")
    return selection;
  const [from, to] = [document.graphs[subject.graph], document.graphs[graph]];
  if (!from || !to || !selection) return null;
  if (selection.kind === "container") {
    const container = counterparts(from, to).get(selection.container);
    if (container !== undefined) return { kind: "container", container };
  }
  const ids = journey(document, subject, graph)?.ids ?? [];
  const nodes = ids.map((id) => to.nodeOf(id)).filter((node) => node >= 0);
  if (nodes.length > 1) return { kind: "nodes", nodes };
  return nodes.length === 1 ? { kind: "node", node: nodes[0]! } : null;
}

/** A part in which there is nothing of what was selected elsewhere. */
export interface Outside {
  readonly part: Part;
  /** The step after which it was selected. */
  readonly step: number;
}

/** Why what was selected is not in the snapshot shown: lost on the way there, or made after it. */
export function absenceOf({ document, subject, place }: State): Loss | Birth | Outside | null {
  const from = document?.graphs[subject.graph];
  if (!document?.passes || !from || subject.graph === place.graph || place.selection) return null;
  const { passes } = document;
  const loss = journey(document, subject, place.graph)?.loss;
  if (loss) return loss;
  const [node] = nodesOf(from, subject.selection);
  if (node === undefined) return null;
  const [step, there] = [passes.stepOf(subject.graph), passes.stepOf(place.graph)];
  const part = passes.partOf(there);
  return part === passes.partOf(step) ? passes.birth(from.id(node)) : { part, step };
}

function journey(document: DocumentModel, { graph, selection }: Place, target: number) {
  const { passes } = document;
  const from = document.graphs[graph];
  if (!from || !hasWays(document, graph) || !hasWays(document, target)) return null;
  const ids = nodesOf(from, selection).map((node) => from.id(node));
  if (!passes) return { ids, loss: null };
  return passes.follow(ids, passes.stepOf(graph), passes.stepOf(target));
}

/** What a node of one snapshot is in another. */
export function journeyOf(from: GraphModel, node: number, to: GraphModel): number[] {
  const same = to.nodeOf(from.id(node));
  if (same >= 0) return [same];
  const { document } = from;
  const at = (graph: GraphModel) => document.graphs.indexOf(graph);
  const subject: Place = { graph: at(from), selection: { kind: "node", node } };
  const found = journey(document, subject, at(to))?.ids ?? [];
  return found.map((id) => to.nodeOf(id)).filter((other) => other >= 0);
}

const touching = memoised(
  (document: DocumentModel | null, { graph, selection }: Place): readonly number[] | null => {
    const { passes = null, graphs = [] } = document ?? {};
    const from = graphs[graph];
    if (!document || !passes || !from || !selection) return null;
    if (selection.kind === "line")
      return stepsTouchingLine(document, selection.file, selection.line);
    const ids = nodesOf(from, selection).map((node) => from.id(node));
    if (ids.length === 0 || !isSnapshot(document, graph)) return null;
    return stepsTouchingNodes(document, ids, passes.stepOf(graph));
  },
);

/** The steps that touched what is selected, in order; null where nothing is that could be touched. */
export function touchedSteps({ document, subject }: State): readonly number[] | null {
  return touching(document, subject);
}

/** The next step in a direction that touched what is selected, or null. */
export function nextTouch(state: State, direction: 1 | -1): number | null {
  const passes = state.document?.passes;
  if (!passes) return null;
  const now = currentStep(state);
  const at = now < -1 ? passes.partOf(now).steps[0]! - 0.5 : now; // before the first of a part
  const steps = (touchedSteps(state) ?? []).filter((step) => passes.graphAfter(step) >= 0);
  const next =
    direction > 0 ? steps.find((step) => step > at) : steps.findLast((step) => step < at);
  return next ?? null;
}

/** The nodes that are followed for a selection; a line stays a line, and has none. */
function nodesOf(graph: GraphModel, selection: Selection | null): readonly number[] {
  switch (selection?.kind) {
    case "node":
      return [selection.node];
    case "nodes":
      return selection.nodes;
    case "value":
      return [graph.producer(selection.value)].filter((node) => node >= 0);
    case "container":
      return selection.container === 0 ? [] : graph.nodesIn(selection.container);
    default:
      return [];
  }
}

// ── what is open ────────────────────────────────────────────────────────────────────────────────

/** Opens in the snapshot beside what is open in the one shown, or the other way round. */
export function keepInStep(before: State, after: State): State {
  const [shown, beside] = [after.place.graph, besideGraph(after)];
  const isUntouched = after.place === before.place && after.open === before.open;
  if (beside < 0 || (isUntouched && isAlike(before, after))) return after;
  const isActedBeside =
    beside === besideGraph(before) && after.open[beside] !== before.open[beside];
  return isActedBeside ? openInStep(after, beside, shown) : openInStep(after, shown, beside);
}

const isAlike = (one: State, other: State) =>
  one.document === other.document &&
  one.compare === other.compare &&
  one.pins === other.pins &&
  one.variant === other.variant;

/** Opens in one snapshot what is open in another. */
export function openInStep(state: State, from: number, to: number): State {
  const { document, open } = state;
  const [source, target] = [document?.graphs[from], document?.graphs[to]];
  if (!document || !source || !target || from === to) return state;
  if (!hasWays(document, from) || !hasWays(document, to)) return state;
  const copied = openAlike(source, open[from]!, target, open[to]!);
  return copied === open[to] ? state : { ...state, open: open.with(to, copied) };
}

/** What is open in one snapshot, opened in another; what only the other has stays as it is there. */
export function openAlike(
  from: GraphModel,
  open: ReadonlySet<number>,
  to: GraphModel,
  own: ReadonlySet<number>,
): ReadonlySet<number> {
  const found = new Set(own);
  for (const [here, there] of counterparts(from, to)) {
    if (open.has(here)) found.add(there);
    else found.delete(there);
  }
  const isSame = found.size === own.size && [...found].every((container) => own.has(container));
  return isSame ? own : found;
}

/**
 * Containers of one graph → those of another: of snapshots, the n-th of a name is the n-th there; of
 * variants, those are that hold the same nodes.
 */
export function counterparts(from: GraphModel, to: GraphModel): ReadonlyMap<number, number> {
  if ([from, to].some(({ payload }) => payload.kind === "variant")) return pairContainers(from, to);
  const there = new Map(containerKeys(to).map((key, container) => [key, container]));
  return new Map(
    containerKeys(from).flatMap((key, container) => {
      const other = there.get(key);
      return other === undefined ? [] : [[container, other] as const];
    }),
  );
}

const known = new WeakMap<GraphModel, readonly string[]>();

function containerKeys(graph: GraphModel): readonly string[] {
  let keys = known.get(graph);
  if (!keys) known.set(graph, (keys = makeKeys(graph)));
  return keys;
}

function makeKeys(graph: GraphModel): string[] {
  const counts = new Map<string, number>();
  return Array.from({ length: graph.containerCount }, (_, container) => {
    const name = `${graph.kind(container)} ${graph.path(container)} ${graph.label(container)}`;
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return `${name} ${count}`;
  });
}
