/** What is known of what is looked at: at one look, number by number, and how to replace it. */

import type { Commands } from "../commands";
import { NUMBERS } from "../debug-commands";
import { chosenValue, isStepping, type Numbers } from "../debugging";
import { button, h, setReason } from "../dom";
import type { DebugDetail, DebugStatistics } from "../protocol.generated";
import type { Failure } from "../state";
import type { Disposables, Store } from "../store";
import { grouped } from "../strings";
import { debugStrings as words } from "../debug-strings";
import { field, form } from "./debug-fields";
import { short } from "./debug-values";
import { plotsOf } from "./value-plots";

/** Numbers of one row at most. */
const A_ROW = 8;

export class DebugValueCard {
  readonly element: HTMLElement;
  private readonly head = h("div");
  private readonly plots = h("div", { class: "tsv-value-plots" });
  private readonly numbers = h("div");
  private readonly look = field(words.look, words.lookHow);
  private readonly lookForm: HTMLFormElement;
  private readonly pin = button(words.pin, () => this.keep(), { title: words.pinHow });
  private readonly edit: HTMLFormElement;
  private readonly text = field(words.replace, words.replaceHow);
  private readonly why = h("p", { class: "tsv-faint" });
  private readonly empty = h("p", { class: "tsv-faint" }, words.chooseValue);

  constructor(
    private readonly store: Store,
    private readonly commands: Commands,
    disposables: Disposables,
  ) {
    this.lookForm = form(disposables, words.look, [this.look], () => this.lookAt(), words.show);
    this.lookForm.append(this.pin);
    this.edit = form(disposables, words.replace, [this.text], () => this.replace(), words.set);
    this.element = h(
      "aside",
      { class: "tsv-card", "aria-label": words.value, tabindex: "0" },
      this.lookForm,
      this.empty,
      this.head,
      this.edit,
      this.why,
      this.plots,
      this.numbers,
    );
    disposables.add(
      store.watch(
        ({ debug }) => debug,
        () => this.show(),
      ),
      store.watch(
        ({ debug }) => debug.look,
        (text) => (this.look.value = text),
      ),
      store.watch(
        ({ debug }) => debug.detail,
        (detail) => this.draw(detail),
      ),
      store.watch(
        ({ debug }) => debug.numbers,
        (numbers) => this.numbers.replaceChildren(...(numbers ? this.page(numbers) : [])),
      ),
      store.watch(
        (state) => state.connected,
        () => this.show(),
      ),
    );
  }

  private show(): void {
    const { value: state } = this.store;
    const { debug } = state;
    const value = chosenValue(debug);
    const isChosen = value !== undefined && debug.look === value.name;
    this.empty.hidden = debug.look !== "" || value !== undefined || !isStepping(state);
    this.head.replaceChildren(
      ...(value && (isChosen || debug.look === "")
        ? [h("h4", { class: "tsv-mono" }, `${value.name} : ${value.type}`)]
        : []),
      ...(value?.text === "" ? [h("p", {}, value.note)] : []),
      ...(debug.unseen
        ? [h("div", { role: "note" }, debug.unseen.title, helpOf(debug.unseen))]
        : []),
      ...(debug.detail ? factsOf(debug.detail) : []),
      ...(value?.note && value.text !== "" ? [h("p", { class: "tsv-faint" }, value.note)] : []),
    );
    setReason(this.pin, this.commands.debug.reason("pin") || this.whyNoPin(), words.pinHow);
    const reason = this.commands.debug.reason("set");
    const other = value && value.row < 0 ? words.cannotReplace : "";
    this.why.textContent = reason || other;
    this.why.hidden = !isChosen || this.why.textContent === "";
    this.edit.hidden = !isChosen || this.why.textContent !== "";
  }

  private draw(detail: DebugDetail | null): void {
    this.plots.replaceChildren(...(detail ? plotsOf(detail) : []));
  }

  private whyNoPin(): string {
    return this.store.value.debug.detail ? "" : words.chooseValue;
  }

  private lookAt(): void {
    const text = this.look.value.trim();
    if (text !== "") void this.commands.debug.lookAt(text);
  }

