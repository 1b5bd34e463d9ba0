/** The drawer of the comparison: what was made of the model, held against its Python code. */

import { button, h } from "../dom";
import { Disposables, type Store } from "../store";
import { strings } from "../strings";

export class ComparePane {
  readonly element: HTMLElement;
  /** Where the controls of the side-by-side view of two variants stand. */
  readonly strip = h("div", { class: "tsv-compare-strip", hidden: true });
  private readonly disposables = new Disposables();

  constructor(store: Store) {
    const close = button("×", () => store.dispatch({ type: "drawer", drawer: null }), {
      class: "tsv-btn tsv-close",
      "aria-label": "Close compare",
    });
    this.element = h(
      "section",
      { class: "tsv-drawer", "aria-label": "Compare" },
      this.strip,
      h(
        "div",
        { class: "tsv-drawer-head" },
        h("h3", {}, "Compare"),
        h("span", { class: "tsv-faint" }, strings.noComparison),
        close,
      ),
    );
    this.disposables.add(
      store.watch(
        (state) => state.drawer,
        (drawer) => (this.element.hidden = drawer !== "compare"),
      ),
    );
  }

  dispose(): void {
    this.disposables.dispose();
  }
}
