/**
 * The graph, and beside it that of the snapshot it is compared with: the step before, or pin A. Both
 * as pictures, whose windows move together, or both as text, row by row.
 */

import { BeforeStore } from "../before-store";
import { button, h, setAttributes } from "../dom";
import { focusedBeside } from "../page";
import type { LayoutClient } from "../layout/client";
import { NO_MARKS, type Marks } from "../model";
import type { Measure } from "../scene/measure";
import { changeWords, isBeside } from "../besides";
import { SIGNS, type Change } from "../scene/paint";
import { baseGraph, comparisonOf, whyAlone, snapshotName, type Compare } from "../stepping";
import { Disposables, type Store } from "../store";
import { strings } from "../strings";
import { absenceWords } from "../variants";
import { GraphPane } from "./graph";
import { SplitText } from "./split-text";
import { Tabs } from "./tabs";

export interface SplitOptions {
  readonly store: Store;
  readonly client: LayoutClient;
  readonly measure: Measure;
  /** Called once, when the first picture has been painted. */
  readonly onFirstPicture: () => void;
}

export class SplitPane {
  readonly element: HTMLElement;
  readonly after: GraphPane;
  private readonly heads = {
    before: h("h3", { class: "tsv-side-head" }),
    after: h("h3", { class: "tsv-side-head" }),
  };
  /** Why a side shows nothing of what is selected in the other one. */
  private readonly absences = { before: createAbsence(), after: createAbsence() };
  private readonly left = h("div", { class: "tsv-half", role: "group", "aria-label": "Before" });
  private readonly right = h("div", { class: "tsv-half" });
  private readonly nothing = h("div", { class: "tsv-empty" });
  private readonly disposables = new Disposables();
  private beside: Beside | null = null;
  private isMade = false;
  /** The side that was acted in last. */
  private leads: "before" | "after" = "after";
  private readonly store: Store;

  constructor(private readonly options: SplitOptions) {
    const { store } = options;
    this.store = store;
    this.after = new GraphPane({
      ...options,
      label: "Graph",
      hasTools: true,
      marks: () => this.marks("right"),
      onMove: () => this.align(),
    });
    this.left.append(this.heads.before, this.nothing, this.absences.before);
    this.right.append(this.heads.after, this.after.element, this.absences.after);
    const head = createHead(store, this.disposables);
    const halves = h("div", { class: "tsv-halves" }, this.left, this.right);
    this.element = h("div", { class: "tsv-split" }, head, halves);
    for (const act of ["pointerdown", "wheel", "focusin"])
      this.disposables.listen<"pointerdown">(
        halves,
        act,
        ({ target }) => (this.leads = this.left.contains(target as Node) ? "before" : "after"),
        { capture: true, passive: true },
      );
    this.disposables.add(
      store.watch(
        (state) => state.compare,
        (compare) => {
          this.arrange(compare);
          this.name();
        },
      ),
      store.watch(baseGraph, () => this.arrange(store.value.compare)),
      store.watch(comparisonOf, () => this.name()),
      store.watch(
        (state) => state.place.graph,
        () => this.name(),
      ),
      store.watch(
        (state) => state.pins,
        () => this.name(),
      ),
      store.watch(absenceWords, (words) => tell(this.absences.after, words)),
    );
  }

  dispose(): void {
    this.disposables.dispose();
    this.beside?.dispose();
    this.after.dispose();
  }

  /** The view in which something stands: a store, and the graph that its keys move. */
  sideOf(target: EventTarget | null): { readonly store: Store; readonly graph: GraphPane } {
    const isBefore = target instanceof Node && this.left.contains(target);
    return isBefore && this.beside ? this.beside : { store: this.store, graph: this.after };
  }

  private marks(side: "left" | "right"): Marks {
    return comparisonOf(this.store.value)?.[side] ?? NO_MARKS;
  }

  private arrange(compare: Compare): void {
    const isOn = compare !== "off";
    const hadFocus = this.element.contains(focusedBeside(this.element));
    const hasBase = baseGraph(this.store.value) >= 0;
    if (isOn && !this.isMade) {
      this.isMade = true; // before it is: what is made for it may have this called anew
      this.beside = this.makeBeside();
    }
    const beside = this.beside;
    this.element.dataset["compare"] = compare;
    this.left.hidden = !isOn;
    this.heads.after.hidden = !isOn;
    this.nothing.hidden = hasBase;
    this.after.element.hidden = compare === "text";
    if (!beside) return;
    beside.graph.element.hidden = compare !== "graphs" || !hasBase;
    beside.text.before.hidden = compare !== "text" || !hasBase;
    beside.text.after.hidden = compare !== "text";
    if (hadFocus) this.keepFocus(compare, beside);
    this.align();
  }

