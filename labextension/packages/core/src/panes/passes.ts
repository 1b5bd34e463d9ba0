/** The drawer of passes: every step of a pipeline, and the way from one snapshot to the next. */

import type { Commands } from "../commands";
import { button, h, setAttributes, setReason } from "../dom";
import type { Passes } from "../model";
import type { State } from "../state";
import { currentStep, nextTouch, touchedSteps, type Pin } from "../stepping";
import { Disposables, type Store } from "../store";
import { counted, strings } from "../strings";
import { drawerHead } from "./drawer";
import { passCard } from "./pass-card";
import { PassFilters } from "./pass-filters";
import { createPipelines } from "./pipelines";
import { StepTree } from "./step-tree";

export class PassesPane {
  readonly element: HTMLElement;
  private readonly tree = new StepTree(
    (step) => this.choose(step),
    () => this.fill(),
  );
  private readonly card = h("aside", { class: "tsv-card", "aria-label": "Step", tabindex: "0" });
  private readonly answer = h("span", { class: "tsv-answer", role: "status" });
  private readonly summary = h("span", { class: "tsv-faint" });
  private readonly filters = new PassFilters(
    () => this.fill(),
    (step) => this.choose(step),
  );
  private readonly disposables = new Disposables();
  /** The step that was chosen last: several may have left the snapshot that is shown. */
  private chosen = -1;
  /** The graph that was shown then: that of the step, if it has one here. */
  private chosenAt = 0;

  constructor(
    private readonly store: Store,
    commands: Commands,
  ) {
    this.element = h(
      "section",
      { class: "tsv-drawer", "aria-label": "Passes" },
      drawerHead(
        store,
        "Passes",
        ...createPipelines(store, commands, this.disposables),
        this.stepper("[", -1, "nextStep", "Change before"),
        this.stepper("]", 1, "nextStep", "Next change"),
        this.splitButton(),
        this.summary,
      ),
      this.filters.runs.element,
      h(
        "div",
        { class: "tsv-drawer-head tsv-drawer-bar" },
        this.filters.element,
        this.answer,
        this.stepper("{", -1, "nextTouch", "Change of the selection before"),
        this.stepper("}", 1, "nextTouch", "Next change of the selection"),
      ),
      h("div", { class: "tsv-drawer-body" }, this.tree.element, this.card),
    );
    this.watch();
  }

  dispose(): void {
    this.disposables.dispose();
    this.tree.dispose();
  }

  private watch(): void {
    const { store } = this;
    this.disposables.add(
      store.watch(
        (state) => state.drawer,
        (drawer) => (this.element.hidden = drawer !== "passes"),
      ),
      store.watch(
        (state) => state.document?.passes ?? null,
        (passes) => {
          this.tree.foldAll();
          if (passes) this.filters.fill(passes);
          this.fill();
        },
      ),
      store.watch(
        (state) => state.place.graph,
        () => this.reach(),
      ),
      store.watch(
        (state) => state.pins,
        () => this.mark(),
      ),
      store.watch(
        (state) => (state.drawer === "passes" ? touchedSteps(state) : null),
        () => (this.filters.asksForTouched ? this.fill() : this.markTouched()),
      ),
    );
  }

  // ── the list ──────────────────────────────────────────────────────────────────────────────────

  private fill(): void {
    const { filters } = this;
    const passes = this.store.value.document?.passes ?? null;
    this.tree.unfold(filters.part);
    this.summary.textContent = passes ? summaryOf(passes) : strings.noPasses;
    const touched = new Set(touchedSteps(this.store.value));
    this.tree.fill(passes && { passes, filters, touched });
    this.card.hidden = this.filters.element.hidden = !passes;
    if (!passes) this.filters.runs.element.hidden = true;
    this.mark();
    this.markTouched();
  }

  private choose(step: number): void {
    this.chosen = step;
    this.store.dispatch({ type: "showStep", step });
    this.chosenAt = this.store.value.place.graph;
    this.reach(); // also where the snapshot is the one that was shown
  }

