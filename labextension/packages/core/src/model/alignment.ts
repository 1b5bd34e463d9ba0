/** The text of two snapshots side by side: rows of the same node stand beside each other. */

import type { GraphModel } from "./graph";

/** Rows of each text by the rows they are shown in; -1 where a side has nothing there. */
export interface Alignment {
  readonly left: Int32Array;
  readonly right: Int32Array;
}

export function alignTexts(before: GraphModel, after: GraphModel): Alignment {
  const [ours, theirs] = [rowKeys(before), rowKeys(after)];
  const rowsThere = new Map(theirs.map((key, row) => [key, row]));
  const pairs = ours.flatMap((key, row) => {
    const there = rowsThere.get(key);
    return there === undefined ? [] : [[row, there] as const];
  });
  const [left, right]: [number[], number[]] = [[], []];
  let [here, there] = [0, 0];
  const fillTo = (row: number, other: number) => {
    while (here < row || there < other) {
      left.push(here < row ? here++ : -1);
      right.push(there < other ? there++ : -1);
    }
  };
  for (const [row, other] of inOrder(pairs)) {
    fillTo(row, other);
    left.push(here++);
    right.push(there++);
  }
  fillTo(ours.length, theirs.length);
  return { left: Int32Array.from(left), right: Int32Array.from(right) };
}

/** What a row is: the how-manieth of which node; rows of no node are counted from the end they are at. */
function rowKeys(graph: GraphModel): string[] {
  const counts = new Map<number, number>();
  return Array.from({ length: graph.text.count }, (_, row) => {
    const node = graph.nodeAtRow(row);
    const count = counts.get(node) ?? 0;
    counts.set(node, count + 1);
    if (node >= 0) return `${graph.id(node)} ${count}`;
    return counts.size > 1 ? `end ${graph.text.count - row}` : `start ${row}`;
  });
}

type Pair = readonly [row: number, other: number];

/** The longest choice of pairs, given by their first, that are in order by their second, too. */
function inOrder(pairs: readonly Pair[]): Pair[] {
  const tails: number[] = []; // of each length, the pair with the smallest end
  const previous = new Int32Array(pairs.length).fill(-1);
  pairs.forEach(([, other], i) => {
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pairs[tails[middle]!]![1] < other) low = middle + 1;
      else high = middle;
    }
    previous[i] = low > 0 ? tails[low - 1]! : -1;
    tails[low] = i;
  });
  const chosen: Pair[] = [];
  for (let i = tails.at(-1) ?? -1; i >= 0; i = previous[i]!) chosen.push(pairs[i]!);
  return chosen.reverse();
}
