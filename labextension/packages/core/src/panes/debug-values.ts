/** The values where a program is held: one row each, and the numbers of the one that was chosen. */

import type { Commands } from "../commands";
import { NUMBERS } from "../debug-commands";
import { debugGraph, isStepping, type Debug } from "../debugging";
import { button, h, setReason } from "../dom";
import type { DebugValue } from "../protocol.generated";
import type { Disposables, Store } from "../store";
import { debugStrings as words } from "../debug-strings";
import { field, form } from "./debug-side";
import { RovingRows } from "./roving";

/** Numbers of one row. */
const A_ROW = 8;

export class DebugValuesTable {
  readonly element: HTMLElement;
  private readonly count = h("span", { class: "tsv-faint" });
  private readonly body = h("tbody");
  private readonly rows: RovingRows;
  private readonly more = button("", () => void this.commands.debug.moreValues(), {
    class: "tsv-btn tsv-debug-more",
  });
  private readonly empty = h("p", { class: "tsv-faint" });

  constructor(
    private readonly store: Store,
    private readonly commands: Commands,
    disposables: Disposables,
  ) {
    const table = h(
      "table",
      { "aria-label": words.values },
      h(
        "thead",
        {},
        h("tr", {}, ...words.columns.map((title) => h("th", { scope: "col" }, title))),
      ),
      this.body,
    );
    this.element = h(
      "div",
      { class: "tsv-debug-values" },
      h("h4", {}, words.values, " ", this.count),
      table,
      this.more,
      this.empty,
    );
    this.rows = new RovingRows(this.body, disposables, (row) => this.choose(row));
    disposables.add(
      store.watch(
        (state) => state.debug.values,
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

  private fill({ values, total, state }: Debug): void {
    const made = values.map((value) => valueRow(value));
    this.body.replaceChildren(...made);
    this.rows.set(made);
    this.count.textContent = total > 0 ? words.valuesOf(values.length, total) : "";
    this.more.hidden = values.length >= total;
    this.more.textContent = words.more(total - values.length);
    this.empty.hidden = values.length > 0;
    this.empty.textContent = state?.status === "running" ? words.whileRunning : words.noValues;
    this.mark();
  }

  private mark(): void {
    const { values, chosen } = this.store.value.debug;
    this.rows.mark(values.findIndex(({ name }) => name === chosen));
  }

  /** The value is selected in the graph, too, and its numbers are asked for. */
  private choose(row: number): void {
    const { value: state } = this.store;
    const value = state.debug.values[row];
    if (!value) return;
    this.store.dispatch({ type: "debug", action: { what: "choose", name: value.name } });
    if (state.place.graph === debugGraph(state))
      this.store.dispatch({ type: "select", selection: { kind: "value", value: value.row } });
    if (value.text !== "") void this.commands.debug.numbers(value.name);
  }
}

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
function short(number: number): string {
  const size = Math.abs(number);
  if (number !== 0 && (size >= 1e6 || size < 1e-4))
    return number.toExponential(4).replace(/\.?0+e/, "e");
  return String(Number(number.toPrecision(5)));
}

/** What is known of the chosen value: all of its line, its numbers page by page, and another one. */
export class DebugValueCard {
  readonly element: HTMLElement;
  private readonly head = h("div");
  private readonly numbers = h("div");
  private readonly edit: HTMLFormElement;
  private readonly text = field(words.replace, words.replaceHow);
  private readonly why = h("p", { class: "tsv-faint" });
  private readonly empty = h("p", { class: "tsv-faint" }, words.chooseValue);

  constructor(
    private readonly store: Store,
    private readonly commands: Commands,
    disposables: Disposables,
  ) {
    this.edit = form(disposables, words.replace, [this.text], () => this.replace(), words.set);
    this.element = h(
      "aside",
      { class: "tsv-card", "aria-label": words.value, tabindex: "0" },
      this.empty,
      this.head,
      this.edit,
      this.why,
      this.numbers,
    );
    disposables.add(
      store.watch(
        ({ debug }) => debug,
        () => this.show(),
      ),
      store.watch(
        (state) => state.connected,
        () => this.show(),
      ),
    );
  }

  private show(): void {
    const { value: state } = this.store;
    const { values, chosen, numbers } = state.debug;
    const value = values.find(({ name }) => name === chosen);
    this.empty.hidden = value !== undefined || !isStepping(state);
    this.edit.hidden = this.why.hidden = value === undefined;
    this.head.replaceChildren(...(value ? headOf(value) : []));
    const reason = this.commands.debug.reason("set");
    this.why.textContent = reason;
    this.why.hidden ||= reason === "";
    this.edit.hidden ||= reason !== "";
    this.numbers.replaceChildren(...(value && numbers?.text === chosen ? this.page() : []));
  }

  private replace(): void {
    const { chosen } = this.store.value.debug;
    const text = this.text.value.trim();
    if (text === "") return;
    void this.commands.debug.do("set", { target: chosen, text }).then(() => {
      if (this.store.value.debug.failure) return;
      this.text.value = "";
      void this.commands.debug.numbers(chosen);
    });
  }

  private page(): HTMLElement[] {
    const { text, page } = this.store.value.debug.numbers!;
    const { first, total, items } = page;
    const turn = (to: number) => void this.commands.debug.numbers(text, to);
    const before = button("‹", () => turn(first - NUMBERS), { "aria-label": words.previous });
    const after = button("›", () => turn(first + NUMBERS), { "aria-label": words.next });
    setReason(before, first > 0 ? "" : words.isFirstPage, words.previous);
    setReason(after, first + items.length < total ? "" : words.isLastPage, words.next);
    const lines: string[] = [];
    for (let at = 0; at < items.length; at += A_ROW)
      lines.push(items.slice(at, at + A_ROW).join("  "));
    return [
      h(
        "div",
        { class: "tsv-debug-pages" },
        before,
        h(
          "span",
          { class: "tsv-faint" },
          words.numbers(Math.min(first + 1, total), first + items.length, total),
        ),
        after,
      ),
      h("pre", { class: "tsv-mono" }, lines.join("\n")),
    ];
  }
}

function headOf({ name, type, text, note }: DebugValue): HTMLElement[] {
  return [
    h("h4", { class: "tsv-mono" }, `${name} : ${type}`),
    h("p", { class: "tsv-mono" }, text === "" ? note : text),
  ];
}
