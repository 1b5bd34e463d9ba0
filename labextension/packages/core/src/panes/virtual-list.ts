/** A list of any length of which only the rows in view have elements. All rows are equally high. */

import { h } from "../dom";

export const ROW_HEIGHT = 19;
const OVERSCAN = 12;

/**
 * Height and position are noted when the browser tells them, and asked for by nobody: reading them
 * while rows are being changed would have the whole page laid out there and then.
 */
export class VirtualList {
  readonly element: HTMLElement;
  private readonly spacer = h("div");
  private readonly rows = h("div", { class: "tsv-rows", role: "presentation" });
  /** The rows that have elements, by index. */
  private readonly made = new Map<number, HTMLElement>();
  private count = 0;
  private height = 0;
  private top = 0;
  private frame = 0;
  /** What was asked for while hidden behind a tab; done when it appears. */
  private pending: (() => void) | null = null;
  private readonly observer: ResizeObserver;

  /** @param render makes the element of a row; it is asked again after `refresh` */
  constructor(
    attributes: Record<string, string>,
    private readonly render: (index: number) => HTMLElement,
  ) {
    this.element = h("div", {
      tabindex: "0",
      ...attributes,
      class: `tsv-list ${attributes["class"] ?? ""}`,
    });
    this.element.append(this.spacer, this.rows);
    this.element.addEventListener(
      "scroll",
      () => {
        this.top = this.element.scrollTop;
        this.update();
      },
      { passive: true },
    );
    this.observer = new ResizeObserver(([entry]) => {
      this.height = entry!.contentRect.height;
      if (this.height > 0) {
        this.pending?.();
        this.pending = null;
      }
      this.update();
    });
    this.observer.observe(this.element);
  }

  setCount(count: number): void {
    this.count = count;
    this.spacer.style.height = `${this.wholeHeight}px`;
    this.top = Math.min(this.top, Math.max(0, this.wholeHeight - this.height));
    this.refresh();
  }

  /** Makes all rows anew. */
  refresh(): void {
    this.made.clear();
    this.rows.replaceChildren();
    this.update();
  }

  /** Makes all rows anew, with this one at the top. */
  startAt(index: number): void {
    this.whenShown(() => this.scrollTo(index * ROW_HEIGHT));
  }

  /** Makes all rows anew, with this one in view: in the middle, where it was out of it. */
  reveal(index: number): void {
    this.whenShown(() => {
      const top = index * ROW_HEIGHT;
      const { height, top: from } = this;
      // A list that is being scrolled by hand is not put back to where it was last heard of.
      if (top >= from + ROW_HEIGHT && top <= from + height - 2 * ROW_HEIGHT) this.refresh();
      else this.scrollTo(top - height / 2 + ROW_HEIGHT);
    });
  }

  private get wholeHeight(): number {
    return this.count * ROW_HEIGHT + 12;
  }

  private scrollTo(top: number): void {
    this.top = Math.max(0, Math.min(Math.round(top), this.wholeHeight - this.height));
    this.refresh();
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => (this.element.scrollTop = this.top));
  }

  private whenShown(act: () => void): void {
    this.pending = this.height > 0 ? null : act;
    if (this.height > 0) act();
    else this.refresh();
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
    this.observer.disconnect();
  }

  /** Rows in view that have elements keep them: one that is being clicked must not go away. */
  private update(): void {
    const first = Math.max(0, Math.floor(this.top / ROW_HEIGHT) - OVERSCAN);
    const last = Math.min(this.count, Math.ceil((this.top + this.height) / ROW_HEIGHT) + OVERSCAN);
    for (const [index, row] of this.made)
      if (index < first || index >= last) {
        row.remove();
        this.made.delete(index);
      }
    let next = this.rows.firstElementChild;
    for (let i = first; i < last; i++) {
      const known = this.made.get(i);
      if (known) {
        next = known.nextElementSibling;
        continue;
      }
      const row = this.render(i);
      this.made.set(i, row);
      this.rows.insertBefore(row, next);
    }
    this.rows.style.transform = `translateY(${first * ROW_HEIGHT}px)`;
  }
}
