/**
 * Marks in Jupyter's editors: the line of what is selected in an explorer, and in the margin what
 * the explorer knows of each line.
 *
 * They are made when they are set, and only kept while the cursor moves. Lines that were typed since
 * would bear the marks of others: an edit takes all of them away. Their columns stay, so that the
 * text does not jump under the hands.
 */

import { RangeSet, StateEffect, StateField, type Extension, type Text } from "@codemirror/state";
import {
  Decoration,
  EditorView,
  gutter,
  GutterMarker,
  ViewPlugin,
  type DecorationSet,
} from "@codemirror/view";
import type { LinkedMarks } from "@tsviz/core/linking";

import { BreakMark, CountMark, FoundMark, TimeMark } from "./margin";

export interface Marks extends LinkedMarks {
  /** Counted from 1; 0 for none. */
  readonly line: number;
}

export const NO_MARKS: Marks = {
  line: 0,
  counts: new Map(),
  times: new Map(),
  found: new Map(),
  breakable: new Set(),
  breakpoints: new Map(),
};

/** Who sets the marks of an editor, and hears what is done in it. */
export interface MarksOwner {
  /** There is another editor, or another text in one. */
  changed(): void;
  /** The cursor has moved by hand. */
  moved(view: EditorView): void;
  /** A line's margin was clicked where breakpoints stand, or a finding. */
  clicked(view: EditorView, line: number, what: "breakpoint" | "found"): void;
}

const COLUMNS = ["breaks", "counts", "found", "times"] as const;
type Margin = RangeSet<GutterMarker>;
type Margins = Readonly<Record<(typeof COLUMNS)[number], Margin>>;
interface Shown extends Margins {
  readonly marks: Marks;
  /** Columns that are there, or were before an edit. */
  readonly columns: ReadonlySet<string>;
  readonly line: DecorationSet;
}

const setMarks = StateEffect.define<Marks | null>();
const LINE = Decoration.line({ class: "tsv-cell-line" });
const EMPTY: Margin = RangeSet.of<GutterMarker>([]);
const NOTHING: Shown = {
  marks: NO_MARKS,
  columns: new Set(),
  line: Decoration.none,
  counts: EMPTY,
  times: EMPTY,
  found: EMPTY,
  breaks: EMPTY,
};

const field = StateField.define<Shown>({
  create: () => NOTHING,
  update(shown, { effects, docChanged, newDoc }) {
    const set = effects.find((effect) => effect.is(setMarks));
    const { columns } = shown;
    if (set) return set.value ? make(set.value, newDoc, columns) : NOTHING;
    return docChanged && shown.marks !== NO_MARKS ? { ...NOTHING, columns } : shown;
  },
  provide: (self) => [
    EditorView.decorations.from(self, ({ line }) => line),
    EditorView.editorAttributes.from(self, ({ columns }) => ({
      class: [...columns].map((column) => `tsv-with-${column}`).join(" "),
    })),
  ],
});

function make(marks: Marks, text: Text, before: ReadonlySet<string>): Shown {
  const from = (line: number) => text.line(line).from;
  const has = (line: number) => line >= 1 && line <= text.lines;
  const margin = <T>(lines: Iterable<readonly [number, T]>, mark: (of: T) => GutterMarker) =>
    RangeSet.of(
      [...lines].filter(([line]) => has(line)).map(([line, of]) => mark(of).range(from(line))),
      true,
    );
  const { line, counts, times, found, breakable, breakpoints } = marks;
  const breaks = new Map([...breakable].map((at) => [at, breakpoints.get(at) ?? null]));
  const margins: Margins = {
    breaks: margin(breaks, (point) => new BreakMark(point)),
    counts: margin(counts, (nodes) => new CountMark(nodes)),
    found: margin(found, (one) => new FoundMark(one)),
    times: margin(times, (time) => new TimeMark(time)),
  };
  return {
    ...margins,
    marks,
    columns:
      marks === NO_MARKS ? before : new Set(COLUMNS.filter((column) => margins[column].size > 0)),
    line: has(line) ? Decoration.set([LINE.range(from(line))]) : Decoration.none,
  };
}

/** What editors need for that. */
export function marksExtension(owner: MarksOwner): Extension {
  const column = (name: keyof Margins, what?: "breakpoint" | "found") =>
    gutter({
      class: `tsv-cell-gutter tsv-cell-${name}`,
      markers: ({ state }) => state.field(field)[name],
      domEventHandlers: {
        mousedown(view, { from }, event) {
          if (!what || (event as MouseEvent).button !== 0) return false;
          owner.clicked(view, view.state.doc.lineAt(from).number, what);
          return true;
        },
      },
    });
  return [
    field,
    column("breaks", "breakpoint"),
    column("counts"),
    column("found", "found"),
    column("times"),
    ViewPlugin.define((view) => {
      owner.changed();
      return {
        update({ docChanged, selectionSet }) {
          if (docChanged) owner.changed();
          else if (selectionSet && view.hasFocus) owner.moved(view);
        },
      };
    }),
  ];
}

/** Shows marks in an editor that has the extension; null where no explorer is left to have any. */
export function showMarks(view: EditorView, marks: Marks | null): void {
  const shown = view.state.field(field, false);
  const isThere = marks ? areSame(shown?.marks ?? NO_MARKS, marks) : shown?.columns.size === 0;
  if (shown && !isThere) view.dispatch({ effects: setMarks.of(marks) });
}

/** The marks that an editor shows. */
export const marksOf = (view: EditorView): Marks =>
  view.state.field(field, false)?.marks ?? NO_MARKS;

const PARTS = ["counts", "times", "found", "breakable", "breakpoints"] as const;

export function areSame(a: Marks, b: Marks): boolean {
  const isSame = (part: (typeof PARTS)[number]) =>
    a[part] === b[part] ||
    (a[part].size === b[part].size &&
      JSON.stringify([...a[part]]) === JSON.stringify([...b[part]]));
  return a.line === b.line && PARTS.every(isSame);
}
