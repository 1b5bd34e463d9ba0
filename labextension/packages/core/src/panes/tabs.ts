/** A row of tabs: one is chosen; arrow keys move between them. */

import { h, setAttributes } from "../dom";

export interface Tab {
  readonly key: string;
  readonly label: string;
  readonly title?: string;
}

export class Tabs {
  readonly element: HTMLElement;
  private buttons: HTMLButtonElement[] = [];
  private chosen: string | null = null;

  constructor(
    label: string,
    private readonly choose: (key: string) => void,
    private readonly side: HTMLElement | null = null,
  ) {
    this.element = h("div", { class: "tsv-tabs", role: "tablist", "aria-label": label });
    this.element.addEventListener("keydown", (event) => this.move(event));
  }

  set(tabs: readonly Tab[], chosen: string): void {
    this.buttons = tabs.map(({ key, label, title }) => {
      const tab = h(
        "button",
        { type: "button", role: "tab", class: "tsv-tab", "data-tab": key, title: title ?? null },
        label,
      );
      tab.addEventListener("click", () => this.choose(key));
      return tab;
    });
    this.element.replaceChildren(...this.buttons, ...(this.side ? [this.side] : []));
    this.chosen = null;
    this.mark(chosen);
  }

  mark(chosen: string): void {
    if (chosen === this.chosen) return;
    this.chosen = chosen;
    for (const tab of this.buttons) {
      const on = tab.dataset["tab"] === chosen;
      setAttributes(tab, { "aria-selected": String(on), tabindex: on ? 0 : -1 });
    }
    // With the next frame: measured now, the page would be laid out for this alone.
    requestAnimationFrame(() => this.reveal());
  }

  /** Scrolls the chosen tab into view. */
  private reveal(): void {
    const tab = this.buttons.find((button) => button.dataset["tab"] === this.chosen);
    const { clientWidth, scrollLeft } = this.element;
    if (!tab || clientWidth === 0) return;
    const end = tab.offsetLeft + tab.offsetWidth;
    if (tab.offsetLeft < scrollLeft || end > scrollLeft + clientWidth)
      this.element.scrollLeft = tab.offsetLeft - 20;
  }

  private move(event: KeyboardEvent): void {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const at = this.buttons.findIndex((tab) => tab === event.target);
    const next = this.buttons[at + step];
    if (step === 0 || at < 0 || !next) return;
    event.preventDefault();
    event.stopPropagation();
    next.focus();
    this.choose(next.dataset["tab"] ?? "");
  }
}
