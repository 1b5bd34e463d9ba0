/** What panes ask of the state, each remembered for the last thing it was asked about. */

import type { Selection, State } from "./state";
import { currentGraph } from "./state";
import type { VisibleGraph } from "./layout/visible";
import { memoised } from "./memoised";
import { chosenVariant, isBeside } from "./besides";
import { currentNode } from "./debugging";
import {
  Kind,
  NO_MARKS,
  type Comparison,
  type GraphModel,
  type Marks,
  type Variant,
} from "./model";
import { NO_EMPHASIS, type Change, type Emphasis } from "./scene/paint";
import type { Scene } from "./scene/scene";
import { frameOf } from "./selection";
import { comparisonOf } from "./stepping";
import type { Hover } from "./store";

/** From the weakest to the strongest. */
const CHANGES: readonly Change[] = ["moved", "edited", "removed", "made"];

/** Nodes a selection stands for. */
export const selectedNodes = memoised(
  (graph: GraphModel, selection: Selection | null): readonly number[] => {
    switch (selection?.kind) {
      case "node":
        return [selection.node];
      case "nodes":
        return selection.nodes;
      case "value": {
        const node = graph.producer(selection.value);
        return node >= 0 ? [node] : [];
      }
      case "container":
        return selection.container === 0 ? [] : graph.nodesIn(selection.container);
      case "line":
        return nodesOfLine(graph, selection);
      default:
        return [];
    }
  },
);

/** The nodes of a source line, else those of calls made from it. */
export function nodesOfLine(graph: GraphModel, { file, line }: { file: number; line: number }) {
  const count = graph.lines.count(file, line);
  return count ? graph.lines.nodes(file, line, count.direct > 0) : [];
}

/** All nodes whose results reach `nodes`, or that `nodes` reach; without `nodes` themselves. */
export const reachable = memoised(
  (
    graph: GraphModel,
    nodes: readonly number[],
    direction: "inputs" | "outputs",
  ): ReadonlySet<number> => {
    const found = new Set<number>();
    const start = new Set(nodes);
    const queue = [...nodes];
    for (let node; (node = queue.pop()) !== undefined;)
      for (const next of direction === "inputs" ? sourcesOf(graph, node) : usersOf(graph, node))
        if (!found.has(next) && !start.has(next)) {
          found.add(next);
          queue.push(next);
        }
    return found;
  },
);

/** Nodes that a node takes from, through the blocks of If and Loop. */
export function sourcesOf(graph: GraphModel, node: number): number[] {
  const values = [...graph.inputs(node)];
  for (const block of graph.blocksOf(node)) values.push(...graph.returns(block));
  return values.map((value) => sourceOf(graph, value)).filter((source) => source >= 0);
}

function sourceOf(graph: GraphModel, value: number): number {
  const producer = graph.producer(value);
  if (producer >= 0) return producer;
  const block = graph.payload.values.block[value]!;
  return block > 0 ? graph.payload.blocks.node[block]! : -1;
}

/** Nodes that take from a node, through what blocks return. */
export function usersOf(graph: GraphModel, node: number): number[] {
  const values = [...graph.outputs(node)];
  for (const block of graph.blocksOf(node)) values.push(...graph.params(block));
  return values.flatMap((value) => [
    ...graph.users(value),
    ...graph
      .returnedBy(value)
      .map((block) => graph.payload.blocks.node[block]!)
      .filter((owner) => owner >= 0),
  ]);
}

/** Source lines to set off: of the selection (strong) and its callers (weak). */
export const selectedLines = memoised(
  (graph: GraphModel | null, selection: Selection | null, file: number): SelectedLines => {
    const lines: SelectedLines = { strong: new Set(), weak: new Set() };
    if (!graph || !selection) return lines;
    if (selection.kind === "line") {
      if (selection.file === file) lines.strong.add(selection.line);
      return lines;
    }
    const frame = frameOf(graph, selection);
    const stack = graph.document.stack(frame);
    stack.forEach((at, depth) => {
      if (at.file !== file) return;
      (depth === 0 ? lines.strong : lines.weak).add(at.line);
    });
    return lines;
  },
);

