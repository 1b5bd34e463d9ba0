/** Which steps of a recorded pipeline touched a node, or anything of a source line. */

import type { DocumentModel } from "./document";
import type { GraphModel } from "./graph";
import type { Passes } from "./passes";

/**
 * The steps that made, changed, moved or took away nodes, what they were made from or what became
 * of them.
 * @param ids of nodes in the snapshot after the step `at`
 */
export function stepsTouchingNodes(
  document: DocumentModel,
  ids: readonly number[],
  at: number,
): number[] {
  const passes = document.passes!;
  const found = new Set<number>();
  let now: ReadonlySet<number> = new Set(ids);
  for (let step = at; step >= 0; step--) {
    const sources = passes.follow([...now], step, step - 1).ids;
    const isMade = sources.some((id) => !now.has(id)) || sources.length !== now.size;
    if (isMade || isEdited(document, step, now)) found.add(step);
    now = new Set(sources);
  }
  now = new Set(ids);
  for (let step = at + 1; step < passes.steps.length; step++) {
    const heirs = new Set([
      ...passes.follow([...now], step - 1, step).ids,
      ...passes.madeOf(now, step),
    ]);
    const isSame = heirs.size === now.size && [...heirs].every((id) => now.has(id));
    if (!isSame || isEdited(document, step, now)) found.add(step);
    now = heirs;
  }
  return [...found].sort((a, b) => a - b);
}

const edited = new WeakMap<Passes, Map<number, ReadonlySet<number>>>();

function isEdited(document: DocumentModel, step: number, ids: ReadonlySet<number>): boolean {
  const passes = document.passes!;
  if (!passes.isChanged(step)) return false;
  let known = edited.get(passes);
  if (!known) edited.set(passes, (known = new Map<number, ReadonlySet<number>>()));
  let changes = known.get(step);
  if (!changes) {
    const graph = document.graphs[passes.graphAfter(step)]!;
    const rows = nodesWhere(graph, (node) => graph.payload.nodes.change[node]! > 0);
    changes = new Set(rows.map((node) => graph.id(node)));
    known.set(step, changes);
  }
  for (const id of ids) if (changes.has(id)) return true;
  return false;
}

/** The steps that made, changed, moved or took away a node of a line, or of a call made from it. */
export function stepsTouchingLine(document: DocumentModel, file: number, line: number): number[] {
  const passes = document.passes!;
  const frames = framesAt(document, file, line);
  const stands = ({ payload: { nodes } }: GraphModel, node: number) =>
    [nodes.frame, nodes.model, nodes.own].some((frame) => frames.has(frame[node]!));
  return passes.steps.flatMap((_, step) => {
    if (!passes.isChanged(step)) return [];
    const [before, after] = [step - 1, step].map((at) => document.graphs[passes.graphAfter(at)]!);
    const isTouched =
      some(after!, (node) => after!.payload.nodes.change[node]! > 0 && stands(after!, node)) ||
      some(
        before!,
        (node) => stands(before!, node) && passes.loss(before!.id(node), step) !== null,
      );
    return isTouched ? [step] : [];
  });
}

/** The frames that stand on a line, and those called from it. */
function framesAt(document: DocumentModel, file: number, line: number): ReadonlySet<number> {
  const { frames } = document;
  const known = new Map<number, boolean>([[-1, false]]);
  const stands = (frame: number): boolean => {
    const chain: number[] = [];
    let at = frame;
    while (!known.has(at)) {
      if (frames.file[at] === file && frames.line[at] === line) known.set(at, true);
      else chain.push(at);
      at = known.has(at) ? at : frames.caller[at]!;
    }
    for (const one of chain) known.set(one, known.get(at)!);
    return known.get(frame)!;
  };
  const found = new Set<number>();
  for (let frame = 0; frame < frames.line.length; frame++) if (stands(frame)) found.add(frame);
  return found;
}

function some(graph: GraphModel, holds: (node: number) => boolean): boolean {
  for (let node = 0; node < graph.nodeCount; node++) if (holds(node)) return true;
  return false;
}

function nodesWhere(graph: GraphModel, holds: (node: number) => boolean): number[] {
  const found: number[] = [];
  for (let node = 0; node < graph.nodeCount; node++) if (holds(node)) found.push(node);
  return found;
}
