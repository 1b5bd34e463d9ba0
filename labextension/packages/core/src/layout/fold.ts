/**
 * Which containers are open.
 *
 * The default view shows 25 to 150 boxes. Python marks what it would unfold; that is taken while it
 * fits, opened further breadth-first while it is too little, and closed from the leaves while it
 * is too much, so that a view of any graph can be laid out in a fraction of a second.
 */

import { Kind, Role, type GraphModel } from "../model";

export const FEWEST = 25;
export const MOST = 150;

/** Boxes that a container adds when it is open and all of its children are closed. */
function boxesIn(graph: GraphModel, container: number): number {
  const drawn = graph
    .ownNodes(container)
    .filter((node) => graph.role(node) !== Role.constant && graph.role(node) !== Role.attribute);
  return drawn.length + graph.children(container).length;
}

/** @param most so many boxes are shown at most, where the outermost container alone has no more */
export function defaultOpen(graph: GraphModel, most = MOST): ReadonlySet<number> {
  const open = new Set([0]);
  let boxes = boxesIn(graph, 0);
  const visit = (wanted: (container: number) => boolean, enough: () => boolean) => {
    const queue = [0];
    for (let container; (container = queue.shift()) !== undefined;) {
      for (const child of graph.children(container)) {
        if (enough()) return;
        const added = boxesIn(graph, child) - 1;
        if (!open.has(child)) {
          if (!wanted(child) || boxes + added > most) continue;
          open.add(child);
          boxes += added;
        }
        queue.push(child);
      }
    }
  };
  visit(
    (child) => graph.payload.containers.open[child] === 1,
    () => false,
  );
  visit(
    () => true,
    () => boxes >= Math.min(FEWEST, most),
  );
  return open;
}

/** Opens containers down to `depth` levels; blocks of If and Loop cost no level. */
export function openToDepth(graph: GraphModel, depth: number | "all"): ReadonlySet<number> {
  const levels = new Int32Array(graph.containerCount);
  const open = new Set([0]);
  for (let c = 1; c < graph.containerCount; c++) {
    const parent = graph.parent(c);
    levels[c] = levels[parent]! + (graph.kind(c) === Kind.block ? 0 : 1);
    if (open.has(parent) && (depth === "all" || levels[c]! < depth)) open.add(c);
  }
  return open;
}

/** Opens whatever hides `container`, and the container itself. */
export function openToShow(
  graph: GraphModel,
  open: ReadonlySet<number>,
  container: number,
): ReadonlySet<number> {
  const missing = graph.ancestry(container).filter((c) => !open.has(c));
  return missing.length === 0 ? open : new Set([...open, ...missing]);
}

/** Closes the deepest open containers: what is done when a layout takes too long. */
export function deepestOpen(graph: GraphModel, open: ReadonlySet<number>): number[] {
  const shown = [...open].filter((c) => c > 0 && graph.ancestry(c).every((a) => open.has(a)));
  const deepest = Math.max(...shown.map((c) => graph.depth(c)), 0);
  return shown.filter((c) => graph.depth(c) === deepest);
}
