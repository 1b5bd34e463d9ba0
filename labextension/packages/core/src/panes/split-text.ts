/** The IR text of two snapshots: what stands for the same node stands side by side. */

import { changeWords } from "../besides";
import { memoised } from "../memoised";
import { alignTexts, type Alignment, type GraphModel, type Marks } from "../model";
import type { Change } from "../scene/paint";
import { comparisonOf } from "../stepping";
import type { Store } from "../store";
import { IR, RowsPane, type Rows } from "./ir-text";

type Side = "left" | "right";

const align = memoised((before: GraphModel, after: GraphModel): Alignment =>
  alignTexts(before, after),
);

export class SplitText {
  readonly before: HTMLElement;
  readonly after: HTMLElement;
  private readonly panes: readonly [RowsPane, RowsPane];

  constructor(
    private readonly main: Store,
    beside: Store,
  ) {
    this.panes = [
      new RowsPane(beside, this.rows("left", "IR text before")),
      new RowsPane(main, this.rows("right", "IR text after")),
    ];
    [this.before, this.after] = [this.panes[0].element, this.panes[1].element];
    scrollTogether(this.before, this.after);
  }

  dispose(): void {
    for (const pane of this.panes) pane.dispose();
  }

  /** Without a snapshot to compare with, the text stands alone as it is. */
  private alignment(): Alignment | null {
    const isShown = this.main.value.compare === "text";
    const comparison = isShown ? comparisonOf(this.main.value) : null;
    return comparison && align(comparison.before, comparison.after);
  }

  private rows(side: Side, label: string): Rows {
    const rowAt = (row: number) => this.alignment()?.[side][row] ?? row;
    return {
      ...IR,
      label,
      first: () => this.firstChange(),
      changed: () => this.alignment() ?? this.main.value.place.graph,
      count: (graph) => this.alignment()?.[side].length ?? IR.count(graph),
      number: (row) => (rowAt(row) < 0 ? "" : String(rowAt(row) + 1)),
      text: (graph, row) => (rowAt(row) < 0 ? "" : IR.text(graph, rowAt(row))),
      nodes: (graph, row) => (rowAt(row) < 0 ? [] : IR.nodes(graph, rowAt(row))),
      rowsOf: (graph, nodes) => {
        const shown = this.alignment()?.[side];
        const rows = IR.rowsOf(graph, nodes);
        return shown ? rows.map((row) => placeOf(shown, row)) : rows;
      },
      word: (change) => changeWords(this.main.value)[change],
      change: (graph, row) => {
        const comparison = comparisonOf(this.main.value);
        return comparison ? changeAt(graph, comparison[side], rowAt(row)) : undefined;
      },
    };
  }

  /** The first row in which the two differ by a node; -1 where they do not. */
  private firstChange(): number {
    const [alignment, comparison] = [this.alignment(), comparisonOf(this.main.value)];
    if (!alignment || !comparison) return -1;
    const { before, after, left, right } = comparison;
    const { left: ours, right: theirs } = alignment;
    return ours.findIndex(
      (row, at) => !!(changeAt(before, left, row) ?? changeAt(after, right, theirs[at]!)),
    );
  }
}

/** What happened to the node whose text begins in a row. */
function changeAt(graph: GraphModel, marks: Marks, row: number): Change | undefined {
  const [node = -1] = row < 0 ? [] : IR.nodes(graph, row);
  const isFirst = node >= 0 && graph.payload.nodes.text_line[node] === row;
  return isFirst ? changesOf(marks).get(node) : undefined;
}

const known = new WeakMap<Marks, ReadonlyMap<number, Change>>();

function changesOf(marks: Marks): ReadonlyMap<number, Change> {
  let found = known.get(marks);
  if (!found) {
    const changes = ["moved", "edited", "removed", "made"] as const;
    found = new Map(changes.flatMap((change) => marks[change].map((node) => [node, change])));
    known.set(marks, found);
  }
  return found;
}

/** Where a row of a text is shown: rows stay in order, with gaps (-1) between them. */
function placeOf(shown: Int32Array, row: number): number {
  const at = places.get(shown) ?? new Map(Array.from(shown, (own, place) => [own, place]));
  places.set(shown, at);
  return at.get(row) ?? -1;
}

const places = new WeakMap<Int32Array, Map<number, number>>();

function scrollTogether(one: HTMLElement, other: HTMLElement): void {
  const follow = (from: HTMLElement, to: HTMLElement) =>
    from.addEventListener(
      "scroll",
      () => {
        if (to.scrollTop !== from.scrollTop) to.scrollTop = from.scrollTop;
      },
      { passive: true },
    );
  follow(one, other);
  follow(other, one);
}
