/** Two variants of the model beside each other: choosing, swapping, stepping through differences. */

import { chosenVariant, isBeside, namesOf, otherGraph, variantOf } from "./besides";
import { openToShow } from "./layout/fold";
import { Kind, Role, sharedBlocks, type Difference, type GraphModel } from "./model";
import { selectedNodes } from "./selectors";
import type { Selection, State } from "./state";
import { followed, type Compare } from "./stepping";
import { strings } from "./strings";

// ── what happens ────────────────────────────────────────────────────────────────────────────────

/** Lays a variant beside the program: the program on the left. One that was not made has no graph. */
export function layBeside(state: State, variant: number): State {
  const chosen = state.document?.variants[variant];
  if (!chosen) return variant < 0 ? { ...closeBeside(state), variant: -1 } : state;
  if (chosen.graph < 0) return { ...closeBeside(state), variant };
  const compare = state.compare === "off" ? "graphs" : state.compare;
  return show({ ...state, variant, compare }, chosen.graph);
}

/** Two snapshots, or two variants, as graphs or as text; off, of the variants the program is left. */
export function compareAs(state: State, compare: Compare): State {
  if (compare === "off") return { ...closeBeside(state), compare };
  return state.document?.passes || chosenVariant(state) ? { ...state, compare } : state;
}

/** Only the program is shown again; what is selected in it stays selected. */
export function closeBeside(state: State): State {
  return isBeside(state) ? { ...show(state, 0), compare: "off" } : state;
}

/** Each of the two stands where the other stood. */
export function swapSides(state: State): State {
  return isBeside(state) ? show(state, otherGraph(state)) : state;
}

function show(state: State, graph: number): State {
  const { document, place, subject } = state;
  if (!document || graph === place.graph) return state;
  return { ...state, place: { graph, selection: followed(document, subject, graph) } };
}

/** Selects the next line, in a direction, of which only one of the two has nodes. */
export function nextDifference(state: State, direction: 1 | -1): State {
  const differences = differencesOf(state);
  const at = differenceAt(state, differences);
  const next = direction > 0 ? Math.floor(at + 1) : Math.ceil(at - 1);
  return selectDifference(state, differences[next]);
}

export function selectDifference(state: State, difference: Difference | undefined): State {
  const other = chosenVariant(state);
  if (!difference || !other) return state;
  const { file, line, here, there } = difference;
  const place = { ...state.place, selection: { kind: "line", file, line } as const };
  let { open } = state;
  for (const [graph, nodes] of [[0, here] as const, [other.graph, there] as const])
    for (const node of nodes) {
      const model = state.document!.graphs[graph]!;
      const container = model.containerOf(node) >= 0 ? model.containerOf(node) : model.home(node);
      open = open.with(graph, openToShow(model, open[graph]!, container));
    }
  const past = [...state.past, state.place];
  return { ...state, place, subject: place, open, file, past, future: [] };
}

// ── what is asked ───────────────────────────────────────────────────────────────────────────────

/** The lines of which one of the two has nodes that the other does not have. */
export function differencesOf(state: State): readonly Difference[] {
  return isBeside(state) ? (chosenVariant(state)?.differences ?? []) : [];
}

/** The difference that is selected; else, between two of them, one half between their places. */
export function differenceAt(state: State, differences: readonly Difference[]): number {
  const { document, subject } = state;
  const graph = document?.graphs[subject.graph];
  const place = graph ? placeOf(graph, subject.selection) : null;
  if (!place) return -1;
  const order = ({ file, line }: Difference) => file - place.file || line - place.line;
  const at = differences.findIndex((one) => order(one) >= 0);
  if (at < 0) return differences.length - 0.5;
  return order(differences[at]!) === 0 ? at : at - 0.5;
}

function placeOf(graph: GraphModel, selection: Selection | null) {
  if (selection?.kind === "line") return selection;
  const [node = -1] = selectedNodes(graph, selection);
  return node < 0 ? null : graph.document.frame(graph.payload.nodes.model[node]!);
}

/** Why nothing in the graph shown is what is selected in the other variant, in words; else "". */
export function absenceWords(state: State): string {
  const { document, place, subject } = state;
  const other = otherGraph(state);
  const [graph, there] = [document?.graphs[place.graph], document?.graphs[other]];
  if (!document || !graph || !there || subject.selection?.kind === "weight") return "";
  if (place.selection && selectedNodes(graph, place.selection).length > 0) return "";
  const from = subject.selection?.kind === "line" ? there : document.graphs[subject.graph]!;
  const nodes = from === there ? selectedNodes(there, subject.selection) : [];
  if (nodes.length === 0) return "";
  const isControl = (node: number) => there.role(node) === Role.control;
  const telling =
    nodes.find(isControl) ?? nodes.find((node) => isTelling(there, node)) ?? nodes[0]!;
  const [, name] = namesOf(document, other);
  const isTrace = variantOf(document, place.graph) === "trace";
  const reason = isTrace ? lossReason(there, graph, telling) : gainReason(there, graph, telling);
  return strings.onlyIn(name, reason);
}

const isTelling = (graph: GraphModel, node: number) =>
  graph.role(node) === Role.op || graph.role(node) === Role.control;

/** Why a trace has nothing of a node of another variant; "" where that is not known. */
function lossReason(graph: GraphModel, trace: GraphModel, node: number): string {
  const { nodes, blocks } = graph.payload;
  if (graph.op(node) === "prim::If") return strings.traceKeepsNoBranch;
  if (graph.op(node) === "prim::Loop") return strings.traceKeepsNoLoop;
  const shared = sharedBlocks(graph, trace);
  for (let block = nodes.block[node]!; block > 0;) {
    const owner = blocks.node[block]!;
    if (!shared.has(block) && !hasLineOf(graph, block, trace))
      return graph.op(owner) === "prim::Loop" ? strings.traceNeverLooped : strings.traceNeverTook;
    block = nodes.block[owner]!;
  }
  return "";
}

/** Whether a graph has nodes of a line that something in a block of another one comes from. */
function hasLineOf(graph: GraphModel, block: number, other: GraphModel): boolean {
  const { nodes } = graph.payload;
  for (let node = 0; node < graph.nodeCount; node++) {
    if (nodes.block[node] !== block || !isTelling(graph, node)) continue;
    const frame = graph.document.frame(nodes.model[node]!);
    if (frame && other.lines.count(frame.file, frame.line)) return true;
  }
  return false;
}

/** Why a node of a trace is not in another variant: a loop was unrolled; "" where that is not known. */
function gainReason(trace: GraphModel, graph: GraphModel, node: number): string {
  if (variantOf(trace.document, trace.document.graphs.indexOf(trace)) !== "trace") return "";
  const frame = trace.document.frame(trace.payload.nodes.model[node]!);
  if (!frame) return "";
  const twins = graph.lines.nodes(frame.file, frame.line, true);
  const isLooped = twins.some((twin) => graph.op(twin) === trace.op(node) && isInLoop(graph, twin));
  return isLooped ? strings.traceUnrolled : "";
}

function isInLoop(graph: GraphModel, node: number): boolean {
  return graph.ancestry(Math.max(graph.home(node), 0)).some((container) => {
    const owner = graph.payload.containers.node[container]!;
    return graph.kind(container) === Kind.control && graph.op(owner) === "prim::Loop";
  });
}
