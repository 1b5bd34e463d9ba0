/** The runs of a warm-up as a strip: what each took and did; a chosen one lists its steps alone. */

import { button, h, setAttributes } from "../dom";
import type { Passes } from "../model";
import type { RunPayload } from "../protocol.generated";
import { counted, strings } from "../strings";

export class RunStrip {
  readonly element = h("div", { class: "tsv-runs", role: "group", "aria-label": "Runs" });
  private chosen = 0;
  private filters = new Map<number, HTMLElement>();

  /** @param show goes to the step that left a plan */
  constructor(
    private readonly changed: () => void,
    private readonly show: (step: number) => void,
  ) {}

  /** Shows the runs of a pipeline, none of them chosen; nothing where there were none. */
  fill(passes: Passes): void {
    const { runs } = passes.payload;
    this.chosen = 0;
    this.filters = new Map();
    const longest = Math.max(...runs.map(({ seconds }) => seconds));
    const choices = runs.filter(({ steps }) => steps > 0).length;
    const chips = runs.map((run) => this.chip(passes, run, run.steps > 0 && choices > 1, longest));
    this.element.replaceChildren(h("span", { class: "tsv-faint" }, strings.runSeconds), ...chips);
    this.element.hidden = runs.length === 0;
  }

  /** Whether a run is the one that was chosen, or none was. */
  holds(run: number): boolean {
    return this.chosen === 0 || this.chosen === run;
  }

  private chip(passes: Passes, run: RunPayload, isChoice: boolean, longest: number): HTMLElement {
    const bar = h("span", { class: "tsv-run-bar", "aria-hidden": "true" });
    bar.style.width = `${(100 * run.seconds) / longest}%`;
    return h(
      "div",
      { class: "tsv-run", role: "group", "aria-label": `run ${run.number}` },
      isChoice ? this.filter(run) : h("span", {}, ...words(run)),
      run.plan < 0 ? null : this.planLink(passes.stepOf(passes.graphAfter(run.plan))),
      bar,
    );
  }

  private filter(run: RunPayload): HTMLElement {
    const toggle = () => this.choose(this.chosen === run.number ? 0 : run.number);
    const element = button("", toggle, {
      class: "tsv-run-filter",
      "aria-pressed": "false",
      title: strings.runHow,
    });
    element.append(...words(run));
    this.filters.set(run.number, element);
    return element;
  }

  /** @param step the last that changed the plan: later ones are not among those that are listed */
  private planLink(step: number): HTMLElement {
    const go = () => {
      this.choose(0);
      this.show(step);
    };
    return button(strings.ranPlan(step), go, { class: "tsv-link", title: strings.ranPlanHow });
  }

  private choose(run: number): void {
    if (run === this.chosen) return;
    this.chosen = run;
    for (const [number, element] of this.filters)
      setAttributes(element, { "aria-pressed": String(number === run) });
    this.changed();
  }
}

function words({ number, seconds, steps, parts, bailouts }: RunPayload): (Node | string)[] {
  const did = [
    `${seconds.toFixed(2)} s`,
    steps > 0 ? counted(steps, strings.step) : strings.compiledNothing,
    ...(parts > 0 ? [`${counted(parts, strings.part)} compiled`] : []),
  ];
  const bailed =
    bailouts > 0
      ? [
          h(
            "span",
            { class: "tsv-run-bailouts", title: strings.bailoutHow },
            `⚠ ${counted(bailouts, strings.bailout)}`,
          ),
        ]
      : [];
  return [h("b", {}, `run ${number}`), ` ${did.join(" · ")} `, ...bailed];
}