  /** Shows what was chosen, in the part it is in. */
  private reach(): void {
    const passes = this.store.value.document?.passes;
    if (passes && this.tree.unfold(passes.partOf(currentStep(this.store.value)).number))
      this.fill();
    else this.mark();
  }

  /** Shows which step was chosen, else the one that left the snapshot that is shown; and the pins. */
  private mark(): void {
    const { value: state } = this.store;
    const passes = state.document?.passes;
    if (!passes) return;
    if (!this.isStanding(passes)) this.chosen = currentStep(state);
    this.tree.mark(this.chosen, (step) => pinsOf(state, step));
    this.card.replaceChildren(
      ...passCard(this.store, passes, this.chosen, (step) => this.choose(step)),
    );
    this.markSteppers();
  }

  /** Whether what is shown is still that of the step that was chosen, or what was shown then. */
  private isStanding(passes: Passes): boolean {
    const shown = this.store.value.place.graph;
    if (!passes.has(this.chosen)) return false;
    const graph = passes.graphAfter(this.chosen);
    return graph === shown || (graph < 0 && shown === this.chosenAt);
  }

  private markTouched(): void {
    const { value: state } = this.store;
    const passes = state.document?.passes;
    const steps = state.drawer === "passes" ? touchedSteps(state) : null;
    const touched = new Set(steps);
    this.tree.markTouched((step) =>
      step < -1 ? passes!.partOf(step).steps.some((one) => touched.has(one)) : touched.has(step),
    );
    this.answer.textContent = "";
    if (passes && steps) {
      const what = strings.touchedWhat(state.subject.selection?.kind ?? "");
      const isAll = passes.parts.every(({ travels }) => travels);
      const all = passes.steps.length;
      this.answer.textContent = strings.touched(steps.length, all, what, isAll);
      setAttributes(this.answer, { title: isAll ? null : strings.touchedHow });
    }
    this.markSteppers();
  }

  // ── buttons ───────────────────────────────────────────────────────────────────────────────────

  private readonly steppers: (() => void)[] = [];

  private stepper(
    label: string,
    direction: 1 | -1,
    type: "nextStep" | "nextTouch",
    name: string,
  ): HTMLElement {
    const { store } = this;
    const element = button(label, () => store.dispatch({ type, direction }), {
      "aria-label": name,
    });
    this.steppers.push(() => {
      const isTouch = type === "nextTouch";
      const isEnd = isTouch && nextTouch(store.value, direction) === null;
      setReason(element, isEnd ? strings.noTouch : "", `${name} (${label})`);
    });
    return element;
  }

  private markSteppers(): void {
    for (const update of this.steppers) update();
  }

  private splitButton(): HTMLElement {
    const { store } = this;
    const toggle = () => {
      const compare = store.value.compare === "off" ? "graphs" : "off";
      store.dispatch({ type: "compare", compare });
    };
    const element = button("Split", toggle, { title: strings.splitHow });
    this.disposables.add(
      store.watch(
        (state) => state.compare,
        (compare) => setAttributes(element, { "aria-pressed": String(compare !== "off") }),
      ),
    );
    return element;
  }
}

function summaryOf(passes: Passes): string {
  const [program, ...parts] = passes.parts;
  const changed = (steps: readonly number[]) => steps.filter((one) => passes.isChanged(one)).length;
  const { steps } = program!;
  const own = `${counted(steps.length, strings.step)}, ${changed(steps)} changed something`;
  if (parts.length === 0) return own;
  const inside = parts.flatMap((part) => part.steps);
  const [count, all] = [counted(parts.length, strings.part), counted(inside.length, strings.step)];
  return own + strings.inParts(count, all, changed(inside));
}

function pinsOf({ pins }: State, step: number): string {
  return (Object.keys(pins) as Pin[])
    .filter((pin) => pins[pin] === step)
    .map((pin) => pin.toUpperCase())
    .join(" ");
}
