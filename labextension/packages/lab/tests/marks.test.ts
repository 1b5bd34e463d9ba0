// @vitest-environment jsdom
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { describe, expect, it, vi } from "vitest";

import { areSame, marksExtension, marksOf, NO_MARKS, showMarks, type Marks } from "../src/marks";

const TEXT = "def f(x):\n    y = x + 1\n    return y\n";
const MARKS: Marks = {
  ...NO_MARKS,
  line: 2,
  counts: new Map([
    [2, 3],
    [900, 1], // of a text that was longer
  ]),
  times: new Map([
    [2, { amount: "2 ms", share: "40%", percent: 40, isThrough: false, words: "w" }],
  ]),
  found: new Map([[3, { sign: "▲", status: "proven", words: "it was True" }]]),
  breakable: new Set([2, 3]),
  breakpoints: new Map([[3, { isConditional: true, words: "breakpoint 1" }]]),
};

function editor() {
  const owner = { changed: vi.fn(), moved: vi.fn(), clicked: vi.fn() };
  const state = EditorState.create({ doc: TEXT, extensions: marksExtension(owner) });
  const view = new EditorView({ state, parent: document.body });
  const texts = (name: string) =>
    [...view.dom.querySelectorAll(`.tsv-cell-${name}`)].map((one) => one.textContent);
  return { owner, view, texts };
}

describe("marks in an editor", () => {
  it("stand beside their lines", () => {
    const { view, texts } = editor();
    showMarks(view, MARKS);
    expect(texts("line")).toEqual(["    y = x + 1"]);
    expect(texts("count")).toEqual(["3"]);
    expect(texts("time")).toEqual(["2 ms 40%"]);
    expect(texts("finding")).toEqual(["▲"]);
    expect(texts("break")).toEqual(["●", "◆"]);
    expect(view.dom.className).toContain("tsv-with-breaks");
  });

  it("go with an edit, and their columns stay", () => {
    const { owner, view, texts } = editor();
    showMarks(view, MARKS);
    owner.changed.mockClear();
    view.dispatch({ changes: { from: 0, insert: "#" } });
    expect(marksOf(view)).toBe(NO_MARKS);
    expect(texts("count")).toEqual([]);
    expect(view.dom.className).toContain("tsv-with-counts");
    expect(owner.changed).toHaveBeenCalledTimes(1);
    showMarks(view, null);
    expect(view.dom.className).not.toContain("tsv-with-counts");
  });

  it("are kept while the cursor moves, and not made anew for the same", () => {
    const { view } = editor();
    showMarks(view, MARKS);
    const before = view.state;
    showMarks(view, { ...MARKS, counts: new Map(MARKS.counts) });
    expect(view.state).toBe(before);
    view.dispatch({ selection: { anchor: 3 } });
    expect(marksOf(view)).toBe(MARKS);
  });

  it("differ by each of their parts", () => {
    expect(areSame(MARKS, { ...MARKS })).toBe(true);
    for (const part of ["counts", "times", "found", "breakable", "breakpoints"] as const)
      expect(areSame(MARKS, { ...MARKS, [part]: NO_MARKS[part] })).toBe(false);
    expect(areSame(MARKS, { ...MARKS, line: 1 })).toBe(false);
  });
});
