/**
 * The picture for those who do not see it: a tree of the same boxes, with the same actions.
 *
 * The painters are hidden from assistive technology; this tree is hidden from the eye. Of a large
 * picture it holds a part, which follows the selection; the items at its ends say how much more
 * there is, and lead there.
 */

import type { Selection } from "../state";
import { h, setAttributes } from "../dom";
import type { Picture } from "../layout/director";
import type { GraphModel } from "../model";
import type { VisibleBox } from "../layout/visible";
import { sideWords } from "../besides";
import type { Change } from "../scene/paint";
import { Disposables, type Store } from "../store";
import { strings } from "../strings";

export const MOST_ITEMS = 400;

export interface AccessibleTree {
  readonly element: HTMLElement;
  update(picture: Picture): void;
  /** Says of boxes what sets them off from the snapshot that is compared with. */
  describe(changes: ReadonlyMap<string, Change>): void;
  dispose(): void;
}

interface Item {
  readonly box: string;
  readonly label: string;
  readonly level: number;
  readonly selection: Selection;
  /** Whether a container is open; null for what is no container. */
  readonly expanded: boolean | null;
}

export function createAccessibleTree(store: Store, graph = "graph"): AccessibleTree {
  const disposables = new Disposables();
  const label = `Boxes of the ${graph}`;
  const element = h("div", { class: "tsv-sr", role: "tree", "aria-label": label });
  let changes: ReadonlyMap<string, Change> = new Map();
  let items: readonly Item[] = [];
  let from = 0;

  const show = (start: number) => {
    from = Math.max(0, Math.min(start, items.length - MOST_ITEMS));
    const to = Math.min(from + MOST_ITEMS, items.length);
    const rows = items.slice(from, to).map((item) => itemElement(store, item));
    if (from > 0)
      rows.unshift(moreElement(strings.boxesBefore(from), () => show(from - MOST_ITEMS)));
    if (to < items.length)
      rows.push(moreElement(strings.boxesAfter(items.length - to), () => show(to)));
    element.replaceChildren(...rows);
  };
  const follow = () => {
    const wanted = new Set(oneByOne(store.value.place.selection).map((one) => JSON.stringify(one)));
    const chosen = items.filter((item) => wanted.has(JSON.stringify(item.selection)));
    const at = chosen[0] ? items.indexOf(chosen[0]) : -1;
    if (at >= 0 && (at < from || at >= from + MOST_ITEMS)) show(at - MOST_ITEMS / 2);
    const selected = new Set(chosen.map(({ box }) => box));
    for (const row of element.querySelectorAll<HTMLElement>("[data-box]")) {
      const box = row.dataset["box"]!;
      const change = changes.get(box);
      setAttributes(row, {
        "aria-selected": String(selected.has(box)),
        "aria-description": change ? sideWords(store.value)[change] : null,
      });
    }
  };
  disposables.add(store.watch((state) => state.place, follow));

  return {
    element,
    update(picture) {
      items = itemsOf(picture);
      show(0);
      follow();
    },
    describe(described) {
      if (changes === described) return;
      changes = described;
      follow();
    },
    dispose: () => disposables.dispose(),
  };
}

function oneByOne(selection: Selection | null): readonly (Selection | null)[] {
  if (selection?.kind !== "nodes") return [selection];
  return selection.nodes.map((node) => ({ kind: "node", node }));
}

function itemElement(store: Store, { box, label, level, selection, expanded }: Item): HTMLElement {
  const element = h("div", {
    role: "treeitem",
    "aria-level": level,
    "aria-label": label,
    "aria-expanded": expanded === null ? null : String(expanded),
    "aria-selected": "false",
    "data-box": box,
  });
  element.addEventListener("click", () => store.dispatch({ type: "select", selection }));
  if (selection.kind === "container")
    element.addEventListener("dblclick", () =>
      store.dispatch({ type: "toggle", container: selection.container }),
    );
  return element;
}

function moreElement(label: string, act: () => void): HTMLElement {
  const element = h("div", { role: "treeitem", "aria-level": 1, "aria-label": label });
  element.addEventListener("click", act);
  return element;
}

/** All boxes, each after the open container it stands in. */
function itemsOf({ graph, visible, scene }: Picture): Item[] {
  const titles = new Map(scene.boxes.map((box) => [box.id, box.title]));
  const heats = new Map(scene.boxes.map((box) => [box.id, box.heat]));
  const inside = new Map<number, Item[]>();
  const put = (parent: number, item: Item) => {
    const known = inside.get(parent);
    if (known) known.push(item);
    else inside.set(parent, [item]);
  };
  for (const container of visible.clusters)
    put(graph.parent(container), containerItem(graph, container, true));
  for (const box of visible.boxes) {
    const item = boxItem(graph, box, titles.get(box.id) ?? "");
    const heat = heats.get(box.id) ?? "";
    if (item) put(box.parent, heat === "" ? item : { ...item, label: `${item.label}, ${heat}` });
  }
  const items: Item[] = [];
  const visit = (container: number) => {
    for (const item of inside.get(container) ?? []) {
      items.push(item);
      if (item.expanded && item.selection.kind === "container") visit(item.selection.container);
    }
  };
  visit(0);
  return items;
}

function containerItem(graph: GraphModel, container: number, expanded: boolean): Item {
  const words = [graph.label(container), graph.detail(container)];
  return {
    box: `c${container}`,
    label: words.filter((word) => word !== "").join(", "),
    level: graph.depth(container),
    selection: { kind: "container", container },
    expanded,
  };
}

function boxItem(graph: GraphModel, box: VisibleBox, title: string): Item | null {
  const common = { box: box.id, level: graph.depth(box.parent) + 1, expanded: null };
  switch (box.kind) {
    case "container":
      return containerItem(graph, box.index, false);
    case "op":
      return {
        ...common,
        label: graph.op(box.index),
        selection: { kind: "node", node: box.index },
      };
    case "param":
    case "output":
      return {
        ...common,
        label: `${box.kind} ${title}`,
        selection: { kind: "value", value: box.index },
      };
    default:
      return null; // headers and returns are part of their If or Loop
  }
}
