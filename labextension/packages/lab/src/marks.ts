/** Marks in Jupyter's editors: the line of what is selected in an explorer, and nodes of each line. */

import { RangeSet, StateEffect, StateField, type Extension } from "@codemirror/state";
import { Decoration, EditorView, gutter, GutterMarker, type DecorationSet } from "@codemirror/view";

import { strings } from "./strings";

export interface Marks {
  /** Counted from 1; 0 for none. */
  readonly line: number;
  /** Nodes by line, empty for no gutter. */
  readonly counts: ReadonlyMap<number, number>;
}

export const NO_MARKS: Marks = { line: 0, counts: new Map() };

const setMarks = StateEffect.define<Marks>();
const LINE = Decoration.line({ class: "tsv-cell-line" });

class Count extends GutterMarker {
  constructor(private readonly nodes: number) {
    super();
  }
  override eq(other: Count): boolean {
    return other.nodes === this.nodes;
  }
  override toDOM(): Node {
    const element = document.createElement("span");
    element.className = "tsv-cell-count";
    element.textContent = String(this.nodes);
    element.title = strings.nodes(this.nodes);
    return element;
  }
}

/** Lines that were typed since would bear the marks of others: an edit takes all of them away. */
const field = StateField.define<Marks>({
  create: () => NO_MARKS,
  update(marks, { effects, docChanged }) {
    const set = effects.find((effect) => effect.is(setMarks));
    return set ? set.value : docChanged ? NO_MARKS : marks;
  },
  provide: (self) =>
    EditorView.decorations.compute([self], (state): DecorationSet => {
      const { line } = state.field(self);
      if (line < 1 || line > state.doc.lines) return Decoration.none;
      return Decoration.set([LINE.range(state.doc.line(line).from)]);
    }),
});

const counts = gutter({
  class: "tsv-cell-gutter",
  markers: ({ state }) => {
    const known = [...state.field(field).counts].filter(([line]) => line <= state.doc.lines);
    return RangeSet.of(
      known.map(([line, nodes]) => new Count(nodes).range(state.doc.line(line).from)),
      true,
    );
  },
});

/** What editors need for that. */
export const marksExtension: Extension = [field, counts];

/** Shows marks in an editor that has the extension. */
export function showMarks(view: EditorView, marks: Marks): void {
  const shown = view.state.field(field, false);
  if (!shown || (shown.line === marks.line && sameCounts(shown.counts, marks.counts))) return;
  view.dispatch({ effects: setMarks.of(marks) });
}

function sameCounts(a: Marks["counts"], b: Marks["counts"]): boolean {
  return a.size === b.size && [...a].every(([line, count]) => b.get(line) === count);
}
