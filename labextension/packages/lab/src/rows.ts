/** A list of the side panel: its rows lead somewhere, and arrow keys go through them. */

import type { LinkedItem } from "@tsviz/core/linking";
import { RovingRows } from "@tsviz/core/roving";

import { button } from "./bars";

export type Item = LinkedItem & { readonly depth?: number };

/** Lists live as long as the page. */
const FOREVER: ConstructorParameters<typeof RovingRows>[1] = {
  listen: (target, type, listener) =>
    target.addEventListener(type, listener as unknown as EventListener),
};

export class Rows {
  readonly element = document.createElement("section");
  private readonly list = document.createElement("ul");
  private readonly roving: RovingRows;
  private items: readonly Item[] = [];
  private shown = "";

  /**
   * @param title of the list
   * @param none what stands in its place while it is empty; "" where it is not there then
   * @param isLong whether its rows are sentences, which take as many lines as they need
   */
  constructor(
    title: string,
    private readonly none: string,
    choose: (item: Item) => void,
    isLong = false,
  ) {
    this.list.classList.toggle("is-long", isLong);
    this.list.setAttribute("aria-label", title);
    this.element.append(element("h3", "", title), this.list);
    this.roving = new RovingRows(this.list, FOREVER, (row) => {
      const item = this.items[row];
      if (item) choose(item);
    });
  }

  /** @param note what stands below, of rows that were left out */
  fill(items: readonly Item[], note = ""): void {
    this.items = items;
    const shown = JSON.stringify([items, note]); // functions are left out
    if (shown === this.shown) return;
    this.shown = shown;
    const before = [...this.list.querySelectorAll("button")];
    const focused = before.indexOf(document.activeElement as HTMLButtonElement);
    const rows = items.map(row);
    const words = items.length > 0 ? note : this.none;
    const said = words === "" ? [] : [element("li", "tsv-side-none", words)];
    this.list.replaceChildren(...rows.map((one) => inItem(one)), ...said);
    this.element.hidden = this.list.childElementCount === 0;
    this.roving.set(rows);
    if (focused >= 0) rows[Math.min(focused, rows.length - 1)]?.focus({ preventScroll: true });
  }
}

function row({ text, detail, depth, isShown }: Item): HTMLButtonElement {
  const made = button(["", () => undefined]);
  made.className = "tsv-side-row";
  made.style.paddingLeft = `${8 + 12 * (depth ?? 0)}px`;
  made.title = [text, detail].filter(Boolean).join(" · ");
  if (isShown) made.setAttribute("aria-current", "true");
  made.append(element("span", "tsv-side-text", text), element("span", "tsv-side-detail", detail));
  return made;
}

function inItem(child: HTMLElement): HTMLElement {
  const item = document.createElement("li");
  item.append(child);
  return item;
}

export function element(tag: string, className: string, text: string): HTMLElement {
  const found = document.createElement(tag);
  found.className = className;
  found.textContent = text;
  return found;
}
