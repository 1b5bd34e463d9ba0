/** Another variant of the program: which nodes correspond, and what only one of the two has. */

import type { VariantPayload } from "../protocol.generated";
import { only, type Comparison } from "./comparison";
import type { DocumentModel } from "./document";
import { Role, type GraphModel } from "./graph";

/** By what two nodes were found to correspond, as `VariantPayload.how` counts it. */
export const MATCHES = ["calls", "line", "structure"] as const;
export type Match = (typeof MATCHES)[number];

/** Nodes of one line that only one of the two has; constants and attributes aside. */
export interface Difference {
  readonly file: number;
  readonly line: number;
  /** Of the program, and of the variant laid beside it. */
  readonly here: readonly number[];
  readonly there: readonly number[];
  /** Whether all that comes from the line is only in one of the two. */
  readonly isWhole: boolean;
}

export class Variant {
  private matches: ReadonlyMap<number, Match> | null = null;
  private found: readonly Difference[] | null = null;

  constructor(
    readonly payload: VariantPayload,
    private readonly document: DocumentModel,
  ) {}

  /** Its graph, by row; -1 where it could not be made. */
  get graph(): number {
    return this.payload.graph;
  }

  /** By what the nodes with a number were found to correspond; null where none do. */
  matchOf(id: number): Match | null {
    const { pairs, how } = this.payload;
    this.matches ??= new Map(Array.from(pairs, (pair, i) => [pair, MATCHES[how[i]!]!]));
    return this.matches.get(id) ?? null;
  }

  /** What only one of the two has, by file and line. */
  get differences(): readonly Difference[] {
    return (this.found ??= this.findDifferences());
  }

  private findDifferences(): Difference[] {
    const { lost_file, lost_line } = this.payload;
    const lost = new Set(Array.from(lost_file, (file, i) => `${file} ${lost_line[i]}`));
    const [program, variant] = [this.document.graphs[0], this.document.graphs[this.graph]];
    if (!program || !variant) return [];
    const [here, there] = [byLine(program, variant), byLine(variant, program)];
    const places = [...new Map([...here, ...there]).entries()];
    return places
      .map(([key, { file, line }]) => ({
        file,
        line,
        here: here.get(key)?.nodes ?? [],
        there: there.get(key)?.nodes ?? [],
        isWhole: lost.has(key),
      }))
      .sort((a, b) => a.file - b.file || a.line - b.line);
  }
}

interface OfLine {
  readonly file: number;
  readonly line: number;
  readonly nodes: number[];
}

/** The nodes that only the first graph has, by their model line; others of its lines are left out. */
function byLine(graph: GraphModel, other: GraphModel): Map<string, OfLine> {
  const lines = new Map<string, OfLine>();
  for (const node of only(graph, other)) {
    if (graph.role(node) === Role.constant || graph.role(node) === Role.attribute) continue;
    const frame = graph.document.frame(graph.payload.nodes.model[node]!);
    if (!frame) continue;
    const { file, line } = frame;
    const key = `${file} ${line}`;
    const known = lines.get(key) ?? { file, line, nodes: [] };
    known.nodes.push(node);
    lines.set(key, known);
  }
  return lines;
}

/** Compares the graphs of two variants by which of their nodes correspond. */
export function compareVariants(
  document: DocumentModel,
  base: number,
  shown: number,
): Comparison | null {
  const [before, after] = [document.graphs[base], document.graphs[shown]];
  if (!before || !after) return null;
  const changed = [...pairsOf(before, after)].filter(
    ([one, other]) =>
      before.op(one) !== after.op(other) || before.attributes(one) !== after.attributes(other),
  );
  const left = { made: [], removed: only(before, after), moved: [] };
  const right = { made: only(after, before), removed: [], moved: [] };
  return {
    before,
    after,
    left: { ...left, edited: changed.map(([one]) => one) },
    right: { ...right, edited: changed.map(([, other]) => other) },
  };
}

function* pairsOf(one: GraphModel, other: GraphModel): Generator<[number, number]> {
  for (let node = 0; node < one.nodeCount; node++) {
    const twin = other.nodeOf(one.id(node));
    if (twin >= 0) yield [node, twin];
  }
}

type PerGraph<T> = WeakMap<GraphModel, WeakMap<GraphModel, T>>;

const knownPairs: PerGraph<ReadonlyMap<number, number>> = new WeakMap();

/** Containers of one graph → those of another that hold the counterparts of most of their nodes. */
export function pairContainers(from: GraphModel, to: GraphModel): ReadonlyMap<number, number> {
  const found = known(knownPairs, from).get(to);
  if (found) return found;
  const pairs = findContainers(from, to);
  known(knownPairs, from).set(to, pairs);
  known(knownPairs, to).set(from, new Map([...pairs].map(([one, other]) => [other, one])));
  return pairs;
}

function known<T>(cache: PerGraph<T>, graph: GraphModel): WeakMap<GraphModel, T> {
  const found = cache.get(graph) ?? new WeakMap<GraphModel, T>();
  cache.set(graph, found);
  return found;
}

function findContainers(from: GraphModel, to: GraphModel): Map<number, number> {
  const votes = new Map<string, { from: number; to: number; count: number }>();
  for (const [node, twin] of pairsOf(from, to)) {
    const theirs = new Map(holders(to, twin).map((c) => [nameOf(to, c), c]));
    for (const container of holders(from, node)) {
      const other = theirs.get(nameOf(from, container));
      if (other === undefined) continue;
      const key = `${container} ${other}`;
      const vote = votes.get(key) ?? { from: container, to: other, count: 0 };
      vote.count += 1;
      votes.set(key, vote);
    }
  }
  const pairs = new Map([[0, 0]]);
  const taken = new Set([0]);
  for (const vote of [...votes.values()].sort((a, b) => b.count - a.count))
    if (!pairs.has(vote.from) && !taken.has(vote.to)) {
      pairs.set(vote.from, vote.to);
      taken.add(vote.to);
    }
  return pairs;
}

/** The containers a node is drawn in or as, the whole graph aside. */
function holders(graph: GraphModel, node: number): readonly number[] {
  const own = graph.containerOf(node);
  return graph.ancestry(own >= 0 ? own : graph.home(node)).slice(1);
}

const nameOf = (graph: GraphModel, container: number) =>
  `${graph.kind(container)} ${graph.path(container)} ${graph.label(container)}`;

const knownBlocks: PerGraph<ReadonlySet<number>> = new WeakMap();

/** The blocks of a graph in which some node, however deep, has a counterpart in another. */
export function sharedBlocks(graph: GraphModel, other: GraphModel): ReadonlySet<number> {
  const found = known(knownBlocks, graph).get(other);
  if (found) return found;
  const shared = new Set<number>();
  const { nodes, blocks } = graph.payload;
  for (const [node] of pairsOf(graph, other))
    for (let block = nodes.block[node]!; block > 0 && !shared.has(block);) {
      shared.add(block);
      block = nodes.block[blocks.node[block]!]!;
    }
  known(knownBlocks, graph).set(other, shared);
  return shared;
}
