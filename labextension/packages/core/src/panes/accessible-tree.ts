/**
 * The picture for those who do not see it: a tree of the same boxes, with the same actions.
 *
 * The painters are hidden from assistive technology; this tree is hidden from the eye. It holds
 * what is in the folded graph, at most a few hundred items, so it stays small for any model.
 */

import { currentGraph, type Selection } from "../actions";
import { h, setAttributes } from "../dom";
import type { Picture } from "../layout/director";
import { Disposables, type Store } from "../store";

const MOST_ITEMS = 400;

export interface AccessibleTree {
  readonly element: HTMLElement;
  update(picture: Picture): void;
  dispose(): void;
}

interface Item {
  readonly element: HTMLElement;
  readonly selection: Selection;
}

export function createAccessibleTree(store: Store): AccessibleTree {
  const disposables = new Disposables();
  const element = h("div", { class: "tsv-sr", role: "tree", "aria-label": "Boxes of the graph" });
  let items: Item[] = [];

  const mark = () => {
    const wanted = JSON.stringify(store.value.place.selection);
    for (const item of items)
      setAttributes(item.element, {
        "aria-selected": JSON.stringify(item.selection) === wanted ? "true" : "false",
      });
  };
  disposables.add(store.watch((state) => state.place, mark));

  const item = (
    label: string,
    level: number,
    selection: Selection,
    more: Record<string, string> = {},
  ) => {
    const node = h("div", { role: "treeitem", "aria-level": level, "aria-label": label, ...more });
    node.addEventListener("click", () => store.dispatch({ type: "select", selection }));
    if (selection.kind === "container")
      node.addEventListener("dblclick", () =>
        store.dispatch({ type: "toggle", container: selection.container }),
      );
    items.push({ element: node, selection });
    return node;
  };

  return {
    element,
    update({ graph, visible, scene }) {
      items = [];
      const titles = new Map(scene.boxes.map((box) => [box.id, box.title]));
      const children = new Map<number, HTMLElement[]>();
      const put = (parent: number, child: HTMLElement) =>
        children.set(parent, [...(children.get(parent) ?? []), child]);
      for (const container of visible.clusters.slice(0, MOST_ITEMS)) {
        const label = [graph.label(container), graph.detail(container)].filter((s) => s).join(", ");
        put(
          graph.parent(container),
          item(
            label,
            graph.depth(container),
            { kind: "container", container },
            {
              "aria-expanded": "true",
              "data-box": `c${container}`,
            },
          ),
        );
      }
      for (const box of visible.boxes.slice(0, MOST_ITEMS)) {
        const level = graph.depth(box.parent) + 1;
        if (box.kind === "container") {
          const label = [graph.label(box.index), graph.detail(box.index)]
            .filter((s) => s)
            .join(", ");
          put(
            box.parent,
            item(
              label,
              level,
              { kind: "container", container: box.index },
              {
                "aria-expanded": "false",
                "data-box": box.id,
              },
            ),
          );
        } else if (box.kind === "op") {
          put(
            box.parent,
            item(
              graph.op(box.index),
              level,
              { kind: "node", node: box.index },
              { "data-box": box.id },
            ),
          );
        } else if (box.kind === "param" || box.kind === "output") {
          const label = `${box.kind} ${titles.get(box.id) ?? ""}`;
          put(
            box.parent,
            item(label, level, { kind: "value", value: box.index }, { "data-box": box.id }),
          );
        }
      }
      const ordered: HTMLElement[] = [];
      const visit = (container: number) => {
        for (const child of children.get(container) ?? []) {
          ordered.push(child);
          const box = child.dataset["box"] ?? "";
          if (child.getAttribute("aria-expanded") === "true") visit(Number(box.slice(1)));
        }
      };
      visit(0);
      element.replaceChildren(...ordered);
      setAttributes(element, { "aria-busy": currentGraph(store.value) === graph ? null : "true" });
      mark();
    },
    dispose: () => disposables.dispose(),
  };
}