export interface SelectedLines {
  readonly strong: Set<number>;
  readonly weak: Set<number>;
}

/** How many nodes of a line only one side has. */
export interface AloneOnLine {
  readonly left: number;
  readonly right: number;
  /** Whether the line is set off: it lost nodes, or all it has are in one of two variants. */
  readonly isShaded: boolean;
}

/** Lines of a file → how many of their nodes are on one side alone, of what is compared. */
export function aloneLines(state: State, file: number): ReadonlyMap<number, AloneOnLine> {
  const comparison = comparisonOf(state);
  const variant = isBeside(state) ? chosenVariant(state) : null;
  if (!variant) return lostLines(comparison, file);
  return variantLines(variant, state.place.graph !== 0, file);
}

/** What is in the snapshot before and not in the one shown. */
const lostLines = memoised(
  (comparison: Comparison | null, file: number): ReadonlyMap<number, AloneOnLine> => {
    const lines = new Map<number, AloneOnLine>();
    if (!comparison) return lines;
    const { before, left } = comparison;
    for (const node of left.removed) {
      const frame = before.document.frame(frameOf(before, { kind: "node", node }));
      if (frame?.file !== file) continue;
      const { left: lost = 0 } = lines.get(frame.line) ?? {};
      lines.set(frame.line, { left: lost + 1, right: 0, isShaded: true });
    }
    return lines;
  },
);

const variantLines = memoised(
  (variant: Variant, isProgramLeft: boolean, file: number): ReadonlyMap<number, AloneOnLine> =>
    new Map(
      variant.differences
        .filter((difference) => difference.file === file)
        .map(({ line, here, there, isWhole: isShaded }) => {
          const [left, right] = isProgramLeft ? [here, there] : [there, here];
          return [line, { left: left.length, right: right.length, isShaded }];
        }),
    ),
);

/** How boxes and edges are set off for a selection and what the pointer is over. */
export function emphasisOf(
  state: State,
  hover: Hover,
  visible: VisibleGraph,
  scene: Scene,
  marks: Marks = NO_MARKS,
): Emphasis {
  const graph = currentGraph(state);
  if (!graph) return NO_EMPHASIS;
  const { selection } = state.place;
  const nodes = selectedNodes(graph, selection);
  const selected = new Set<string>();
  const marked = new Set<string>();
  if (selection?.kind === "container") selected.add(visible.containerBox(selection.container));
  else if (selection?.kind === "value")
    for (const box of visible.valueBoxes(selection.value)) selected.add(box);
  else addBoxes(selection?.kind === "line" ? marked : selected, visible, graph, nodes);
  const trace = (direction: "inputs" | "outputs") =>
    state.trace[direction] && nodes.length > 0
      ? boxesOf(visible, graph, reachable(graph, nodes, direction))
      : new Set<string>();
  const [inputs, outputs] = [trace("inputs"), trace("outputs")];
  const alike = new Set<string>();
  if (selection?.kind === "container")
    for (const other of graph.alike(selection.container)) alike.add(visible.containerBox(other));
  const dim = inputs.size + outputs.size > 0;
  const core = new Set([...selected, ...marked]);
  return {
    selected,
    marked,
    here: hereBoxes(visible, graph, currentNode(state)),
    hovered: hoveredBoxes(hover, visible, graph),
    inputs,
    outputs,
    alike,
    changes: changedBoxes(visible, graph, marks),
    path: pathEdges(scene, core, inputs, outputs, dim),
    dim,
  };
}

/** Boxes that set a snapshot off from another; a folded scope counts as changed, or as all in it. */
const changedBoxes = memoised(
  (visible: VisibleGraph, graph: GraphModel, marks: Marks): Emphasis["changes"] => {
    const found = new Map<string, Change>();
    for (const change of CHANGES) {
      const counts = new Map<string, number>();
      for (const node of marks[change]) {
        const box = visible.nodeBox(node);
        if (box === "") continue;
        const isOwn = box.startsWith("n") || box === `c${graph.containerOf(node)}`;
        counts.set(box, isOwn ? Infinity : (counts.get(box) ?? 0) + 1);
      }
      for (const [box, count] of counts) {
        const isWhole = count >= (box.startsWith("n") ? 1 : graph.size(Number(box.slice(1))));
        found.set(box, isWhole || change === "moved" ? change : "edited");
      }
    }
    return found;
  },
);

