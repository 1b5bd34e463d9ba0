/** What there is to see where a program is held, one row each: values, or attributes of modules. */

import type { Commands } from "../commands";
import { LISTS, debugGraph, type Debug, type List } from "../debugging";
import { button, h } from "../dom";
import type { Plots } from "../plots/library";
import type { DebugValue } from "../protocol.generated";
import type { Disposables, Store } from "../store";
import { debugStrings as words } from "../debug-strings";
import { DebugRecords } from "./debug-records";
import { RovingRows } from "./roving";
import { Tabs } from "./tabs";

export class DebugValuesTable {
  readonly element: HTMLElement;
  private readonly tabs = new Tabs(words.lists, (key) => this.turn(key as List | "records"));
  private readonly body = h("tbody");
  private readonly rows: RovingRows;
  private readonly table: HTMLElement;
  private readonly records: HTMLElement;
  private readonly more = button("", () => void this.commands.debug.moreValues(), {
    class: "tsv-btn tsv-debug-more",
  });
  private readonly empty = h("p", { class: "tsv-faint" });

  constructor(
    private readonly store: Store,
    private readonly commands: Commands,
    disposables: Disposables,
    loadPlots: () => Promise<Plots>,
  ) {
    this.records = new DebugRecords(store, commands, disposables, loadPlots).element;
    this.table = h(
      "table",
      { "aria-label": words.lists },
      h("thead", {}, h("tr", {}, ...words.columns.map(titleCell))),
      this.body,
    );
    this.element = h(
      "div",
      { class: "tsv-debug-values" },
      this.tabs.element,
      this.table,
      this.more,
      this.empty,
      this.records,
    );
    this.rows = new RovingRows(this.body, disposables, (row) => this.choose(row));
    disposables.add(
      store.watch(
        ({ debug }) => debug[debug.list],
        () => this.fill(store.value.debug),
      ),
      store.watch(
        ({ debug }) => `${debug.list} ${debug.isOnRecords} ${debug.state?.records.length}`,
        () => this.fill(store.value.debug),
      ),
      store.watch(
        (state) => state.debug.state?.status,
        () => this.fill(store.value.debug),
      ),
      store.watch(
        (state) => state.debug.chosen,
        () => this.mark(),
      ),
    );
  }

  private turn(key: List | "records"): void {
    if (key === "records") this.store.dispatch({ type: "debug", action: { what: "records" } });
    else void this.commands.debug.show(key);
  }

  private fill(debug: Debug): void {
    const { rows, total } = debug[debug.list];
    const made = rows.map((value) => valueRow(value));
    this.body.replaceChildren(...made);
    this.rows.set(made);
    this.tabs.set(
      [
        ...LISTS.map((key) => ({ key, label: words.listed(words[key], debug[key].total) })),
        { key: "records", label: words.listed(words.records, debug.state?.records.length ?? 0) },
      ],
      debug.isOnRecords ? "records" : debug.list,
    );
    this.records.hidden = !debug.isOnRecords;
    this.table.hidden = debug.isOnRecords;
    this.more.hidden = debug.isOnRecords || rows.length >= total;
    this.more.textContent = words.more[debug.list](total - rows.length);
    this.empty.hidden = debug.isOnRecords || rows.length > 0;
    const isRunning = debug.state?.status === "running";
    this.empty.textContent = isRunning ? words.whileRunning : words.none[debug.list];
    this.mark();
  }

  private mark(): void {
    const { debug } = this.store.value;
    this.rows.mark(debug[debug.list].rows.findIndex(({ name }) => name === debug.chosen));
  }

  /** The value is selected in the graph, too, and looked at. */
  private choose(row: number): void {
    const { value: state } = this.store;
    const value = state.debug[state.debug.list].rows[row];
    if (!value) return;
    this.store.dispatch({ type: "debug", action: { what: "choose", name: value.name } });
    if (value.row >= 0 && state.place.graph === debugGraph(state))
      this.store.dispatch({ type: "select", selection: { kind: "value", value: value.row } });
    if (value.text !== "") void this.commands.debug.lookAt(value.name);
  }
}

/** The column of marks has no title, and so is no heading. */
const titleCell = (title: string) =>
  title === "" ? h("td", {}) : h("th", { scope: "col" }, title);

function valueRow(value: DebugValue): HTMLElement {
  const { name, kind, type, least, most, mean, text, note, device } = value;
  const odd = words.odd(value.nans, value.infinities);
  const place = device === "" || device === "cpu" ? "" : ` ${device}`;
  const range = least === null || most === null ? "" : `${short(least)} … ${short(most)}`;
  return h(
    "tr",
    { class: "tsv-debug-value", "aria-selected": "false", "data-value": name },
    h("td", {}, ...marksOf(value)),
    h("th", { scope: "row", class: "tsv-mono" }, name),
    h("td", { class: "tsv-mono", title: type }, kind === "" ? type : kind + place),
    h("td", { class: "tsv-mono" }, range),
    h("td", { class: "tsv-mono" }, mean === null ? "" : short(mean)),
    h(
      "td",
      { class: "tsv-mono tsv-debug-text", title: text === "" ? note : text },
      odd === "" ? null : h("b", { class: "tsv-debug-odd" }, `${odd} `),
      kind === "" ? text || note : firstNumbers(text),
      text !== "" && note !== "" ? h("span", { class: "tsv-faint" }, ` (${note})`) : null,
    ),
  );
}

/** Kind, range and mean stand in columns of their own. */
const firstNumbers = (text: string) => text.slice(Math.max(0, text.lastIndexOf("  [")) + 2);

function marksOf(value: DebugValue): HTMLElement[] {
  const marks = [
    ...(value.is_changed ? [["~", words.changed, "is-changed"] as const] : []),
    ...(value.is_new ? [["+", words.isNew, "is-new"] as const] : []),
    ...(value.is_edited ? [["✎", words.edited, "is-edited-value"] as const] : []),
    ...(value.is_used ? [["→", words.used, "is-used"] as const] : []),
  ];
  return marks.map(([sign, said, name]) =>
    h(
      "span",
      { class: `tsv-debug-mark ${name}`, role: "img", "aria-label": said, title: said },
      sign,
    ),
  );
}

/** `0.12346`, `4e+9`. */
export function short(number: number): string {
  const size = Math.abs(number);
  if (number !== 0 && (size >= 1e6 || size < 1e-4))
    return number.toExponential(4).replace(/\.?0+e/, "e");
  return String(Number(number.toPrecision(5)));
}
