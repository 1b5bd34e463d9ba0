/** All nodes as a table: one row a node, sorted by any column. */

import { currentGraph } from "../state";
import { h, setAttributes } from "../dom";
import type { GraphModel, Heat } from "../model";
import { selectedNodes } from "../selectors";
import { shortAmount, shortNumber, shortShape } from "../scene/words";
import { Disposables, type Store } from "../store";
import { strings } from "../strings";
import { VirtualList } from "./virtual-list";

interface Column {
  readonly title: string;
  readonly width: number;
  readonly text: (graph: GraphModel, node: number) => string;
  /** What it is sorted by, where that is not its text. */
  readonly rank?: (graph: GraphModel, node: number) => number;
}

/** Where most of the time is, if it was measured. */
function timeOf(graph: GraphModel): Heat | null {
  const { profile } = graph.document;
  return profile ? profile.heatOf(graph, profile.first) : null;
}

const first = (graph: GraphModel, node: number) => graph.outputs(node)[0];

const COLUMNS: readonly Column[] = [
  { title: "op", width: 150, text: (graph, node) => graph.op(node) },
  {
    title: "output",
    width: 90,
    text: (graph, node) =>
      graph
        .outputs(node)
        .map((value) => `%${graph.valueName(value)}`)
        .join(", "),
    rank: (_, node) => node,
  },
  {
    title: "shape or type",
    width: 120,
    text: (graph, node) => {
      const value = first(graph, node);
      if (value === undefined) return "";
      return shortShape(graph.observed(value)) || graph.valueType(value);
    },
  },
  {
    title: "FLOPs",
    width: 70,
    text: (graph, node) => {
      const flops = graph.payload.nodes.flops[node]!;
      return Number.isNaN(flops) ? "" : shortNumber(flops);
    },
    rank: (graph, node) => {
      const flops = graph.payload.nodes.flops[node]!;
      return Number.isNaN(flops) ? 1 : -flops;
    },
  },
  {
    title: strings.time,
    width: 70,
    text: (graph, node) => {
      const heat = timeOf(graph);
      return heat ? shortAmount(heat.measure, heat.nodes[node]!) : "";
    },
    rank: (graph, node) => {
      const time = timeOf(graph)?.nodes[node] ?? NaN;
      return Number.isNaN(time) ? 1 : -time;
    },
  },
  {
    title: "line",
    width: 130,
    text: (graph, node) => graph.document.place(graph.payload.nodes.model[node]!),
  },
  { title: "how", width: 70, text: (graph, node) => graph.how(node) },
  { title: "scope", width: 160, text: (graph, node) => graph.path(Math.max(graph.home(node), 0)) },
];

export class TablePane {
  readonly element: HTMLElement;
  private readonly list: VirtualList;
  private readonly head: HTMLElement;
  private readonly disposables = new Disposables();
  private order: Int32Array = new Int32Array();
  private places: Int32Array = new Int32Array();
  private sort = { column: 1, descending: false };
  private strong: ReadonlySet<number> = new Set();

  constructor(private readonly store: Store) {
    this.list = new VirtualList({ role: "rowgroup", "aria-label": "Nodes" }, (i) => this.row(i));
    this.head = h("div", { class: "tsv-table-head", role: "row" });
    COLUMNS.forEach((column, i) => {
      const title = h("button", { type: "button" }, column.title);
      const cell = h("span", { role: "columnheader" }, title);
      cell.style.width = `${column.width}px`;
      title.addEventListener("click", () => this.sortBy(i));
      this.head.append(cell);
    });
    this.element = h(
      "div",
      { class: "tsv-pane tsv-table", role: "table", "aria-label": "Nodes" },
      this.head,
      this.list.element,
    );
    this.element.style.flex = "1";
    this.disposables.add(
      () => this.list.dispose(),
      store.watch(currentGraph, () => this.arrange()),
      store.watch(
        (state) => state.place,
        () => this.follow(),
      ),
    );
    this.disposables.listen(this.list.element, "scroll", () => {
      this.head.scrollLeft = this.list.element.scrollLeft;
    });
    this.disposables.listen<"click">(this.list.element, "click", (event) => {
      const row = (event.target as Element).closest<HTMLElement>("[data-node]");
      if (row)
        store.dispatch({
          type: "select",
          selection: { kind: "node", node: Number(row.dataset["node"]) },
          reveal: true,
        });
    });
  }

  dispose(): void {
    this.disposables.dispose();
  }

  private sortBy(column: number): void {
    const again = this.sort.column === column;
    this.sort = { column, descending: again && !this.sort.descending };
    this.arrange();
    this.list.startAt(0);
  }

  private arrange(): void {
    const graph = currentGraph(this.store.value);
    const { column, descending } = this.sort;
    [...this.head.children].forEach((title, i) =>
      setAttributes(title, {
        "aria-sort": i === column ? (descending ? "descending" : "ascending") : null,
      }),
    );
    this.order = Int32Array.from({ length: graph?.nodeCount ?? 0 }, (_, i) => i);
    if (graph) this.order.sort(comparing(graph, COLUMNS[column]!));
    if (descending) this.order.reverse();
    this.places = new Int32Array(this.order.length);
    this.order.forEach((node, row) => (this.places[node] = row));
    this.list.setCount(this.order.length);
  }

  private row(index: number): HTMLElement {
    const graph = currentGraph(this.store.value)!;
    const node = this.order[index]!;
    const strong = this.strong.has(node);
    return h(
      "div",
      {
        class: `tsv-row${strong ? " is-strong" : ""}`,
        role: "row",
        "data-node": node,
        "aria-selected": strong ? "true" : "false",
      },
      ...COLUMNS.map((column) => {
        const text = column.text(graph, node);
        const cell = h("span", { role: "cell", title: text }, text);
        cell.style.width = `${column.width}px`;
        if (column.title === "how") cell.className = `tsv-how-${text}`;
        return cell;
      }),
    );
  }

  private follow(): void {
    const { value: state } = this.store;
    const graph = currentGraph(state);
    const nodes = graph ? selectedNodes(graph, state.place.selection) : [];
    this.strong = new Set(nodes);
    this.list.refresh();
    const [node] = nodes;
    if (node !== undefined) this.list.reveal(this.places[node] ?? 0);
  }
}

function comparing(graph: GraphModel, column: Column): (a: number, b: number) => number {
  const { rank } = column;
  if (rank) return (a, b) => rank(graph, a) - rank(graph, b) || a - b;
  const texts = Array.from({ length: graph.nodeCount }, (_, node) => column.text(graph, node));
  return (a, b) => (texts[a]! < texts[b]! ? -1 : texts[a]! > texts[b]! ? 1 : a - b);
}
