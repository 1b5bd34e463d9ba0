/** A list of any length of which only the rows in view have elements. All rows are equally high. */

import { h } from "../dom";

export const ROW_HEIGHT = 19;
const OVERSCAN = 12;

export class VirtualList {
  readonly element: HTMLElement;
  private readonly spacer = h("div");
  private readonly rows = h("div", { class: "tsv-rows", role: "presentation" });
  private count = 0;
  private first = -1;
  private last = -1;
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
    this.element.addEventListener("scroll", () => this.update(false), { passive: true });
    this.observer = new ResizeObserver(() => {
      if (this.isShown) {
        this.pending?.();
        this.pending = null;
      }
      this.update(false);
    });
    this.observer.observe(this.element);
  }

  setCount(count: number): void {
    this.count = count;
    this.spacer.style.height = `${count * ROW_HEIGHT + 12}px`;
    this.update(true);
  }

  refresh(): void {
    this.update(true);
  }

  /** Puts a row at the top. */
  startAt(index: number): void {
    this.whenShown(() => {
      this.element.scrollTop = index * ROW_HEIGHT;
      this.update(false);
    });
  }

  /** Brings a row into view, into the middle where it was out of it. */
  reveal(index: number): void {
    this.whenShown(() => {
      const { clientHeight, scrollTop } = this.element;
      const top = index * ROW_HEIGHT;
      if (top >= scrollTop + ROW_HEIGHT && top <= scrollTop + clientHeight - 2 * ROW_HEIGHT) return;
      this.element.scrollTop = Math.max(0, top - clientHeight / 2 + ROW_HEIGHT);
      this.update(false);
    });
  }

  private get isShown(): boolean {
    return this.element.clientHeight > 0;
  }

  private whenShown(act: () => void): void {
    this.pending = this.isShown ? null : act;
    if (this.isShown) act();
  }

  dispose(): void {
    this.observer.disconnect();
  }

  private update(all: boolean): void {
    const { clientHeight, scrollTop } = this.element;
    const first = Math.max(0, Math.floor(scrollTop / ROW_HEIGHT) - OVERSCAN);
    const last = Math.min(
      this.count,
      Math.ceil((scrollTop + clientHeight) / ROW_HEIGHT) + OVERSCAN,
    );
    if (!all && first === this.first && last === this.last) return;
    this.first = first;
    this.last = last;
    const rows: HTMLElement[] = [];
    for (let i = first; i < last; i++) rows.push(this.render(i));
    this.rows.replaceChildren(...rows);
    this.rows.style.transform = `translateY(${first * ROW_HEIGHT}px)`;
  }
}
