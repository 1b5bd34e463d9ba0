/** Rows of which one has the focus: arrow keys move it, Enter, Space and the pointer choose. */

import { setAttributes } from "../dom";
import type { Disposables } from "../store";

export class RovingRows {
  private rows: readonly HTMLElement[] = [];

  /** @param choose is called with the number of a row */
  constructor(
    element: HTMLElement,
    disposables: Pick<Disposables, "listen">,
    private readonly choose: (row: number) => void,
  ) {
    disposables.listen<"click">(element, "click", ({ target }) => this.act(target));
    disposables.listen<"keydown">(element, "keydown", (event) => this.key(event));
  }

  /** Takes rows that stand in the element already, in their order. */
  set(rows: readonly HTMLElement[]): void {
    this.rows = rows;
    this.take(0);
  }

  /** Shows which row is chosen; none for -1. */
  mark(chosen: number): void {
    this.rows.forEach((row, i) => setAttributes(row, { "aria-selected": String(i === chosen) }));
    if (chosen < 0) return;
    this.take(chosen);
    const row = this.rows[chosen];
    requestAnimationFrame(() => row?.scrollIntoView({ block: "nearest" }));
  }

  /** The row that the Tab key comes to. */
  private take(current: number): void {
    this.rows.forEach((row, i) => setAttributes(row, { tabindex: i === current ? 0 : -1 }));
  }

  private rowAt(target: EventTarget | null): number {
    return this.rows.findIndex((row) => row.contains(target as Node | null));
  }

  private act(target: EventTarget | null): void {
    const row = this.rowAt(target);
    if (row >= 0) this.choose(row);
  }

  private key(event: KeyboardEvent): void {
    const at = this.rowAt(event.target);
    if (at < 0) return;
    const shown = this.rows.filter((row) => !row.closest("[hidden]"));
    const now = shown.indexOf(this.rows[at]!);
    const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: shown.length - 1 }[event.key];
    const isChoice = event.key === "Enter" || event.key === " ";
    if (to === undefined && !isChoice) return;
    event.preventDefault();
    event.stopPropagation();
    const next = to === undefined ? null : shown[to];
    if (isChoice) this.choose(at);
    else if (next) {
      this.take(this.rows.indexOf(next));
      next.focus();
    }
  }
}
