/** How a profile is to be measured, and how far it is. */

import type { Commands } from "../commands";
import { button, h, setAttributes, setReason } from "../dom";
import type { Job, State } from "../state";
import type { Disposables, Store } from "../store";
import { strings } from "../strings";
import { SweepForm } from "./sweep-form";
import { JobProgress, type JobWords } from "./job-progress";

const RUNS = 10;

const WORDS: JobWords = {
  label: strings.measureTitle,
  begins: strings.measureBegins,
  ends: strings.measureEnds,
  done: ({ progress, done, total }) => strings.ranOf(progress, done, total),
  cancel: ["Cancel", strings.cancelMeasureHow],
  again: ["Cancel", strings.cancelMeasureHow],
};

/** What somebody asked for beside a profile: a variant to hold it against, or a sweep. */
export type Asked = "" | "variant" | "sweep";

export class ProfileForm {
  readonly element: HTMLFormElement;
  private readonly runs = h("input", {
    class: "tsv-field tsv-number-field",
    type: "number",
    min: 1,
    step: 1,
    value: RUNS,
  });
  private readonly other = h("select", {
    class: "tsv-btn",
    "aria-label": strings.heldAgainst,
    title: strings.heldAgainstHow,
  });
  private readonly all = h("input", { type: "checkbox" });
  private readonly measure = button("", () => this.ask(), { class: "tsv-btn tsv-primary" });
  private readonly why = h("div", { class: "tsv-why tsv-faint" });
  private readonly fields: HTMLElement;
  private readonly sweep: SweepForm;
  private asked: Asked = "";
  private readonly progress = new JobProgress(WORDS, (job) => this.commands.cancel(job));

  constructor(
    private readonly store: Store,
    private readonly commands: Commands,
    disposables: Disposables,
  ) {
    this.sweep = new SweepForm(store, commands, disposables, () => (this.asked = "sweep"));
    this.fields = h(
      "div",
      { class: "tsv-compare-fields" },
      h("label", {}, `${strings.runs} `, this.runs),
      h("label", {}, `${strings.heldAgainst} `, this.other),
      h("label", { class: "tsv-checks", title: strings.everyNodeHow }, this.all, strings.everyNode),
      this.measure,
      this.why,
    );
    this.element = h(
      "form",
      { class: "tsv-compare-form", "aria-label": strings.measureTitle, novalidate: true },
      this.fields,
      this.sweep.element,
      this.progress.element,
    );
    disposables.listen<"keydown">(this.element, "keydown", (event) => {
      event.stopPropagation(); // letters typed here are nobody's commands
      if (event.key !== "Enter" || event.target === this.measure) return;
      event.preventDefault();
      this.measure.click();
    });
    disposables.listen(this.element, "submit", (event) => event.preventDefault());
    disposables.add(
      store.watch(
        ({ document, connected, jobs }) => `${!document} ${connected} ${jobs.some(isOurs)}`,
        () => this.enable(),
      ),
      store.watch(
        (state) => state.document,
        () => this.enable(),
      ),
      store.watch(jobOf, (job) => this.progress.show(job)),
    );
  }

  private enable(): void {
    const reason = this.commands.reason("profile");
    const { jobs, document } = this.store.value;
    const isRunning = jobs.some(isOurs);
    const hasProfile = document?.profile != null;
    this.offer(document?.payload.capabilities.variants ?? {}, hasProfile);
    for (const field of [this.runs, this.all, this.other])
      setAttributes(field, { disabled: reason !== "" || isRunning });
    this.measure.textContent = hasProfile ? strings.measureAgain : strings.measureButton;
    setReason(this.measure, isRunning ? strings.measureRuns : reason, strings.measureHow);
    this.why.textContent = reason === "" ? "" : `${strings.cannotMeasure}: ${reason}`;
    this.why.hidden = reason === "";
    this.fields.hidden = this.sweep.element.hidden = isRunning;
    // A saved profile speaks for itself.
    this.element.hidden = hasProfile && this.commands.transport.unavailable !== "";
  }

  /** What was asked for last, once: what came of it is looked at. */
  takeAsked(): Asked {
    const { asked } = this;
    this.asked = "";
    return asked;
  }

  /** What a profile can be held against; a variant that cannot be made says why. */
  private offer(variants: Readonly<Record<string, string>>, hasProfile: boolean): void {
    const chosen = this.other.value;
    this.other.replaceChildren(
      h("option", { value: "" }, hasProfile ? strings.lastProfile : strings.againstNothing),
      ...Object.entries(variants).map(([name, reason]) =>
        h("option", { value: name, disabled: reason !== "", title: reason || null }, name),
      ),
    );
    this.other.value = chosen in variants && variants[chosen] === "" ? chosen : "";
  }

  private ask(): void {
    const runs = this.runs.valueAsNumber;
    const against = this.other.value;
    this.asked = against === "" ? "" : "variant";
    void this.commands.profile({
      runs: Number.isInteger(runs) ? runs : 0, // which the other side refuses in words
      nodes: this.all.checked ? "all" : "ops",
      against,
    });
  }
}

const isOurs = ({ kind }: Job) => kind === "profile" || kind === "sweep";
const jobOf = ({ jobs }: State): Job | null => jobs.find(isOurs) ?? null;
