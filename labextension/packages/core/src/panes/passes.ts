/** The drawer of passes: every step of a pipeline, and the way from one snapshot to the next. */

import type { Commands } from "../commands";
import { button, h, setAttributes, setReason } from "../dom";
import type { Passes } from "../model";
import type { PassPayload } from "../protocol.generated";
import { CHANGE_WORDS, SIGNS } from "../scene/paint";
import type { State } from "../state";
import { currentStep, nextTouch, touchedSteps, type Pin } from "../stepping";
import { Disposables, type Store } from "../store";
import { counted, strings } from "../strings";
import { deltas, passCard } from "./pass-card";
import { PassFilters } from "./pass-filters";
import { createPipelines } from "./pipelines";

let drawers = 0;

export class PassesPane {
  readonly element: HTMLElement;
  private readonly name = `tsv-drawer-${++drawers}`;
  private readonly list = h("div", { class: "tsv-steps", role: "listbox", tabindex: "0" });
  private readonly card = h("aside", { class: "tsv-card", "aria-label": "Step", tabindex: "0" });
  private readonly answer = h("span", { class: "tsv-answer", role: "status" });
  private readonly summary = h("span", { class: "tsv-faint" });
  private readonly filters = new PassFilters(
    () => this.fill(),
    (step) => this.choose(step),
  );
  private readonly disposables = new Disposables();
  private rows = new Map<number, HTMLElement>();
  /** The step that was chosen last: several may have left the snapshot that is shown. */
  private chosen = -1;

