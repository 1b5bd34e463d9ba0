/** The steps of a pipeline as a tree: one is chosen, parts are folded and unfolded. */

import { Disposables } from "../store";
import { h, setAttributes } from "../dom";
import { beginningOf } from "../model";
import { strings } from "../strings";
import { type Row, type Shown, listRows, makeRow, stepOfRow } from "./step-rows";

let trees = 0;

export class StepTree {
  readonly element = h("div", {
    class: "tsv-steps",
    role: "tree",
    tabindex: "0",
    "aria-label": "Steps",
  });
  private readonly name = `tsv-steps-${++trees}`;
  private readonly disposables = new Disposables();
  private readonly unfolded = new Set<number>();
  private rows = new Map<number, HTMLElement>();
  private chosen = -1;

  /**
   * @param choose a step, or a beginning
   * @param refill after folding and unfolding
   */
  constructor(
    private readonly choose: (step: number) => void,
    private readonly refill: () => void,
  ) {
    this.disposables.listen<"click">(this.element, "click", (event) => this.click(event));
    this.disposables.listen<"keydown">(this.element, "keydown", (event) => this.walk(event));
  }

  dispose(): void {
    this.disposables.dispose();
  }

  /** Folds all parts: those of another pipeline are others. */
  foldAll(): void {
    this.unfolded.clear();
  }

  /** Unfolds a part; whether that was to be done. */
  unfold(part: number): boolean {
    if (part === 0 || this.unfolded.has(part)) return false;
    this.unfolded.add(part);
    return true;
  }

  /** Lists what the filters leave; nothing where nothing is recorded. */
  fill(shown: Omit<Shown, "unfolded"> | null): void {
    this.rows = new Map();
    const all = shown && { ...shown, unfolded: this.unfolded };
    const rows = all ? listRows(all) : [];
    this.element.replaceChildren(...rows.map((row) => this.make(row, all!)));
  }

  /** Shows which row is chosen, and the pins of each. */
  mark(chosen: number, pinsOf: (step: number) => string): void {
    this.chosen = chosen;
    for (const [step, row] of this.rows) {
      const isChosen = step === chosen;
      setAttributes(row, { "aria-selected": String(isChosen) });
      row.querySelector(".tsv-step-pins")!.textContent = pinsOf(step);
      if (isChosen) requestAnimationFrame(() => row.scrollIntoView({ block: "nearest" }));
    }
    const isListed = this.rows.has(chosen);
    setAttributes(this.element, {
      "aria-activedescendant": isListed ? `${this.name}${chosen}` : null,
    });
  }

  /** Marks the rows of steps, and of parts with steps, that touched what is selected. */
  markTouched(touches: (step: number) => boolean): void {
    for (const [step, row] of this.rows) {
      const isTouching = touches(step);
      row.querySelector(".tsv-step-touch")!.textContent = isTouching ? "●" : "";
      setAttributes(row, { "aria-description": isTouching ? strings.touching : null });
    }
  }

  private make(row: Row, shown: Shown): HTMLElement {
    const element = makeRow(row, shown);
    const step = stepOfRow(row);
    if (step === null) return element;
    element.id = `${this.name}${step}`;
    this.rows.set(step, element);
    return element;
  }

  private click({ target }: MouseEvent): void {
    const row = (target as Element).closest<HTMLElement>(".tsv-step");
    if (!row) return;
    const step = Number(row.dataset["step"]);
    const isFold = (target as Element).closest(".tsv-fold") !== null;
    if (isFold || (isPart(step) && step === this.chosen)) return this.toggle(step);
    if (isPart(step) && this.unfold(-1 - step)) this.refill();
    this.choose(step);
  }

  private toggle(step: number): void {
    const part = -1 - step;
    if (!this.unfolded.delete(part)) this.unfolded.add(part);
    this.refill();
  }

  private walk(event: KeyboardEvent): void {
    const act = this.keyed(event.key);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  private keyed(key: string): (() => void) | null {
    const listed = [...this.rows.keys()];
    const at = listed.indexOf(this.chosen);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: listed.length - 1 }[key];
    if (to !== undefined) {
      const step = listed[to];
      return () => step !== undefined && this.choose(step);
    }
    const { chosen } = this;
    const isOpen = isPart(chosen) && this.unfolded.has(-1 - chosen);
    const folds = key === "ArrowLeft" ? isOpen : key === "ArrowRight" && !isOpen;
    if (isPart(chosen) && (folds || key === "Enter" || key === " "))
      return () => this.toggle(chosen);
    return key === "ArrowLeft" ? this.leave() : null;
  }

  /** From a step of a part to the row of the part. */
  private leave(): (() => void) | null {
    let row: Element | null | undefined = this.rows.get(this.chosen);
    if (row?.getAttribute("aria-level") !== "2") return null;
    while (row && !row.classList.contains("tsv-part")) row = row.previousElementSibling;
    const step = Number((row as HTMLElement | null)?.dataset["step"] ?? beginningOf(0));
    return () => this.choose(step);
  }
}

const isPart = (step: number) => step < -1;
