/** The rows of a chart: of any length, sorted by any column; arrow keys move, Enter chooses. */

import { h, setAttributes } from "../dom";
import type { Cell, Chart } from "../plots/chart";
import type { Disposables } from "../store";
import { VirtualList } from "./virtual-list";

/** What a column has room for, in pixels: as many letters as it needs, within bounds. */
const LETTER = 7.5;
const PADDING = 16;
const LEAST = 64;
const MOST = 300;
const PROBED = 200;

let tables = 0;

export class ChartTable {
  readonly element: HTMLElement;
  private readonly list: VirtualList;
  private readonly head = h("div", { class: "tsv-table-head", role: "row" });
  private readonly id = `tsv-chart-${++tables}`;
  private chart: Chart | null = null;
  private order: number[] = [];
  private widths: readonly number[] = [];
  private sort = { column: -1, isDown: true };
  private current = 0;
  private chosen: ReadonlySet<number> = new Set();

  /** @param choose is called with the number of a row */
  constructor(
    disposables: Disposables,
    private readonly choose: (row: number) => void,
  ) {
    this.list = new VirtualList({ role: "rowgroup", tabindex: "-1" }, (i) => this.row(i));
    this.element = h(
      "div",
      { class: "tsv-table tsv-chart-table", role: "grid", tabindex: "0" },
      this.head,
      this.list.element,
    );
    disposables.add(() => this.list.dispose());
    disposables.listen(this.list.element, "scroll", () => {
      this.head.scrollLeft = this.list.element.scrollLeft;
    });
    disposables.listen<"click">(this.list.element, "click", ({ target }) => {
      const row = (target as Element).closest<HTMLElement>("[data-place]");
      if (row) this.act(Number(row.dataset["place"]));
    });
    disposables.listen<"keydown">(this.element, "keydown", (event) => this.key(event));
  }

  show(chart: Chart): void {
    const isSame = this.chart?.columns.join() === chart.columns.join();
    this.chart = chart;
    this.widths = chart.columns.map((_, column) => this.widthOf(column));
    if (!isSame) this.sort = { column: -1, isDown: true };
    setAttributes(this.element, {
      "aria-label": chart.label,
      "aria-rowcount": chart.rows.length + 1,
      "aria-colcount": chart.columns.length,
    });
    this.arrange();
    if (!isSame) this.list.startAt(0);
  }

  /** Shows which rows stand for what is selected. */
  mark(rows: ReadonlySet<number>): void {
    this.chosen = rows;
    this.list.refresh();
  }

  private widthOf(column: number): number {
    const { rows, columns } = this.chart!;
    const texts = rows.slice(0, PROBED).map(({ cells }) => textOf(cells[column] ?? ""));
    const letters = Math.max(columns[column]!.length, ...texts.map((text) => text.length));
    return Math.round(Math.min(MOST, Math.max(LEAST, LETTER * letters + PADDING)));
  }

  private isNumber(column: number): boolean {
    return this.chart!.rows.some(({ cells }) => typeof cells[column] !== "string");
  }

  private arrange(): void {
    const { column, isDown } = this.sort;
    const { rows, columns } = this.chart!;
    this.order = [...rows.keys()];
    if (column >= 0)
      this.order.sort(
        by(
          rows.map(({ cells }) => cells[column] ?? ""),
          isDown,
        ),
      );
    this.head.replaceChildren(...columns.map((title, i) => this.title(title, i)));
    this.current = 0;
    this.list.setCount(rows.length);
    this.tell();
  }

  private title(title: string, column: number): HTMLElement {
    const isSorted = column === this.sort.column;
    const button = h(
      "button",
      { type: "button", tabindex: column === Math.max(this.sort.column, 0) ? 0 : -1 },
      title,
    );
    const cell = h(
      "span",
      {
        role: "columnheader",
        class: this.isNumber(column) ? "is-number" : null,
        "aria-sort": isSorted ? (this.sort.isDown ? "descending" : "ascending") : null,
      },
      button,
    );
    cell.style.width = `${this.widths[column]}px`;
    button.addEventListener("click", () => {
      this.sort = { column, isDown: isSorted ? !this.sort.isDown : this.isNumber(column) };
      this.arrange();
      this.titles()[column]!.focus();
      this.list.startAt(0);
    });
    return cell;
  }

  private titles(): HTMLButtonElement[] {
    return [...this.head.querySelectorAll("button")];
  }

  private row(place: number): HTMLElement {
    const row = this.order[place]!;
    const { cells, target } = this.chart!.rows[row]!;
    const isChosen = this.chosen.has(row);
    const classes = [
      "tsv-row",
      isChosen ? "is-strong" : "",
      place === this.current ? "is-current" : "",
    ];
    return h(
      "div",
      {
        id: `${this.id}-${place}`,
        class: classes.filter((name) => name !== "").join(" "),
        role: "row",
        "data-place": place,
        "aria-rowindex": place + 2,
        "aria-selected": String(isChosen),
        "aria-disabled": target ? null : "true",
      },
      ...cells.map((cell, column) => {
        const text = textOf(cell);
        const element = h("span", { role: "gridcell", title: text }, text);
        if (typeof cell !== "string") element.className = "is-number";
        element.style.width = `${this.widths[column]}px`;
        return element;
      }),
    );
  }

  private key(event: KeyboardEvent): void {
    const isHead = this.head.contains(event.target as Node);
    if (isHead) return this.headKey(event);
    const last = this.order.length - 1;
    const to = {
      ...{ ArrowDown: this.current + 1, ArrowUp: this.current - 1 },
      ...{ PageDown: this.current + 10, PageUp: this.current - 10, Home: 0, End: last },
    }[event.key];
    const isChoice = event.key === "Enter" || event.key === " ";
    if (last < 0 || (to === undefined && !isChoice)) return;
    event.preventDefault();
    event.stopPropagation();
    if (to === undefined) return this.act(this.current);
    this.current = Math.max(0, Math.min(to, last));
    this.list.reveal(this.current);
    this.tell();
  }

  private headKey(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key] ?? 0;
    const titles = this.titles();
    const next = titles[titles.indexOf(event.target as HTMLButtonElement) + step];
    if (event.key === "Enter" || event.key === " ") event.stopPropagation();
    if (step === 0) return;
    event.preventDefault();
    event.stopPropagation();
    next?.focus();
  }

  private tell(): void {
    const hasRows = this.order.length > 0;
    setAttributes(this.element, {
      "aria-activedescendant": hasRows ? `${this.id}-${this.current}` : null,
    });
  }

  private act(place: number): void {
    this.current = place;
    this.tell();
    const row = this.order[place];
    if (row !== undefined) this.choose(row);
    this.list.refresh();
  }
}

const textOf = (cell: Cell) => (typeof cell === "string" ? cell : cell[0]);

function by(cells: readonly Cell[], isDown: boolean): (a: number, b: number) => number {
  const sign = isDown ? -1 : 1;
  return (a, b) => {
    const [one, other] = [cells[a]!, cells[b]!];
    if (typeof one !== "string" && typeof other !== "string")
      return sign * (one[1] - other[1]) || a - b;
    const [left, right] = [textOf(one), textOf(other)];
    return left < right ? -sign : left > right ? sign : a - b;
  };
}