  private keep(): void {
    const { look, state } = this.store.value.debug;
    const name = `${look} @ ${state?.position ?? 0}`;
    const known = new Set(state?.pins.map((pin) => pin.name));
    let number = 1;
    const numbered = () => (number > 1 ? `${name} (${number})` : name);
    while (known.has(numbered())) number++; // before and after an edit it is the same place
    void this.commands.debug.do("pin", { text: look, target: numbered() });
  }

  private replace(): void {
    const { chosen } = this.store.value.debug;
    const text = this.text.value.trim();
    if (text === "") return;
    void this.commands.debug.do("set", { target: chosen, text }).then(() => {
      if (!this.store.value.debug.failure) this.text.value = "";
    });
  }

  private page({ text, page }: Numbers): HTMLElement[] {
    const { first, total, items, shape } = page;
    const turn = (to: number) => void this.commands.debug.numbers(text, to);
    const before = button("‹", () => turn(first - NUMBERS), { "aria-label": words.previous });
    const after = button("›", () => turn(first + NUMBERS), { "aria-label": words.next });
    setReason(before, first > 0 ? "" : words.isFirstPage, words.previous);
    setReason(after, first + items.length < total ? "" : words.isLastPage, words.next);
    const isWhole = first === 0 && items.length >= total;
    return [
      h(
        "div",
        { class: "tsv-debug-pages", hidden: isWhole },
        before,
        h(
          "span",
          { class: "tsv-faint" },
          words.numbers(Math.min(first + 1, total), first + items.length, total),
        ),
        after,
      ),
      h(
        "pre",
        { class: "tsv-mono", tabindex: 0 },
        (shape ? rows(items, first, shape) : items).join("\n"),
      ),
    ];
  }
}

const helpOf = ({ help }: Failure) => (help === "" ? null : h("div", {}, `help: ${help}`));

function factsOf({ title, kind, device, facts, statistics }: DebugDetail): HTMLElement[] {
  if (!statistics) return [said(facts, title)];
  return [
    said([device, ...facts], `${kind} ${device}`, h("span", { class: "tsv-mono" }, `${kind} · `)),
    h(
      "p",
      { class: "tsv-value-facts" },
      ...measured(statistics).map(([name, text, isOdd]) =>
        h("span", { class: isOdd ? "tsv-debug-odd" : null }, `${name} `, h("code", {}, text)),
      ),
    ),
  ];
}

const said = (facts: readonly string[], title: string, ...before: HTMLElement[]) =>
  h("p", { class: "tsv-faint", title }, ...before, facts.join(" · "));

function measured(found: DebugStatistics): [name: string, text: string, isOdd: boolean][] {
  const names = Object.entries(words.statistics) as [keyof DebugStatistics, string][];
  return names
    .map(([key, name]) => ({ key, name, number: found[key] }))
    .filter(({ key, number }) => number !== null && !(isCount(key) && number === 0))
    .map(({ key, name, number }) => [
      name,
      isCount(key) ? grouped(number!) : short(number!),
      key === "nans" || key === "infinities",
    ]);
}

const isCount = (key: string) => key === "zeros" || key === "nans" || key === "infinities";

/** Numbers in columns, each row with the index of its first one. */
export function rows(items: readonly string[], first: number, shape: readonly number[]): string[] {
  const last = shape.at(-1) ?? 1;
  const width = Math.max(1, ...items.map((item) => item.length));
  const made: { index: string; numbers: string }[] = [];
  for (let at = 0; at < items.length;) {
    const place = first + at;
    const left = Math.min(A_ROW, last - (place % last) || 1, items.length - at);
    const numbers = items.slice(at, at + left).map((item) => item.padStart(width));
    made.push({ index: `[${indexOf(place, shape).join(", ")}]`, numbers: numbers.join("  ") });
    at += left;
  }
  if (shape.length === 0) return made.map(({ numbers }) => numbers);
  const margin = Math.max(0, ...made.map(({ index }) => index.length));
  return made.map(({ index, numbers }) => `${index.padEnd(margin)}  ${numbers}`);
}

/** The index of a number in the order of the last dimension. */
function indexOf(place: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  let rest = place;
  for (const size of [...shape].reverse()) {
    index.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return index;
}
