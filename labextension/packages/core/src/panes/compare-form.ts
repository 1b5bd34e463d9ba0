/** What a search is to try: which inputs count, which variants, how long; and how far it is. */

import type { Commands } from "../commands";
import { button, h, setAttributes, setReason } from "../dom";
import type { Job, State } from "../state";
import type { Disposables, Store } from "../store";
import { strings } from "../strings";
import { JobProgress, type JobWords } from "./job-progress";

const VARIANTS = ["trace", "script", "freeze", "optimize"];
const FIRST = new Set(["trace", "script"]);
const TRIES = 80;
const SECONDS = 30;

export class CompareForm {
  readonly element: HTMLFormElement;
  private readonly domain = h("textarea", {
    class: "tsv-field tsv-mono",
    rows: 1,
    spellcheck: "false",
    "aria-label": strings.domain,
    title: strings.domainHow,
  });
  private readonly variants = VARIANTS.map((value) =>
    h("input", { type: "checkbox", value, checked: FIRST.has(value) }),
  );
  private readonly tries = numberField(TRIES, 1);
  private readonly seconds = numberField(SECONDS, "any");
  private readonly search = button("Search", () => this.ask(), { class: "tsv-btn tsv-primary" });
  private readonly why = h("div", { class: "tsv-why tsv-faint" });
  private readonly fields: HTMLElement;
  private readonly progress = new JobProgress(WORDS, (job) => this.commands.cancel(job));
  /** The domain that was offered: another one takes its place only where it was not edited. */
  private offered = "";

  constructor(
    private readonly store: Store,
    private readonly commands: Commands,
    disposables: Disposables,
  ) {
    const boxes = this.variants.map((box) => h("label", {}, box, ` ${box.value}`));
    this.fields = h(
      "div",
      { class: "tsv-compare-fields" },
      h("label", { class: "tsv-compare-domain" }, strings.domain, this.domain),
      h("div", { class: "tsv-checks", role: "group", "aria-label": strings.variants }, ...boxes),
      h("label", {}, `${strings.tries} `, this.tries),
      h("label", {}, `${strings.seconds} `, this.seconds),
      this.search,
    );
    this.element = h(
      "form",
      { class: "tsv-compare-form", "aria-label": strings.searchTitle, novalidate: true },
      this.fields,
      this.why,
      this.progress.element,
    );
    disposables.listen<"keydown">(this.element, "keydown", (event) => this.key(event));
    disposables.listen(this.element, "submit", (event) => event.preventDefault());
    disposables.add(
      store.watch(
        ({ document, connected, jobs }) => `${!document} ${connected} ${jobs.some(isSearch)}`,
        () => this.enable(),
      ),
      store.watch(searchOf, (job) => this.progress.show(job)),
      store.watch(offeredDomain, (text) => this.offer(text)),
      store.watch(
        (state) => state.document?.payload.capabilities ?? null,
        () => this.enable(),
      ),
    );
  }

  private key(event: KeyboardEvent): void {
    // Letters typed here are nobody's commands; a line of the domain ends with the whole of it.
    event.stopPropagation();
    if (event.key !== "Enter" || event.shiftKey || event.target === this.search) return;
    event.preventDefault();
    this.search.click();
  }

  private offer(text: string): void {
    if (this.domain.value.trim() === this.offered.trim()) this.domain.value = text;
    this.offered = text;
  }

  private enable(): void {
    const reason = this.commands.reason("compare");
    const isRunning = this.store.value.jobs.some(isSearch);
    const isOff = reason !== "" || isRunning;
    for (const field of [this.domain, this.tries, this.seconds, ...this.variants])
      setAttributes(field, { disabled: isOff });
    setReason(this.search, isRunning ? strings.searchRuns : reason, strings.searchHow);
    this.why.textContent = reason === "" ? "" : `${strings.cannotSearch}: ${reason}`;
    this.why.hidden = reason === "";
    this.fields.hidden = isRunning;
  }

  private ask(): void {
    const chosen = this.variants.filter((box) => box.checked).map((box) => box.value);
    void this.commands.compare({
      variants: chosen,
      domain: this.domain.value,
      tries: numberIn(this.tries),
      seconds: numberIn(this.seconds),
    });
  }
}

/** A number that stands in a field; 0, which the other side refuses in words, for anything else. */
function numberIn(field: HTMLInputElement): number {
  const number = field.valueAsNumber;
  return Number.isFinite(number) ? number : 0;
}

function numberField(value: number, step: number | string): HTMLInputElement {
  return h("input", { class: "tsv-field tsv-number-field", type: "number", min: 1, step, value });
}

const isSearch = ({ kind }: Job) => kind === "compare";
const searchOf = ({ jobs }: State): Job | null => jobs.find(isSearch) ?? null;
const offeredDomain = ({ findings, domain }: State): string => {
  const found = findings?.payload.domain ?? "";
  return found.startsWith("{") ? found : (domain ?? "");
};

const WORDS: JobWords = {
  label: strings.searchTitle,
  begins: strings.searchBegins,
  ends: strings.searchEnds,
  done: ({ progress, done, total }) => strings.tried(progress, done, total),
  cancel: ["Cancel", strings.cancelHow],
  again: ["Stop now", strings.stopNowHow],
};
