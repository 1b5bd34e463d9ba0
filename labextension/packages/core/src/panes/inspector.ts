/** Everything known about what is selected. */

import { currentGraph, type Selection } from "../state";
import type { Commands } from "../commands";
import { button, h } from "../dom";
import { Disposables, type Store } from "../store";
import { containerDetails } from "./details/container";
import type { Context } from "./details/context";
import { nodeDetails } from "./details/node";
import { overview } from "./details/overview";
import { nodesDetails, obituary } from "./details/passes";
import { lineDetails, valueDetails } from "./details/text";
import { variantObituary } from "./details/variants";
import { weightDetails } from "./details/weight";

export class Inspector {
  readonly element: HTMLElement;
  private readonly content = h("div");
  private readonly disposables = new Disposables();

  constructor(
    private readonly store: Store,
    private readonly commands: Commands,
  ) {
    const close = button("×", () => store.dispatch({ type: "inspector", open: false }), {
      class: "tsv-btn tsv-close",
      "aria-label": "Close details",
    });
    this.element = h(
      "aside",
      { class: "tsv-right", "aria-label": "Details", tabindex: "0" },
      close,
      this.content,
    );
    const render = () => this.render();
    this.disposables.add(
      store.watch(
        (state) => state.place,
        () => {
          render();
          requestAnimationFrame(() => (this.element.scrollTop = 0));
        },
      ),
      store.watch((state) => state.subject, render),
      store.watch((state) => state.document, render),
      store.watch((state) => state.open, render),
      store.watch((state) => state.compare, render),
      store.watch((state) => state.weights, render),
      store.watch((state) => state.connected, render),
    );
  }

  dispose(): void {
    this.disposables.dispose();
  }

  private render(): void {
    const { store, commands } = this;
    const graph = currentGraph(store.value);
    const sections = graph ? details({ graph, store, commands }, store.value.place.selection) : [];
    this.content.replaceChildren(...sections);
  }
}

function details(context: Context, selection: Selection | null): Node[] {
  switch (selection?.kind) {
    case "node":
      return nodeDetails(context, selection.node);
    case "container":
      return containerDetails(context, selection.container);
    case "value":
      return valueDetails(context, selection.value);
    case "line":
      return lineDetails(context, selection.file, selection.line);
    case "weight":
      return weightDetails(context, selection.weight);
    case "nodes":
      return nodesDetails(context, selection.nodes);
    default:
      return variantObituary(context) ?? obituary(context) ?? overview(context);
  }
}