function pathEdges(
  scene: Scene,
  core: ReadonlySet<string>,
  inputs: ReadonlySet<string>,
  outputs: ReadonlySet<string>,
  traced: boolean,
): Set<number> {
  const edges = new Set<number>();
  if (core.size === 0 || core.size > 50) return edges;
  scene.edges.forEach(({ from, to }, i) => {
    const touches = core.has(from) || core.has(to);
    const onTrace =
      traced &&
      ((inputs.has(from) && (inputs.has(to) || core.has(to))) ||
        (outputs.has(to) && (outputs.has(from) || core.has(from))));
    if (traced ? onTrace : touches) edges.add(i);
  });
  return edges;
}

function hoveredBoxes(hover: Hover, visible: VisibleGraph, graph: GraphModel): ReadonlySet<string> {
  if (hover?.kind === "container") return new Set([visible.containerBox(hover.container)]);
  return hover ? boxesOf(visible, graph, hover.nodes) : new Set();
}

function boxesOf(
  visible: VisibleGraph,
  graph: GraphModel,
  nodes: Iterable<number>,
): ReadonlySet<string> {
  const boxes = new Set<string>();
  addBoxes(boxes, visible, graph, nodes);
  return boxes;
}

/** The box where the program is held; of a node that has none, the scope around it. */
function hereBoxes(visible: VisibleGraph, graph: GraphModel, node: number): ReadonlySet<string> {
  if (node < 0) return new Set();
  const box = visible.nodeBox(node);
  const home = graph.home(node);
  if (box !== "") return new Set([box]);
  return home > 0 ? new Set([visible.containerBox(home)]) : boxesOf(visible, graph, [node]);
}

/** Boxes of nodes; a stub is shown by the boxes of those who take it. */
function addBoxes(
  boxes: Set<string>,
  visible: VisibleGraph,
  graph: GraphModel,
  nodes: Iterable<number>,
): void {
  const list = [...nodes];
  for (const node of list) {
    const box = visible.nodeBox(node);
    if (box !== "") boxes.add(box);
  }
  if (boxes.size > 0) return;
  for (const node of list)
    for (const output of graph.outputs(node))
      for (const user of graph.users(output)) {
        const box = visible.nodeBox(user);
        if (box !== "") boxes.add(box);
      }
}

/** From the title of the graph to what is selected: labels and what each leads to. */
export const breadcrumb = memoised(
  (graph: GraphModel | null, selection: Selection | null): readonly Crumb[] => {
    if (!graph) return [];
    const crumbs = (container: number): Crumb[] =>
      graph
        .ancestry(container)
        .filter((c) => c > 0)
        .map((c) => ({ label: graph.label(c), selection: { kind: "container", container: c } }));
    const root: Crumb = { label: graph.payload.name, selection: null };
    if (selection?.kind === "container") return [root, ...crumbs(selection.container)];
    const node =
      selection?.kind === "node"
        ? selection.node
        : selection?.kind === "value"
          ? graph.producer(selection.value)
          : -1;
    if (node < 0) return [root];
    const own = graph.containerOf(node);
    if (own >= 0) return [root, ...crumbs(own)];
    const leaf: Crumb = { label: graph.op(node), selection: { kind: "node", node } };
    return [root, ...crumbs(Math.max(graph.home(node), 0)), leaf];
  },
);

export interface Crumb {
  readonly label: string;
  readonly selection: Selection | null;
}

/** Deepest level that the depth menu offers. */
export const deepest = memoised((graph: GraphModel): number => {
  const levels = new Int32Array(graph.containerCount);
  let most = 0;
  for (let c = 1; c < graph.containerCount; c++) {
    levels[c] = levels[graph.parent(c)]! + (graph.kind(c) === Kind.block ? 0 : 1);
    most = Math.max(most, levels[c]!);
  }
  return most;
});
