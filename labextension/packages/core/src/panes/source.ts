/** The user's Python: file tabs, a gutter with node counts, and the lines a selection stands on. */

import type { Tree } from "@lezer/common";

import type { DebugCommands } from "../debug-commands";
import { breakpointsOfFile, currentLine, isStepping } from "../debugging";
import { currentGraph, type State } from "../state";
import { h, whenIdle } from "../dom";
import type { GraphModel, LineCount, Mark } from "../model";
import { changeWords, isBeside } from "../besides";
import { frameOf } from "../selection";
import { SIGNS } from "../scene/paint";
import { aloneWords } from "../alone";
import { aloneLines, nodesOfLine, selectedLines, type AloneOnLine } from "../selectors";
import { comparisonOf } from "../stepping";
import { Disposables, type Hover, type Store } from "../store";
import { counted, strings } from "../strings";
import { breakMark, isOnMark } from "./break-mark";
import { STATUS_SIGNS } from "./findings-list";
import { lineHeatCell } from "./heat";
import { colouredText, parsePython, tokensIn, type Token } from "./highlight";
import { Tabs } from "./tabs";
import { VirtualList } from "./virtual-list";

/** Lines shown above the first one that has nodes: the `def` it stands under. */
const LINES_ABOVE = 2;

/** The text of a file. */
class Text {
  /** Its syntax, once it has been parsed. */
  tree: Tree | null = null;
  readonly whole: string;
  private readonly starts: number[] = [];
  private readonly known = new Map<number, readonly Token[]>();

  constructor(readonly lines: readonly string[]) {
    this.whole = lines.join("\n");
    let at = 0;
    for (const line of lines) {
      this.starts.push(at);
      at += line.length + 1;
    }
  }

  tokens(index: number): readonly Token[] {
    const [line, start] = [this.lines[index], this.starts[index]];
    if (!this.tree || line === undefined || start === undefined) return [];
    const known = this.known.get(index) ?? tokensIn(this.tree, start, start + line.length);
    this.known.set(index, known);
    return known;
  }
}

export class SourcePane {
  readonly element: HTMLElement;
  private readonly list: VirtualList;
  private readonly tabs: Tabs;
  private readonly empty = h("div", { class: "tsv-empty" });
  /** What shaded lines mean, where there are any. */
  private readonly legend = h("div", { class: "tsv-source-legend", hidden: true });
  private readonly disposables = new Disposables();
  private readonly texts = new Map<string, Text>();
  private shownFile = -1;
  private hovered: ReadonlySet<number> = new Set();

  constructor(
    private readonly store: Store,
    private readonly debug?: DebugCommands,
  ) {
    this.list = new VirtualList(
      { role: "listbox", "aria-label": "Source lines", class: "tsv-source" },
      (i) => this.row(i),
    );
    const side = h(
      "span",
      { class: "tsv-side", title: "Nodes of each line; after ↳ those in calls made from it" },
      "nodes",
    );
    this.tabs = new Tabs(
      "Source files",
      (key) => store.dispatch({ type: "showFile", file: Number(key) }),
      side,
    );
    this.element = h(
      "section",
      { class: "tsv-pane tsv-source-pane", "aria-label": "Source" },
      this.tabs.element,
      this.empty,
      this.list.element,
      this.legend,
    );
    this.disposables.add(
      () => this.list.dispose(),
      () => (this.shownFile = -1), // a text that is still parsed is wanted no more
      store.watch(currentGraph, () => this.showGraph(store.value)),
      store.watch(
        (state) => state.file,
        () => this.showFile(store.value),
      ),
      store.watch(
        (state) => state.place,
        () => this.follow(store.value),
      ),
      store.watch(
        (state) => state.heat,
        () => this.list.refresh(),
      ),
      store.watch(comparisonOf, () => this.showLost()),
      store.watch(
        (state) => state.findings,
        () => this.showLost(),
      ),
      store.watch(
        (state) => state.debug.state,
        () => this.list.refresh(),
      ),
      store.hover.watch(
        (hover) => hover,
        (hover) => this.showHover(hover),
      ),
    );
    this.disposables.listen<"pointerover">(this.list.element, "pointerover", (event) =>
      this.hover(event),
    );
    this.disposables.listen<"pointerleave">(this.list.element, "pointerleave", () =>
      store.hover.set(null),
    );
    this.disposables.listen<"click">(this.list.element, "click", (event) => this.click(event));
  }

  dispose(): void {
    this.disposables.dispose();
  }

