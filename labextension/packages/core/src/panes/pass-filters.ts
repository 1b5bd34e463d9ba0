/** Which of the steps are listed: by run, part, stage, by what they did, by words. */

import { h } from "../dom";
import type { Passes } from "../model";
import type { PassPayload } from "../protocol.generated";
import { strings } from "../strings";
import { RunStrip } from "./run-strip";

const EFFECTS = {
  "": () => true,
  "made nodes": (step: PassPayload) => step.added > 0,
  "took nodes away": (step: PassPayload) => step.removed > 0,
  "changed nodes": (step: PassPayload) => step.changed > 0,
  "moved nodes": (step: PassPayload) => step.moved > 0,
  failed: (step: PassPayload) => step.failure !== "",
  "changed nothing": (step: PassPayload) =>
    step.failure === "" && step.added + step.removed + step.changed + step.moved === 0,
} as const;

const TOUCHED = "touched the selection";

export class PassFilters {
  readonly element: HTMLElement;
  readonly runs: RunStrip;
  private readonly parts = select("Part", "any part");
  private readonly stage = select("Stage", "any stage");
  private readonly effect = select("Effect", "any effect");
  private readonly words = h("input", {
    type: "search",
    class: "tsv-btn tsv-filter-words",
    placeholder: "filter steps",
    "aria-label": "Words",
  });

  /** @param show goes to a step */
  constructor(changed: () => void, show: (step: number) => void) {
    this.runs = new RunStrip(changed, show);
    const parts = [this.parts, this.stage, this.effect, this.words];
    this.element = h(
      "div",
      { class: "tsv-filters", role: "group", "aria-label": "Filters" },
      ...parts,
    );
    this.element.addEventListener("input", changed);
    const effects = Object.keys(EFFECTS).filter((name) => name !== "");
    fill(this.effect, [...effects, TOUCHED]);
  }

  /** Offers the runs and stages of a pipeline, and lists all steps of it. */
  fill(passes: Passes): void {
    this.runs.fill(passes);
    const names = passes.parts.map(({ number, kind }) =>
      number > 0 ? `${strings.partOf(number)} · ${strings.partKind(kind)}` : strings.theProgram,
    );
    fill(
      this.parts,
      passes.parts.map(({ number }) => String(number)),
      names,
    );
    this.parts.hidden = names.length < 2;
    fill(this.stage, [...new Set(passes.steps.map(({ stage }) => stage))]);
    this.effect.value = this.words.value = "";
  }

  /** The part whose steps alone are listed; 0 for the program, or for all. */
  get part(): number {
    return Number(this.parts.value);
  }

  /** Whether steps that changed nothing are listed one by one. */
  get wantsIdle(): boolean {
    return this.words.value !== "" || this.effect.value === "changed nothing";
  }

  /** Whether what is listed depends on what is selected. */
  get asksForTouched(): boolean {
    return this.effect.value === TOUCHED;
  }

  holds(step: PassPayload, isTouching: boolean): boolean {
    const { value } = this.effect;
    const hasEffect = value === TOUCHED ? isTouching : EFFECTS[value as keyof typeof EFFECTS](step);
    const words = `${step.name} ${step.summary} ${step.words.join(" ")}`.toLowerCase();
    return (
      hasEffect &&
      this.runs.holds(step.run) &&
      (this.parts.value === "" || this.part === step.part) &&
      (this.stage.value === "" || this.stage.value === step.stage) &&
      words.includes(this.words.value.trim().toLowerCase())
    );
  }
}

function select(label: string, any: string): HTMLSelectElement {
  const element = h("select", { class: "tsv-btn", "aria-label": label });
  element.append(h("option", { value: "" }, any));
  return element;
}

function fill(
  element: HTMLSelectElement,
  values: readonly string[],
  labels: readonly string[] = values,
): void {
  element.replaceChildren(
    element.options[0]!,
    ...values.map((value, i) => h("option", { value }, labels[i]!)),
  );
  element.value = "";
}
