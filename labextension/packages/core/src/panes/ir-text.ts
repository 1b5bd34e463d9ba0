/** The canonical IR text, and TorchScript's own `.code` view: rows that stand for nodes. */

import type { DebugCommands } from "../debug-commands";
import { breakpointsOfNodes, currentNode, debugGraph, isStepping } from "../debugging";
import { currentGraph, type State } from "../state";
import { known, type GraphModel } from "../model";
import { h } from "../dom";
import { SIGNS, type Change } from "../scene/paint";
import { heatWords } from "../scene/words";
import { selectedNodes } from "../selectors";
import { Disposables, type Hover, type Store } from "../store";
import { breakMark, isOnMark } from "./break-mark";
import { heatOf } from "../measured";
import { heatCell } from "./heat";
import { colouredText, tokeniseIr, tokenisePython } from "./highlight";
import { VirtualList } from "./virtual-list";

/** What a kind of text must say about itself. */
export interface Rows {
  readonly label: string;
  /** When this is another one, there are other rows; by default the graph. */
  readonly changed?: (state: State) => unknown;
  /** The number that stands before a row; "" where it stands for nothing. */
  readonly number?: (row: number) => string;
  /** The row to look at first where nothing is selected; -1 for none. */
  readonly first?: () => number;
  /** What the sign of a row means. */
  readonly word?: (change: Change) => string;
  /** What sets a row off from the text beside it. */
  readonly change?: (graph: GraphModel, row: number) => Change | undefined;
  readonly count: (graph: GraphModel) => number;
  readonly text: (graph: GraphModel, row: number) => string;
  readonly nodes: (graph: GraphModel, row: number) => readonly number[];
  readonly rowsOf: (graph: GraphModel, nodes: readonly number[]) => number[];
  readonly python: boolean;
}

export const IR: Rows = {
  label: "IR text",
  count: (graph) => graph.text.count,
  text: (graph, row) => graph.text.row(row),
  nodes: (graph, row) => {
    const node = graph.nodeAtRow(row);
    return node < 0 ? [] : [node];
  },
  rowsOf: (graph, nodes) => nodes.map((node) => graph.payload.nodes.text_line[node]!),
  python: false,
};

const CODE: Rows = {
  label: "TorchScript code",
  count: (graph) => graph.document.payload.code.length,
  text: (graph, row) => graph.document.payload.code[row]?.text ?? "",
  nodes: (graph, row) => graph.document.payload.code[row]?.nodes ?? [],
  rowsOf: (graph, nodes) => {
    const wanted = new Set(nodes);
    const rows: number[] = [];
    graph.document.payload.code.forEach((line, row) => {
      if (line.nodes.some((node) => wanted.has(node))) rows.push(row);
    });
    return rows;
  },
  python: true,
};

export class RowsPane {
  readonly element: HTMLElement;
  private readonly list: VirtualList;
  private readonly disposables = new Disposables();
  private strong: ReadonlySet<number> = new Set();
  private hovered: ReadonlySet<number> = new Set();

  constructor(
    private readonly store: Store,
    private readonly rows: Rows,
    /** Where rows take breakpoints. */
    private readonly debug?: DebugCommands,
  ) {
    this.list = new VirtualList({ role: "listbox", "aria-label": rows.label }, (i) => this.row(i));
    this.element = this.list.element;
    this.disposables.add(
      () => this.list.dispose(),
      store.watch(rows.changed ?? currentGraph, () => {
        const graph = currentGraph(store.value);
        this.list.setCount(graph ? rows.count(graph) : 0);
        this.follow();
      }),
      store.watch(
        (state) => state.place,
        () => this.follow(),
      ),
      store.watch(heatOf, () => this.list.refresh()),
      store.hover.watch(
        (hover) => hover,
        (hover) => this.showHover(hover),
      ),
      store.watch(
        (state) => (debug ? state.debug.state : null),
        () => this.list.refresh(),
      ),
    );
    this.disposables.listen<"pointerover">(this.element, "pointerover", (event) => {
      const nodes = this.nodesAt(event);
      store.hover.set(nodes.length > 0 ? { kind: "nodes", nodes, from: rows.label } : null);
    });
    this.disposables.listen<"pointerleave">(this.element, "pointerleave", () =>
      store.hover.set(null),
    );
    this.disposables.listen<"click">(this.element, "click", (event) => {
      const [node] = this.nodesAt(event);
      if (node !== undefined && debug && isOnMark(event)) void debug.toggle({ kind: "node", node });
      else if (node !== undefined)
        store.dispatch({ type: "select", selection: { kind: "node", node }, reveal: true });
    });
  }

