/** From one snapshot of a recorded pipeline to another: what is selected, what is open. */

import type { Selection, State } from "./actions";
import { defaultOpen } from "./layout/fold";
import type { GraphModel, Passes } from "./model";

/** A graph, and the step that left it. */
type Snapshot = readonly [graph: GraphModel, step: number];

/** The step whose snapshot is shown; -1 is the program as it was captured. */
export function currentStep(state: State): number {
  return state.document?.passes?.stepOf(state.place.graph) ?? -1;
}

/** What a selection in one snapshot is in another, or what became of it. */
export function followed(
  passes: Passes,
  selection: Selection | null,
  [from, at]: Snapshot,
  [to, step]: Snapshot,
): { selection: Selection | null; notice: string } {
  if (selection?.kind === "line" || selection?.kind === "weight") return { selection, notice: "" };
  const start =
    selection?.kind === "node"
      ? selection.node
      : selection?.kind === "value"
        ? from.producer(selection.value)
        : -1;
  if (start < 0) return { selection: null, notice: "" };
  const found = passes.follow(from.id(start), at, step);
  const node = to.nodeOf(found.id);
  if (node >= 0) return { selection: { kind: "node", node }, notice: "" };
  const where = "step" in found ? passes.steps[found.step]!.name : "";
  const cause = "cause" in found ? found.cause : "";
  const notice = where === "" ? "" : `${from.op(start)} is gone: ${where} (${cause})`;
  return { selection: null, notice };
}

/** What is open in one snapshot, opened in another: the n-th of a name is the n-th there. */
export function openAlike(
  from: GraphModel,
  open: ReadonlySet<number>,
  to: GraphModel,
): ReadonlySet<number> {
  const before = containerKeys(from);
  const keys = new Set([...open].map((container) => before[container]));
  const found = new Set(
    containerKeys(to).flatMap((key, container) => (keys.has(key) ? [container] : [])),
  );
  return found.size > 0 || open.size === 0 ? found : defaultOpen(to);
}

function containerKeys(graph: GraphModel): string[] {
  const counts = new Map<string, number>();
  return Array.from({ length: graph.containerCount }, (_, container) => {
    const name = `${graph.kind(container)} ${graph.path(container)} ${graph.label(container)}`;
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return `${name} ${count}`;
  });
}
