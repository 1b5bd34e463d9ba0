/** Which steps of a recorded pipeline touched a node, or anything of a source line. */

import type { DocumentModel } from "./document";
import type { GraphModel } from "./graph";
import { beginningOf } from "./parts";
import type { Passes } from "./passes";

/**
 * The steps that made, changed, moved or took away nodes, what they were made from or what became
 * of them: on the way to them, and after them, those of the parts that were taken out meanwhile
 * included.
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
  for (const [step] of passes.way(at, -1)) {
    const sources = new Set(passes.back([...now], step));
    if (!isSame(now, sources) || isEdited(document, step, now)) found.add(step);
    now = sources;
  }
  addLater(document, new Set(ids), at, found);
  return [...found].sort((a, b) => a - b);
}

/** Adds the later steps that touched nodes, of a part and of those that were taken from it. */
function addLater(
  document: DocumentModel,
  ids: ReadonlySet<number>,
  at: number,
  found: Set<number>,
): void {
  const passes = document.passes!;
  const { steps, children } = passes.partOf(at);
  const from = passes.placeOf(at);
  const later = children.filter(({ entry }) => passes.placeOf(entry) >= from);
  let [now, next] = [ids, 0];
  const enter = (place: number) => {
    for (; next < later.length && passes.placeOf(later[next]!.entry) <= place; next++)
      addLater(document, now, beginningOf(later[next]!.number), found);
  };
  enter(from);
  for (const step of steps.slice(from + 1)) {
    const heirs = new Set([...passes.ahead([...now], step), ...passes.madeOf(now, step)]);
    if (!isSame(now, heirs) || isEdited(document, step, now)) found.add(step);
    now = heirs;
    enter(passes.placeOf(step));
  }
}

function isSame(one: ReadonlySet<number>, other: ReadonlySet<number>): boolean {
  return one.size === other.size && [...one].every((id) => other.has(id));
}

const edited = new WeakMap<Passes, Map<number, ReadonlySet<number>>>();

function isEdited(document: DocumentModel, step: number, ids: ReadonlySet<number>): boolean {
  const passes = document.passes!;
  if (!passes.isChanged(step) || passes.graphAfter(step) < 0) return false;
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
    const after = document.graphs[passes.graphAfter(step)];
    if (!after || !passes.isChanged(step)) return [];
    const before = document.graphs[passes.graphAfter(passes.before(step))];
    const isTouched =
      some(after, (node) => after.payload.nodes.change[node]! > 0 && stands(after, node)) ||
      (before !== undefined &&
        some(
          before,
          (node) => stands(before, node) && passes.loss(before.id(node), step) !== null,
        ));
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
