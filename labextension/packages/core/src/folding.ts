/** What is folded in the graph that is shown. */

import type { GraphModel } from "./model";
import { currentGraph, type State } from "./state";

export function toggle(state: State, container: number): State {
  const graph = currentGraph(state);
  if (!graph || container <= 0 || container >= graph.containerCount) return state;
  return withOpen(state, (_, open) => {
    const next = new Set(open);
    if (!next.delete(container)) next.add(container);
    return next;
  });
}

export function fold(state: State, containers: readonly number[]): State {
  return withOpen(state, (_, open) => {
    const next = new Set(open);
    for (const container of containers) if (container > 0) next.delete(container);
    return next;
  });
}

export function withOpen(
  state: State,
  change: (graph: GraphModel, open: ReadonlySet<number>) => ReadonlySet<number>,
): State {
  const graph = currentGraph(state);
  const open = state.open[state.place.graph];
  if (!graph || !open) return state;
  const changed = change(graph, open);
  return changed === open ? state : { ...state, open: state.open.with(state.place.graph, changed) };
}
