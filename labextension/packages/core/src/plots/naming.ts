/** What nodes, lines and amounts are called in plots and their tables. */

import { Kind, type DocumentModel, type GraphModel, type Measure, type Profile } from "../model";
import type { Target } from "../measured";
import { shortAmount, shortShare } from "../scene/words";
import type { Cell } from "./chart";

/** Everything a chart is made from. */
export interface Measured {
  readonly document: DocumentModel;
  readonly profile: Profile;
  readonly measure: Measure;
}

/** The graph that has a node of this number: the program's, else the plan's. */
export function graphWith({ document, profile }: Measured, id: number): GraphModel | null {
  const program = document.graphs[0]!;
  if (program.nodeOf(id) >= 0) return program;
  return profile.plan.nodeOf(id) >= 0 ? profile.plan : null;
}

export interface Named {
  readonly op: string;
  /** `resnet.py:93`, or "". */
  readonly place: string;
  readonly module: string;
}

/** `linear  cells.0.up  net.py:9`: without the name spaces of PyTorch itself. */
export const shortName = ({ op, module, place }: Named): string =>
  [op.replace(/^(aten|prim)::/, ""), module, place].filter((part) => part !== "").join("  ");

const NOBODY: Named = { op: "", place: "", module: "" };

export function nameOf(graph: GraphModel | null, node: number): Named {
  if (!graph || node < 0) return NOBODY;
  const { model, container } = graph.payload.nodes;
  return {
    op: graph.op(node),
    place: graph.document.place(model[node]!),
    module: moduleOf(graph, container[node]!),
  };
}

/** The path of the innermost module that a container stands in. */
export function moduleOf(graph: GraphModel, container: number): string {
  for (let c = container; c > 0; c = graph.parent(c))
    if (graph.kind(c) === Kind.module) return graph.path(c);
  return "";
}

/** A node of the program, by its number. */
export const programTarget = (id: number): Target | null =>
  id < 0 ? null : { kind: "nodes", plan: -1, numbers: [id] };

/** A node of the plan, by its row in the samples. */
export function sampleTarget({ payload }: Profile, row: number): Target & { kind: "nodes" } {
  const { node, origins_at, origins } = payload.samples;
  const numbers = Array.from(origins.subarray(origins_at[row], origins_at[row + 1]));
  return { kind: "nodes", plan: node[row]!, numbers };
}

export const amountCell = (measure: Measure, amount: number): Cell => [
  shortAmount(measure, amount),
  Number.isNaN(amount) ? -1 : amount,
];

export const shareCell = (amount: number, whole: number): Cell => [
  Number.isNaN(amount) ? "" : shortShare(amount, whole),
  Number.isNaN(amount) ? -1 : amount,
];

/** A number in words that a function finds; nothing where it is not known. */
export const numberCell = (number: number, words: (known: number) => string): Cell =>
  Number.isNaN(number) ? ["", -1] : [words(number), number];