  dispose(): void {
    this.disposables.dispose();
  }

  private row(index: number): HTMLElement {
    const graph = currentGraph(this.store.value);
    const text = graph ? this.rows.text(graph, index) : "";
    const strong = this.strong.has(index);
    const number = this.rows.number ? this.rows.number(index) : String(index + 1);
    const change = graph ? this.rows.change?.(graph, index) : undefined;
    const sign = change ? SIGNS[change] : "";
    const classes = [
      "tsv-row",
      strong ? "is-strong" : "",
      graph && this.isHere(graph, index) ? "is-here" : "",
      this.hovered.has(index) ? "is-hovered" : "",
      change ? `is-${change}` : "",
      number === "" ? "is-filler" : "",
    ];
    const tokens = this.rows.python ? tokenisePython(text) : tokeniseIr(text);
    const code = h("span", { class: "tsv-code" });
    code.append(...colouredText(text, tokens));
    return h(
      "div",
      {
        class: classes.filter((name) => name).join(" "),
        role: "option",
        "data-row": index,
        "aria-selected": strong ? "true" : "false",
      },
      h(
        "span",
        { class: "tsv-gutter" },
        graph ? this.breakMark(graph, index) : null,
        h("span", { class: "tsv-number" }, number),
        this.rows.change
          ? h(
              "span",
              { class: "tsv-row-sign", title: change ? (this.rows.word?.(change) ?? null) : null },
              sign,
            )
          : null,
        graph ? this.heat(graph, index) : null,
      ),
      code,
    );
  }

  private breakMark(graph: GraphModel, row: number): HTMLElement | null {
    const { value: state } = this.store;
    const isStepped = this.debug && isStepping(state) && state.place.graph === debugGraph(state);
    if (!isStepped) return null;
    const [node = -1] = this.rows.nodes(graph, row);
    const isFirst = node >= 0 && graph.payload.nodes.text_line[node] === row;
    const point = isFirst ? breakpointsOfNodes(state).get(node) : undefined;
    return breakMark(point, this.isHere(graph, row));
  }

  private isHere(graph: GraphModel, row: number): boolean {
    const node = this.debug ? currentNode(this.store.value) : -1;
    return node >= 0 && graph.payload.nodes.text_line[node] === row;
  }

  /** What the nodes of a row took, in the row where each begins. */
  private heat(graph: GraphModel, row: number): HTMLElement | null {
    const heat = heatOf(this.store.value);
    if (!heat || this.rows.python) return null;
    const starts = this.rows
      .nodes(graph, row)
      .filter((node) => this.rows.rowsOf(graph, [node])[0] === row);
    let sum = NaN;
    for (const node of starts) {
      const taken = heat.nodes[node]!;
      if (!Number.isNaN(taken)) sum = known(sum) + taken;
    }
    return heatCell(sum, heat.whole, Number.isNaN(sum) ? "" : heatWords(heat, sum));
  }

  private nodesAt(event: Event): readonly number[] {
    const graph = currentGraph(this.store.value);
    const row = (event.target as Element).closest<HTMLElement>("[data-row]")?.dataset["row"];
    return graph && row !== undefined ? this.rows.nodes(graph, Number(row)) : [];
  }

  private follow(): void {
    const { value: state } = this.store;
    const graph = currentGraph(state);
    const rows = graph ? this.rows.rowsOf(graph, selectedNodes(graph, state.place.selection)) : [];
    this.strong = new Set(rows);
    const first =
      rows.length > 0 ? Math.min(...rows.slice(0, 10_000)) : (this.rows.first?.() ?? -1);
    if (first >= 0) this.list.reveal(first);
    else this.list.refresh();
  }

  private showHover(hover: Hover): void {
    const graph = currentGraph(this.store.value);
    const before = this.hovered;
    const elsewhere = graph && hover?.kind === "nodes" && hover.from !== this.rows.label;
    this.hovered = new Set(elsewhere ? this.rows.rowsOf(graph, hover.nodes) : []);
    if (before.size > 0 || this.hovered.size > 0) this.list.refresh();
  }
}

export const createIrPane = (store: Store, debug?: DebugCommands) => new RowsPane(store, IR, debug);
export const createCodePane = (store: Store) => new RowsPane(store, CODE);
