/** At which batch sizes and with how many threads a program is to be measured. */

import type { Commands } from "../commands";
import { button, h, setAttributes, setReason } from "../dom";
import type { Disposables, Store } from "../store";
import { strings } from "../strings";

const SIZES = "1, 2, 4, 8";
const RUNS = 5;

export class SweepForm {
  readonly element: HTMLDetailsElement;
  private readonly sizes = field(strings.batchSizes, SIZES);
  private readonly threads = field(strings.threadCounts, "");
  private readonly runs = h("input", {
    class: "tsv-field tsv-number-field",
    type: "number",
    "aria-label": strings.runsOfPoint,
    min: 1,
    step: 1,
    value: RUNS,
  });
  private readonly measure = button(strings.sweepButton, () => this.ask(), { class: "tsv-btn" });

  constructor(
    store: Store,
    private readonly commands: Commands,
    disposables: Disposables,
    private readonly onAsk: () => void,
  ) {
    this.threads.placeholder = strings.asNow;
    this.element = h(
      "details",
      { class: "tsv-sweep-form" },
      h("summary", {}, strings.sweepTitle),
      h(
        "div",
        { class: "tsv-compare-fields" },
        h("label", {}, `${strings.batchSizes} `, this.sizes),
        h("label", {}, `${strings.threadCounts} `, this.threads),
        h("label", {}, `${strings.runs} `, this.runs),
        this.measure,
      ),
    );
    disposables.listen<"keydown">(this.element, "keydown", (event) => {
      if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement)) return;
      event.preventDefault();
      event.stopPropagation(); // Enter of the form around it would measure once
      this.measure.click();
    });
    disposables.add(
      store.watch(
        ({ document, connected }) => `${!document} ${connected}`,
        () => this.enable(),
      ),
    );
  }

  enable(): void {
    const reason = this.commands.reason("profile");
    for (const one of [this.sizes, this.threads, this.runs])
      setAttributes(one, { disabled: reason !== "" });
    setReason(this.measure, reason, strings.sweepAsk);
  }

  private ask(): void {
    const runs = this.runs.valueAsNumber;
    this.onAsk();
    void this.commands.sweep({
      batch_sizes: numbersIn(this.sizes.value),
      threads: numbersIn(this.threads.value),
      runs: Number.isInteger(runs) ? runs : 0, // which the other side refuses in words
    });
  }
}

/** Whole numbers between commas; 0, which the other side refuses in words, for anything else. */
export function numbersIn(text: string): number[] {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== "");
  return parts.map((part) => (/^\d+$/.test(part) ? Number(part) : 0));
}

function field(label: string, value: string): HTMLInputElement {
  return h("input", {
    class: "tsv-field tsv-sizes-field",
    type: "text",
    "aria-label": label,
    value,
  });
}