  private showGraph(state: State): void {
    const graph = currentGraph(state);
    if (!graph || !state.document) return;
    const counts = graph.lines.perFile();
    const { files } = state.document.payload;
    const order = files
      .map((file, index) => ({ file, index, nodes: counts.get(index) ?? 0 }))
      .filter(({ file, nodes }) => nodes > 0 || !file.library)
      .sort((a, b) => Number(a.file.library) - Number(b.file.library) || b.nodes - a.nodes);
    this.tabs.set(
      order.map(({ file, index, nodes }) => ({
        key: String(index),
        label: file.title,
        title: `${file.path}: ${counted(nodes, strings.node)}`,
      })),
      String(state.file),
    );
    this.shownFile = -1;
    this.showFile(state);
  }

  private showFile(state: State): void {
    const file = state.document?.payload.files[state.file];
    this.tabs.mark(String(state.file));
    if (this.shownFile === state.file || !file) {
      if (!file) this.say("no source came with this program");
      return;
    }
    this.shownFile = state.file;
    if (file.text.rows === 0) {
      this.say(`the text of ${file.path} is not stored: only its name is known`);
      this.list.setCount(0);
      return;
    }
    this.empty.hidden = true;
    this.list.element.hidden = false;
    this.list.setCount(this.text(state.file).lines.length);
    this.showLost();
    this.follow(state);
    this.colour(state.file);
  }

  private say(text: string): void {
    this.empty.textContent = text;
    this.empty.hidden = false;
    this.list.element.hidden = true;
  }

  private text(file: number): Text {
    const document = this.store.value.document!;
    const key = `${file} ${document.payload.files[file]!.path}`;
    let known = this.texts.get(key);
    if (!known) this.texts.set(key, (known = new Text(document.source(file).all())));
    return known;
  }

  /** Colours come after the first picture: parsing a long file takes longer than showing it. */
  private colour(file: number): void {
    const text = this.text(file);
    const isWanted = () => this.shownFile === file && !text.tree;
    const parse = () =>
      parsePython(text.whole, isWanted, (tree) => {
        text.tree = tree;
        this.list.refresh();
      });
    if (!text.tree) whenIdle(parse);
  }

  private row(index: number): HTMLElement {
    const { value: state } = this.store;
    const graph = currentGraph(state);
    const text = this.text(this.shownFile);
    const line = index + 1;
    const { strong, weak } = selectedLines(graph, state.place.selection, this.shownFile);
    const classes = ["tsv-row"];
    if (strong.has(line)) classes.push("is-strong");
    else if (weak.has(line)) classes.push("is-weak");
    if (this.hovered.has(line)) classes.push("is-hovered");
    const count = graph?.lines.count(this.shownFile, line) ?? null;
    const alone = this.alone.get(line) ?? null;
    if (alone?.isShaded) classes.push(alone.right > 0 ? "is-gaining" : "is-losing");
    const mark = this.found.get(line);
    const isHere = currentLine(state, this.shownFile) === line;
    if (isHere) classes.push("is-here");
    if (mark) classes.push(`is-found is-${mark.status}`);
    const code = h("span", { class: "tsv-code" });
    const range = strong.has(line) && graph ? this.range(graph, line) : null;
    code.append(...colouredText(text.lines[index] ?? "", text.tokens(index), range));
    return h(
      "div",
      {
        class: classes.join(" "),
        role: "option",
        "data-line": line,
        "aria-selected": strong.has(line) ? "true" : "false",
        title: this.titleOf(count, alone),
      },
      h(
        "span",
        { class: "tsv-gutter" },
        this.debug && isStepping(state)
          ? breakMark(breakpointsOfFile(state, this.shownFile).get(line), isHere)
          : null,
        h("span", { class: "tsv-number" }, String(line)),
        countElement(count),
        this.alone.size > 0 ? aloneElement(alone) : null,
        this.found.size > 0 ? foundElement(mark) : null,
        lineHeatCell(state, this.shownFile, line),
      ),
      code,
    );
  }

  /** The exact characters of the selected node on a line. */
  private range(graph: GraphModel, line: number): { from: number; to: number } | null {
    const { selection } = this.store.value.place;
    if (!selection || selection.kind === "line") return null;
    const frame = graph.document.frame(frameOf(graph, selection));
    if (frame?.file !== this.shownFile || frame.line !== line) return null;
    if (frame.endLine !== line) return frame.col > 0 ? { from: frame.col, to: Infinity } : null;
    return frame.endCol > frame.col ? { from: frame.col, to: frame.endCol } : null;
  }

  private follow(state: State): void {
    if (state.file !== this.shownFile) return;
    const graph = currentGraph(state);
    const [line] = selectedLines(graph, state.place.selection, this.shownFile).strong;
    if (line !== undefined) this.list.reveal(line - 1);
    else if (graph && !state.place.selection)
      this.list.startAt(Math.max(graph.lines.first(this.shownFile) - 1 - LINES_ABOVE, 0));
    else this.list.refresh();
  }

