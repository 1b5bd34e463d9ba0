/** What a selection is in its graph: its line, its place in the folds, whether there is such a thing. */

import type { Selection, State } from "./state";
import type { GraphModel } from "./model";

export function fileOf(state: State, graph: GraphModel, selection: Selection): number {
  if (selection.kind === "line") return selection.file;
  const frame = frameOf(graph, selection);
  return graph.document.frame(frame)?.file ?? state.file;
}

/** The frame that stands for a selection in the source pane, or -1. */
export function frameOf(graph: GraphModel, selection: Selection): number {
  const { nodes, containers } = graph.payload;
  const ofNode = (node: number) => {
    if (node < 0) return -1;
    const [own, model] = [nodes.own[node]!, nodes.model[node]!];
    return model >= 0 ? model : own >= 0 ? own : nodes.frame[node]!;
  };
  if (selection.kind === "node") return ofNode(selection.node);
  if (selection.kind === "nodes") return ofNode(selection.nodes[0] ?? -1);
  if (selection.kind === "value") return ofNode(graph.producer(selection.value));
  if (selection.kind === "container") return containers.frame[selection.container]!;
  return -1;
}

export function containerOf(graph: GraphModel, selection: Selection): number {
  if (selection.kind === "node") return graph.home(selection.node);
  if (selection.kind === "nodes") return graph.home(selection.nodes[0]!);
  if (selection.kind === "container") return Math.max(graph.parent(selection.container), 0);
  if (selection.kind !== "value") return -1;
  const node = graph.producer(selection.value);
  return node >= 0 ? graph.home(node) : -1;
}

export function isValid(state: State, graph: GraphModel, selection: Selection): boolean {
  const inside = (index: number, count: number) => index >= 0 && index < count;
  switch (selection.kind) {
    case "node":
      return inside(selection.node, graph.nodeCount);
    case "nodes":
      return selection.nodes.every((node) => inside(node, graph.nodeCount));
    case "container":
      return inside(selection.container, graph.containerCount);
    case "value":
      return inside(selection.value, graph.valueCount);
    case "line":
      return exists(state.document?.payload.files, selection.file) && selection.line > 0;
    case "weight":
      return inside(selection.weight, state.document?.weights.count ?? 0);
  }
}

export function exists(list: readonly unknown[] | undefined, index: number): boolean {
  return list !== undefined && index >= 0 && index < list.length;
}

export function same(a: Selection | null, b: Selection | null): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
