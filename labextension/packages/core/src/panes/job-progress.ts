/** How far a job is that can be ended and shows what it has by then: a bar, words, and a button. */

import { button, h, setAttributes, setReason } from "../dom";
import type { Job } from "../state";
import { strings } from "../strings";

export interface JobWords {
  readonly label: string;
  readonly begins: string;
  readonly ends: string;
  /** How far it is, of a job that knows how much there is to do. */
  readonly done: (job: Job) => string;
  /** The button, and what it does; and the same once it has been pressed. */
  readonly cancel: readonly [label: string, how: string];
  readonly again: readonly [label: string, how: string];
}

export class JobProgress {
  private readonly bar: HTMLProgressElement;
  private readonly said = h("span", { class: "tsv-faint", role: "status" });
  private readonly cancel = button("", () => this.end());
  readonly element: HTMLElement;
  private job: Job | null = null;
  /** The job that was told to end. */
  private ending = "";

  constructor(
    private readonly words: JobWords,
    private readonly stop: (job: Job) => void,
  ) {
    this.bar = h("progress", { "aria-label": words.label });
    this.element = h(
      "div",
      { class: "tsv-compare-progress", hidden: true },
      this.bar,
      this.said,
      this.cancel,
    );
  }

  show(job: Job | null): void {
    this.job = job;
    this.element.hidden = !job;
    if (!job) return;
    const { id, done, total, waiting, progress } = job;
    if (total > 0) setAttributes(this.bar, { max: total, value: done });
    else setAttributes(this.bar, { value: null, max: null });
    const isEnding = this.ending === id;
    const words = total > 0 ? this.words.done(job) : progress;
    const said = waiting ? strings.waiting : words || this.words.begins;
    this.said.textContent = isEnding ? `${this.words.ends} ${said}` : said;
    const [label, how] = isEnding ? this.words.again : this.words.cancel;
    this.cancel.textContent = label;
    setReason(this.cancel, "", how);
  }

  private end(): void {
    const { job } = this;
    if (!job) return;
    this.ending = job.id;
    this.stop(job);
    this.show(this.job);
  }
}
