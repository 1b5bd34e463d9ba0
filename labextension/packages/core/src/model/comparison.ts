/** Two snapshots, or two variants, beside each other: which nodes are only in one of them, and which were changed. */

import type { DocumentModel } from "./document";
import type { GraphModel } from "./graph";

/** Nodes of one graph by what sets them off from the other. */
export interface Marks {
  readonly made: readonly number[];
  readonly removed: readonly number[];
  readonly edited: readonly number[];
  readonly moved: readonly number[];
}

export const NO_MARKS: Marks = { made: [], removed: [], edited: [], moved: [] };

export interface Comparison {
  readonly before: GraphModel;
  readonly after: GraphModel;
  /** Of the nodes of `before`, and of those of `after`. */
  readonly left: Marks;
  readonly right: Marks;
}

const EDITED = 2;

/**
 * Compares two snapshots of a recorded pipeline by the identity of their nodes. One that is in both
 * counts as changed or moved where a step between them says so.
 */
export function compareSnapshots(
  document: DocumentModel,
  base: number,
  shown: number,
): Comparison | null {
  const [before, after] = [document.graphs[base], document.graphs[shown]];
  if (!before || !after || !document.passes) return null;
  const changes = changesBetween(document, base, shown);
  const removed = only(before, after);
  const made = only(after, before);
  const kept = [...changes].filter(([id]) => before.nodeOf(id) >= 0 && after.nodeOf(id) >= 0);
  const rows = (graph: GraphModel, edited: boolean) =>
    kept.filter(([, isEdited]) => isEdited === edited).map(([id]) => graph.nodeOf(id));
  const both = (graph: GraphModel) => ({ edited: rows(graph, true), moved: rows(graph, false) });
  return {
    before,
    after,
    left: { made: [], removed, ...both(before) },
    right: { made, removed: [], ...both(after) },
  };
}

/** Number of a node → whether it was changed, else it was moved, by the steps between two graphs. */
function changesBetween(document: DocumentModel, one: number, other: number): Map<number, boolean> {
  const passes = document.passes!;
  const changes = new Map<number, boolean>();
  for (const [step] of passes.way(passes.stepOf(one), passes.stepOf(other))) {
    const graph = document.graphs[passes.graphAfter(step)];
    if (!graph || !passes.isChanged(step)) continue;
    graph.payload.nodes.change.forEach((change, node) => {
      const id = graph.id(node);
      if (change >= EDITED) changes.set(id, change === EDITED || changes.get(id) === true);
    });
  }
  return changes;
}

/** Nodes of a graph that another one does not have. */
export function only(graph: GraphModel, other: GraphModel): number[] {
  const found: number[] = [];
  for (let node = 0; node < graph.nodeCount; node++)
    if (other.nodeOf(graph.id(node)) < 0) found.push(node);
  return found;
}
