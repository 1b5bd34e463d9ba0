/** The control strip of two variants: which other one, what only each has, and the way through it. */

import { chosenVariant, isBeside, namesOf } from "../besides";
import type { Commands } from "../commands";
import { button, h, setAttributes, setReason } from "../dom";
import type { Difference, DocumentModel } from "../model";
import { SIGNS } from "../scene/paint";
import type { State } from "../state";
import { comparisonOf } from "../stepping";
import { Disposables, type Store } from "../store";
import { counted, grouped, strings } from "../strings";
import { differenceAt, differencesOf } from "../variants";
import { finding } from "./details/overview";
import { ROW_HEIGHT, VirtualList } from "./virtual-list";

const MOST_OPS = 4;
/** Rows that the list has room for. */
const MOST_ROWS = 5;
const PADDING = 12;

export class VariantsPane {
  readonly element: HTMLElement;
  private readonly choice = h("select", { class: "tsv-btn", "aria-label": strings.chooseVariant });
  private readonly why = h("span", { class: "tsv-why tsv-faint" });
  private readonly counts = h("span", { class: "tsv-faint", role: "status" });
  private readonly at = h("span", { class: "tsv-answer", role: "status" });
  private readonly steppers: readonly (readonly [HTMLElement, 1 | -1, string])[];
  private readonly failure = h("div", {
    class: "tsv-variant-failure",
    role: "alert",
    hidden: true,
  });
  private readonly list = new VirtualList(
    { role: "listbox", "aria-label": strings.differences, class: "tsv-differences" },
    (row) => this.row(row),
  );
  private readonly disposables = new Disposables();

  constructor(
    private readonly store: Store,
    private readonly commands: Commands,
  ) {
    this.steppers = [
      [this.stepper("[", -1, strings.differenceBefore), -1, `${strings.differenceBefore} ([)`],
      [this.stepper("]", 1, strings.nextDifference), 1, `${strings.nextDifference} (])`],
    ];
    this.choice.addEventListener("change", () => this.choose(this.choice.value));
    const bar = h(
      "div",
      { class: "tsv-variants-bar" },
      this.choice,
      ...this.steppers.map(([element]) => element),
      this.counts,
      this.why,
      this.at,
    );
    this.element = h("div", { class: "tsv-variants" }, bar, this.failure, this.list.element);
    this.disposables.add(
      () => this.list.dispose(),
      store.watch(
        (state) => state.document,
        () => this.fill(),
      ),
      store.watch(
        (state) => state.connected,
        () => this.fill(),
      ),
      store.watch(
        (state) => `${state.variant} ${state.compare} ${state.place.graph}`,
        () => this.show(),
      ),
      store.watch(
        (state) => state.subject,
        () => this.mark(),
      ),
    );
    this.disposables.listen<"click">(this.list.element, "click", (event) => this.click(event));
  }

  dispose(): void {
    this.disposables.dispose();
  }

  /** Rows of variants that are here stand for themselves; the others are asked for by name. */
  private choose(value: string): void {
    const row = value === "" ? -1 : Number(value);
    if (Number.isNaN(row)) void this.commands.layBeside(value).then(() => this.show());
    else this.store.dispatch({ type: "beside", variant: row });
  }

  private fill(): void {
    const { document } = this.store.value;
    const known = document?.payload.capabilities.variants ?? {};
    const here = document?.variants ?? [];
    const names = here.map(({ payload }) => payload.variant);
    const closed = this.commands.closed;
    const others = Object.keys(known).filter((name) => !names.includes(name));
    const reason = (name: string) => closed || known[name]!;
    this.choice.replaceChildren(
      h("option", { value: "" }, strings.noOther),
      ...names.map((name, row) => h("option", { value: row }, strings.variant(name)[0])),
      ...others.map((name) =>
        h(
          "option",
          { value: name, disabled: reason(name) !== "", title: reason(name) || null },
          strings.variant(name)[0],
        ),
      ),
    );
    const none = names.length === 0 && others.every((name) => reason(name) !== "");
    setReason(this.choice, none ? (others.map(reason)[0] ?? closed) : "", strings.variantHow);
    this.choice.disabled = none;
    this.why.textContent = reasons(others, reason);
    this.show();
  }

  private show(): void {
    const { value: state } = this.store;
    const { document, variant } = state;
    const chosen = document?.variants[variant];
    this.choice.value = chosen && (isBeside(state) || chosen.graph < 0) ? String(variant) : "";
    this.showFailure(state);
    const on = isBeside(state);
    this.counts.textContent = on ? summaryOf(state) : strings.noVariantChosen;
    this.why.hidden = on;
    this.list.element.hidden = !on;
    const count = differencesOf(state).length;
    this.list.element.style.height = `${Math.min(count, MOST_ROWS) * ROW_HEIGHT + PADDING}px`;
    this.list.setCount(count);
    for (const [element] of this.steppers) element.hidden = !on;
    this.mark();
  }