  /** What a comparison found, by line. */
  private get found(): ReadonlyMap<number, Mark> {
    return this.store.value.findings?.marks(this.shownFile) ?? NOTHING_FOUND;
  }

  private get alone(): ReadonlyMap<number, AloneOnLine> {
    return aloneLines(this.store.value, this.shownFile);
  }

  private showLost(): void {
    const { alone, found } = this;
    this.legend.hidden = alone.size + found.size === 0;
    this.legend.replaceChildren(
      ...(alone.size > 0 ? [this.aloneLegend()] : []),
      ...(found.size > 0 ? [h("div", { class: "tsv-muted" }, strings.foundHere)] : []),
    );
    this.list.refresh();
  }

  private aloneLegend(): HTMLElement {
    const { value: state } = this.store;
    const { alone } = this;
    if (!isBeside(state)) return h("div", {}, strings.lostLines(alone.size));
    const shaded = [...alone.values()].filter(({ isShaded }) => isShaded).length;
    const { made, removed } = changeWords(state);
    const names = `${SIGNS.removed}n ${removed}, ${SIGNS.made}n ${made}`;
    return h("div", { class: "tsv-muted" }, strings.lostLinesOf(shaded, names));
  }

  private titleOf(count: LineCount | null, alone: AloneOnLine | null): string | null {
    const nodes = (n: number) => counted(n, strings.node);
    const parts = [
      ...(count ? [strings.nodesOfLine(nodes(count.direct), nodes(count.through))] : []),
      ...(alone ? aloneWords(this.store.value, alone) : []),
    ];
    return parts.length > 0 ? parts.join("; ") : null;
  }

  private showHover(hover: Hover): void {
    const graph = currentGraph(this.store.value);
    const before = this.hovered;
    const lines = new Set<number>();
    if (graph && hover && hover.from !== "source") {
      const frames =
        hover.kind === "container"
          ? [graph.payload.containers.frame[hover.container]!]
          : (hover.frames ??
            hover.nodes.slice(0, 200).map((node) => frameOf(graph, { kind: "node", node })));
      for (const frame of frames) {
        const found = graph.document.frame(frame);
        if (found?.file === this.shownFile) lines.add(found.line);
      }
    }
    this.hovered = lines;
    if (before.size > 0 || lines.size > 0) this.list.refresh();
  }

  private lineAt(event: Event): number {
    const row = (event.target as Element).closest<HTMLElement>("[data-line]");
    return Number(row?.dataset["line"] ?? 0);
  }

  private hover(event: Event): void {
    const graph = currentGraph(this.store.value);
    const line = this.lineAt(event);
    if (!graph || line === 0) return;
    const place = { file: this.shownFile, line };
    const nodes = nodesOfLine(graph, place);
    const isEmpty = nodes.length === 0 && !isBeside(this.store.value);
    this.store.hover.set(isEmpty ? null : { kind: "nodes", nodes, from: "source", line: place });
  }

  private click(event: Event): void {
    const line = this.lineAt(event);
    if (line === 0) return;
    const path = this.store.value.document?.payload.files[this.shownFile]?.path;
    if (path !== undefined && isOnMark(event))
      return void this.debug?.toggle({ kind: "line", path, line });
    const mark = (event.target as Element).closest(".tsv-found") ? this.found.get(line) : undefined;
    if (mark) return this.store.dispatch({ type: "finding", finding: mark.finding });
    this.store.dispatch({
      type: "select",
      selection: { kind: "line", file: this.shownFile, line },
    });
  }
}

function aloneElement(alone: AloneOnLine | null): HTMLElement {
  const { left = 0, right = 0 } = alone ?? {};
  return h(
    "span",
    { class: "tsv-alone" },
    left > 0 ? h("span", { class: "tsv-sign-removed" }, `${SIGNS.removed}${left}`) : null,
    right > 0 ? h("span", { class: "tsv-sign-made" }, `${SIGNS.made}${right}`) : null,
  );
}

const NOTHING_FOUND: ReadonlyMap<number, Mark> = new Map();

function foundElement(mark: Mark | undefined): HTMLElement {
  if (!mark) return h("span", { class: "tsv-found" });
  const { status, words } = mark;
  return h(
    "span",
    { class: `tsv-found is-${status}`, role: "img", "aria-label": words, title: words },
    STATUS_SIGNS[status] ?? "",
  );
}

/** The line's own nodes, else (fainter) those in calls made from it. */
function countElement(count: LineCount | null): HTMLElement {
  if (!count) return h("span", { class: "tsv-count" });
  if (count.direct > 0) return h("span", { class: "tsv-count" }, String(count.direct));
  return h("span", { class: "tsv-count is-through" }, `↳ ${count.through}`);
}
