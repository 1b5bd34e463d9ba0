/** Where the selection stands: the path of scopes, each of which can be selected. */

import { currentGraph } from "../state";
import { h } from "../dom";
import { breadcrumb } from "../selectors";
import { shorten } from "../scene/words";
import type { Disposables, Store } from "../store";

export function createCrumbs(store: Store, disposables: Disposables): HTMLElement {
  const list = h("ol");
  const element = h("nav", { class: "tsv-crumbs", "aria-label": "Scope of the selection" }, list);
  const render = () => {
    const { value } = store;
    const title = value.document?.payload.title ?? "";
    const crumbs = breadcrumb(currentGraph(value), value.place.selection);
    list.replaceChildren(
      ...crumbs.map((crumb, i) => {
        const label = i === 0 ? `${title} › ${crumb.label}` : crumb.label;
        const isLast = i === crumbs.length - 1;
        const link = h(
          "button",
          {
            type: "button",
            class: "tsv-link",
            title: label,
            "aria-current": isLast ? "location" : null,
          },
          shorten(label, 40),
        );
        link.addEventListener("click", () =>
          store.dispatch({ type: "select", selection: crumb.selection, reveal: true }),
        );
        return h("li", {}, link);
      }),
    );
  };
  disposables.add(
    store.watch((state) => state.place, render),
    store.watch((state) => state.document, render),
  );
  return element;
}