  constructor(
    private readonly store: Store,
    commands: Commands,
  ) {
    setAttributes(this.list, { "aria-label": "Steps" });
    const close = button("×", () => store.dispatch({ type: "drawer", open: false }), {
      class: "tsv-btn tsv-close",
      "aria-label": "Close passes",
    });
    this.element = h(
      "section",
      { class: "tsv-drawer", "aria-label": "Passes" },
      h(
        "div",
        { class: "tsv-drawer-head" },
        h("h3", {}, "Passes"),
        ...createPipelines(store, commands, this.disposables),
        this.stepper("[", -1, "nextStep", "Change before"),
        this.stepper("]", 1, "nextStep", "Next change"),
        this.splitButton(),
        this.summary,
        close,
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
      h("div", { class: "tsv-drawer-body" }, this.list, this.card),
    );
    this.disposables.listen<"keydown">(this.list, "keydown", (event) => this.walk(event));
    this.watch();
  }

  dispose(): void {
    this.disposables.dispose();
  }

  private watch(): void {
    const { store } = this;
    this.disposables.add(
      store.watch(
        (state) => state.drawer,
        (open) => (this.element.hidden = !open),
      ),
      store.watch(
        (state) => state.document?.passes ?? null,
        (passes) => {
          if (passes) this.filters.fill(passes);
          this.fill();
        },
      ),
      store.watch(
        (state) => state.place.graph,
        () => this.mark(),
      ),
      store.watch(
        (state) => state.pins,
        () => this.mark(),
      ),
      store.watch(
        (state) => (state.drawer ? touchedSteps(state) : null),
        () => (this.filters.asksForTouched ? this.fill() : this.markTouched()),
      ),
    );
  }

  // ── the list ──────────────────────────────────────────────────────────────────────────────────

  private fill(): void {
    const passes = this.store.value.document?.passes;
    this.rows = new Map();
    this.summary.textContent = passes ? summaryOf(passes) : strings.noPasses;
    this.list.replaceChildren(...(passes ? this.makeRows(passes) : []));
    this.card.hidden = this.filters.element.hidden = !passes;
    if (!passes) this.filters.runs.element.hidden = true;
    this.mark();
    this.markTouched();
  }

  private makeRows(passes: Passes): HTMLElement[] {
    const touched = new Set(touchedSteps(this.store.value));
    const rows: HTMLElement[] = [this.row(-1, strings.asCaptured, null)];
    let [stage, idle] = ["", 0];
    const flush = () => {
      if (idle > 0)
        rows.push(h("div", { class: "tsv-step-idle tsv-faint" }, strings.unchanged(idle)));
      idle = 0;
    };
    passes.steps.forEach((step, at) => {
      if (!this.filters.holds(step, touched.has(at))) return;
      const band = step.run > 0 ? `run ${step.run} · ${step.stage}` : step.stage;
      if (band !== stage) {
        flush();
        rows.push(h("div", { class: "tsv-step-stage" }, band));
        stage = band;
      }
      const isIdle = !passes.isChanged(at) && step.failure === "";
      if (isIdle && !this.filters.wantsIdle) idle += 1;
      else {
        flush();
        rows.push(this.row(at, step.name, step));
      }
    });
    flush();
    return rows;
  }

  private row(at: number, name: string, step: PassPayload | null): HTMLElement {
    const row = h(
      "div",
      {
        id: `${this.name}-${at}`,
        class: "tsv-step",
        role: "option",
        "data-step": at,
        "aria-selected": "false",
      },
      h("span", { class: "tsv-step-touch", "aria-hidden": "true" }),
      h("span", { class: "tsv-step-name" }, name),
      ...(step ? badges(step) : []),
      h("span", { class: "tsv-step-pins" }),
      h("span", { class: "tsv-step-words tsv-faint" }, wordsOf(step)),
    );
    row.addEventListener("click", () => this.choose(at));
    this.rows.set(at, row);
    return row;
  }

  private choose(step: number): void {
    this.chosen = step;
    this.store.dispatch({ type: "showStep", step });
    this.mark(); // also where the snapshot is the one that was shown
  }

  /** Shows which step was chosen, else the one that left the snapshot that is shown; and the pins. */
  private mark(): void {
    const { value: state } = this.store;
    const passes = state.document?.passes;
    if (!passes) return;
    if (passes.graphAfter(this.chosen) !== state.place.graph) this.chosen = currentStep(state);
    for (const [at, row] of this.rows) {
      const isChosen = at === this.chosen;
      setAttributes(row, { "aria-selected": String(isChosen) });
      row.querySelector(".tsv-step-pins")!.textContent = pinsOf(state, at);
      if (isChosen) requestAnimationFrame(() => row.scrollIntoView({ block: "nearest" }));
    }
    const isListed = this.rows.has(this.chosen);
    setAttributes(this.list, {
      "aria-activedescendant": isListed ? `${this.name}-${this.chosen}` : null,
    });
    this.card.replaceChildren(...passCard(this.store, passes, this.chosen));
    this.markSteppers();
  }

  private markTouched(): void {
    const { value: state } = this.store;
    const steps = state.drawer ? touchedSteps(state) : null;
    const touched = new Set(steps);
    for (const [at, row] of this.rows) {
      const isTouching = touched.has(at);
      row.querySelector(".tsv-step-touch")!.textContent = isTouching ? "●" : "";
      setAttributes(row, { "aria-description": isTouching ? strings.touching : null });
    }
    const all = state.document?.passes?.steps.length ?? 0;
    const what = strings.touchedWhat(state.subject.selection?.kind ?? "");
    this.answer.textContent = steps ? strings.touched(steps.length, all, what) : "";
    this.markSteppers();
  }

  private walk(event: KeyboardEvent): void {
    const listed = [...this.rows.keys()];
    const at = listed.indexOf(this.chosen);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: listed.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const step = listed[to];
    if (step !== undefined) this.choose(step);
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
  const { steps, payload } = passes;
  const changed = steps.filter((_, step) => passes.isChanged(step)).length;
  const inside = payload.inside > 0 ? ` · ${counted(payload.inside, strings.inside)}` : "";
  return `${counted(steps.length, strings.step)}, ${changed} changed something${inside}`;
}

function pinsOf({ pins }: State, step: number): string {
  return (Object.keys(pins) as Pin[])
    .filter((pin) => pins[pin] === step)
    .map((pin) => pin.toUpperCase())
    .join(" ");
}

function badges(step: PassPayload): HTMLElement[] {
  return deltas(step).map(([change, count]) =>
    h(
      "span",
      {
        class: `tsv-delta tsv-sign-${change}`,
        title: strings.changed(count, CHANGE_WORDS[change]),
      },
      `${SIGNS[change]}${count}`,
    ),
  );
}

function wordsOf(step: PassPayload | null): string {
  if (!step) return "";
  return step.failure === "" ? (step.words[0] ?? "") : `failed: ${step.failure}`;
}
