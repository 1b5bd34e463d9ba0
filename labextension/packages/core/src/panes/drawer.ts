/** What all drawers have in common. */

import { button, h } from "../dom";
import type { Store } from "../store";
import { strings } from "../strings";

/** The head of a drawer: its title, what it tells or offers there, and what closes it. */
export function drawerHead(store: Store, title: string, ...within: readonly Node[]): HTMLElement {
  const close = button("×", () => store.dispatch({ type: "drawer", drawer: null }), {
    class: "tsv-btn tsv-close",
    "aria-label": strings.closeDrawer(title),
  });
  return h("div", { class: "tsv-drawer-head" }, h("h3", {}, title), ...within, close);
}