  /** Keys go on where what had the focus is hidden now. */
  private keepFocus(compare: Compare, { text }: Beside): void {
    if (focusedBeside(this.element)?.closest("[hidden]") === null) return;
    if (compare === "text") text.after.focus({ preventScroll: true });
    else this.after.focus();
  }

  /** Moves the window of the other side to where that of the leading one is. */
  private align(): void {
    if (!this.beside || this.store.value.compare !== "graphs") return;
    const [leader, other] =
      this.leads === "after" ? [this.after, this.beside.graph] : [this.beside.graph, this.after];
    other.follows(leader);
  }

  private makeBeside(): Beside {
    const store = new BeforeStore(this.store);
    const graph = new GraphPane({
      store,
      client: this.options.client,
      measure: this.options.measure,
      label: "Graph before",
      hasTools: false,
      marks: () => this.marks("left"),
      onMove: () => this.align(),
    });
    const text = new SplitText(this.store, store);
    this.left.append(graph.element, text.before);
    this.right.append(text.after);
    const unwatch = store.watch(absenceWords, (words) => tell(this.absences.before, words));
    const dispose = () => {
      unwatch();
      for (const part of [text, graph, store]) part.dispose();
    };
    return { store, graph, text, dispose };
  }

  private name(): void {
    const { value: state } = this.store;
    const words = changeWords(state);
    const fill = (side: "before" | "after", graph: number, marks: Marks) =>
      this.heads[side].replaceChildren(snapshotName(state, graph), " ", ...deltas(marks, words));
    const title = (graph: number, other: string) =>
      isBeside(state) ? snapshotName(state, graph) : other;
    const isOn = state.compare !== "off";
    setAttributes(this.left, { "aria-label": title(baseGraph(state), "Before") });
    setAttributes(this.right, {
      role: isOn ? "group" : null,
      "aria-label": isOn ? title(state.place.graph, "After") : null,
    });
    this.nothing.textContent = whyAlone(state);
    fill("before", baseGraph(state), this.marks("left"));
    fill("after", state.place.graph, this.marks("right"));
  }
}

interface Beside {
  readonly store: BeforeStore;
  readonly graph: GraphPane;
  readonly text: SplitText;
  readonly dispose: () => void;
}

/** What stands beside each other, what the signs mean, and the way out. */
function createHead(store: Store, disposables: Disposables): HTMLElement {
  const show = (compare: Compare) => store.dispatch({ type: "compare", compare });
  const tabs = new Tabs("Compare as", (key) => show(key as Compare));
  tabs.set(
    [
      { key: "graphs", label: strings.asGraphs },
      { key: "text", label: strings.asText },
    ],
    "graphs",
  );
  const close = button("×", () => show("off"), {
    class: "tsv-btn",
    "aria-label": "Close split view",
    title: "Close split view (s)",
  });
  const swap = button("⇄", () => store.dispatch({ type: "swap" }), {
    class: "tsv-btn",
    "aria-label": "Swap sides",
    title: strings.swapHow,
  });
  const legend = h("ul", { class: "tsv-legend", "aria-label": "Signs" });
  const element = h("div", { class: "tsv-split-head" }, tabs.element, legend, swap, close);
  const explain = () => legend.replaceChildren(...legendItems(changeWords(store.value)));
  disposables.add(
    store.watch(isBeside, (on) => (swap.hidden = !on)),
    store.watch(baseGraph, explain),
    store.watch(comparisonOf, explain),
    store.watch(
      (state) => state.compare,
      (compare) => {
        element.hidden = compare === "off";
        tabs.mark(compare);
      },
    ),
  );
  return element;
}

function legendItems(words: Words): HTMLElement[] {
  const changes = (Object.keys(SIGNS) as Change[]).filter((change) => words[change] !== "");
  return changes.map((change) =>
    h("li", { class: `tsv-sign-${change}` }, h("b", {}, SIGNS[change]), ` ${words[change]}`),
  );
}

const createAbsence = () => h("div", { class: "tsv-absence", role: "status", hidden: true });

function tell(element: HTMLElement, words: string): void {
  element.textContent = words;
  element.hidden = words === "";
}

type Words = Readonly<Record<Change, string>>;

/** How many nodes of a side are set off, with their signs. */
function deltas(marks: Marks, words: Words): HTMLElement[] {
  return (Object.keys(SIGNS) as Change[])
    .filter((change) => marks[change].length > 0)
    .map((change) => {
      const count = marks[change].length;
      const title = strings.changed(count, words[change]);
      return h(
        "span",
        { class: `tsv-delta tsv-sign-${change}`, title },
        `${SIGNS[change]}${count}`,
      );
    });
}