  private showFailure({ document, variant }: State): void {
    const { failure = null, variant: name = "" } = document?.variants[variant]?.payload ?? {};
    this.failure.hidden = failure === null;
    if (!failure) return;
    const { store, commands } = this;
    const graph = document!.graphs[0]!;
    this.failure.replaceChildren(
      h("b", {}, strings.isNotMade(strings.variant(name)[0])),
      h("ul", {}, finding({ graph, store, commands }, failure)),
      ...failure.notes.map((note) => h("div", { class: "tsv-faint" }, `note: ${note}`)),
    );
  }

  /** Which difference is selected, and whether there is one on either side of it. */
  private mark(): void {
    const { value: state } = this.store;
    const differences = differencesOf(state);
    const at = differenceAt(state, differences);
    const isOn = Number.isInteger(at) && at >= 0;
    const lines = counted(differences.length, strings.line);
    this.at.textContent = isBeside(state)
      ? strings.differAt(isOn ? grouped(at + 1) : "", lines, differences.length === 1)
      : "";
    for (const [element, direction, title] of this.steppers) {
      const isEnd = direction > 0 ? at >= differences.length - 1 : at <= 0;
      setReason(element, isEnd ? strings.noDifference : "", title);
    }
    if (isOn) this.list.reveal(at);
    else this.list.refresh();
  }

  private row(index: number): HTMLElement {
    const { value: state } = this.store;
    const differences = differencesOf(state);
    const difference = differences[index]!;
    const { file, line, isWhole } = difference;
    const document = state.document!;
    const title = document.payload.files[file]?.title ?? "?";
    const text = document.source(file).row(line - 1);
    const on = differenceAt(state, differences) === index;
    return h(
      "div",
      {
        class: `tsv-row tsv-difference${isWhole ? " is-whole" : ""}`,
        role: "option",
        "data-row": index,
        "aria-selected": String(on),
      },
      h("span", { class: "tsv-difference-place" }, `${title}:${line}`),
      ...signsOf(state, difference),
      h("code", {}, text.trim()),
      h("span", { class: "tsv-faint" }, wordsOf(state, difference)),
    );
  }

  private click(event: Event): void {
    const row = (event.target as Element).closest<HTMLElement>("[data-row]")?.dataset["row"];
    const difference = row === undefined ? undefined : differencesOf(this.store.value)[Number(row)];
    if (difference) this.store.dispatch({ type: "showDifference", difference });
  }

  private stepper(label: string, direction: 1 | -1, name: string): HTMLElement {
    const step = () => this.store.dispatch({ type: "nextDifference", direction });
    const element = button(label, step);
    setAttributes(element, { "aria-label": name });
    return element;
  }
}

/** Why others cannot be had; what holds for several is said once. */
function reasons(names: readonly string[], reason: (name: string) => string): string {
  const byReason = new Map<string, string[]>();
  for (const name of names)
    if (reason(name) !== "")
      byReason.set(reason(name), [...(byReason.get(reason(name)) ?? []), strings.variant(name)[0]]);
  return [...byReason].map(([text, of]) => `${of.join(", ")}: ${text}`).join("; ");
}

/** `23 pairs · −8 only traced · +15 only scripted`: of the sides as they stand. */
function summaryOf(state: State): string {
  const comparison = comparisonOf(state);
  const variant = chosenVariant(state);
  if (!comparison || !variant || !state.document) return "";
  const { left, right, before, after } = comparison;
  const name = (graph: number) => strings.onlyWord(namesOf(state.document!, graph)[0]);
  const rows = [before, after].map((graph) => state.document!.graphs.indexOf(graph));
  return [
    counted(variant.payload.pairs.length, strings.pair),
    `${SIGNS.removed}${grouped(left.removed.length)} ${name(rows[0]!)}`,
    `${SIGNS.made}${grouped(right.made.length)} ${name(rows[1]!)}`,
  ].join(" · ");
}

function sidesOf({ place }: State, { here, there }: Difference) {
  return place.graph === 0 ? { left: there, right: here } : { left: here, right: there };
}

function signsOf(state: State, difference: Difference): HTMLElement[] {
  const { left, right } = sidesOf(state, difference);
  const sign = (nodes: readonly number[], change: "removed" | "made") =>
    h(
      "span",
      { class: `tsv-difference-sign tsv-sign-${change}` },
      nodes.length > 0 ? `${SIGNS[change]}${nodes.length}` : "",
    );
  return [sign(left, "removed"), sign(right, "made")];
}

/** `not in the trace: gt, If`, or of a line of which both have something the ops alone. */
function wordsOf(state: State, { here, there, isWhole }: Difference): string {
  const document = state.document!;
  const other = chosenVariant(state)!.graph;
  const ops = [...opsOf(document, 0, here), ...opsOf(document, other, there)].join(", ");
  const lacking = here.length > 0 ? other : 0;
  return isWhole ? `${strings.notIn(namesOf(document, lacking)[1])}: ${ops}` : ops;
}

function opsOf(document: DocumentModel, graph: number, nodes: readonly number[]): string[] {
  const model = document.graphs[graph]!;
  const ops = [...new Set(nodes.map((node) => model.shortOp(node)))];
  return ops.length > MOST_OPS ? [...ops.slice(0, MOST_OPS), "…"] : ops;
}
