/** The tools over the graph: fit, zoom, depth, def-use, export. */

import { currentGraph } from "../state";
import { button, h, setAttributes } from "../dom";
import { deepest } from "../selectors";
import type { Disposables, Store } from "../store";
import { download, sceneToPng, sceneToSvg } from "../scene/export";
import type { Scene } from "../scene/scene";
import { createHeatChoice } from "./heat";

export interface Zoomable {
  readonly element: HTMLElement;
  readonly scene: Scene;
  fit(): void;
  zoom(factor: number): void;
}

export function createGraphTools(
  store: Store,
  pane: Zoomable,
  disposables: Disposables,
): HTMLElement {
  const depth = h("select", {
    class: "tsv-btn",
    "aria-label": "Depth",
    title: "How deep scopes are unfolded",
  });
  depth.addEventListener("change", () => {
    const { value } = depth;
    const wanted = value === "default" || value === "all" ? value : Number(value);
    store.dispatch({ type: "depth", depth: wanted });
    depth.value = "";
  });
  const fillDepth = () => {
    const graph = currentGraph(store.value);
    const levels = graph ? Math.min(deepest(graph), 8) : 0;
    const option = (value: string, label: string, more = {}) =>
      h("option", { value, ...more }, label);
    depth.replaceChildren(
      option("", "Depth ▾", { hidden: true }),
      option("default", "Default view"),
      ...Array.from({ length: levels + 1 }, (_, i) =>
        option(String(i + 1), i === 0 ? "1 (all folded)" : String(i + 1)),
      ),
      option("all", "All"),
    );
    depth.value = "";
  };

  const toggle = (direction: "inputs" | "outputs", label: string, title: string) => {
    const element = button(label, () => store.dispatch({ type: "trace", direction }), {
      title,
      "aria-pressed": "false",
    });
    disposables.add(
      store.watch(
        (state) => state.trace[direction],
        (on) => setAttributes(element, { "aria-pressed": String(on) }),
      ),
    );
    return element;
  };

  const save = h("select", { class: "tsv-btn", "aria-label": "Export picture" });
  save.append(
    h("option", { value: "", hidden: true }, "Export ▾"),
    h("option", { value: "svg" }, "Picture as SVG"),
    h("option", { value: "png" }, "Picture as PNG"),
  );
  save.addEventListener("change", () => {
    const name = fileName(store.value.document?.payload.title ?? "graph");
    if (save.value === "svg")
      download(sceneToSvg(pane.scene, pane.element), "image/svg+xml", `${name}.svg`);
    else
      void sceneToPng(pane.scene, pane.element).then((png) =>
        download(png, "image/png", `${name}.png`),
      );
    save.value = "";
  });

  const details = button(
    "Details",
    () => store.dispatch({ type: "inspector", open: !store.value.inspector }),
    { title: "Show what is known about the selection (Enter)", "aria-pressed": "false" },
  );
  details.classList.add("tsv-details-button");
  disposables.add(
    store.watch(currentGraph, fillDepth),
    store.watch(
      (state) => state.inspector,
      (open) => setAttributes(details, { "aria-pressed": String(open) }),
    ),
  );
  return h(
    "div",
    { class: "tsv-tools", role: "toolbar", "aria-label": "Graph" },
    button("Fit", () => pane.fit(), { title: "Show the whole graph (f)" }),
    button("−", () => pane.zoom(1 / 1.3), { "aria-label": "Zoom out" }),
    button("+", () => pane.zoom(1.3), { "aria-label": "Zoom in" }),
    depth,
    toggle("inputs", "↑ inputs", "Set off everything the selection depends on (i)"),
    toggle("outputs", "↓ outputs", "Set off everything that depends on the selection (u)"),
    createHeatChoice(store, disposables),
    save,
    details,
  );
}

function fileName(title: string): string {
  return title.replace(/[^\w.-]+/g, "_").slice(0, 60) || "graph";
}
