/** The tree of scopes: modules, calls, Ifs and Loops, with what each holds. */

import { currentGraph } from "../state";
import { h } from "../dom";
import { Kind, type GraphModel } from "../model";
import { shortNumber } from "../scene/words";
import { Disposables, type Store } from "../store";
import { counted, strings } from "../strings";
import { VirtualList } from "./virtual-list";

export class OutlinePane {
  readonly element: HTMLElement;
  private readonly list: VirtualList;
  private readonly disposables = new Disposables();
  private expanded = new Set<number>([0]);
  private rows: number[] = [];

  constructor(private readonly store: Store) {
    this.list = new VirtualList(
      { role: "tree", "aria-label": "Scopes", class: "tsv-outline" },
      (i) => this.row(i),
    );
    this.element = this.list.element;
    this.disposables.add(
      () => this.list.dispose(),
      store.watch(currentGraph, (graph) => {
        this.expanded = new Set([0, ...(graph?.children(0) ?? []).slice(0, 1)]);
        this.arrange();
      }),
      store.watch(
        (state) => state.place,
        () => this.follow(),
      ),
    );
    this.disposables.listen<"click">(this.element, "click", (event) => this.click(event));
    this.disposables.listen<"keydown">(this.element, "keydown", (event) => this.key(event));
    this.disposables.listen<"pointerover">(this.element, "pointerover", (event) => {
      const container = this.containerAt(event);
      store.hover.set(container > 0 ? { kind: "container", container, from: "outline" } : null);
    });
    this.disposables.listen<"pointerleave">(this.element, "pointerleave", () =>
      store.hover.set(null),
    );
  }

  dispose(): void {
    this.disposables.dispose();
  }

  private arrange(): void {
    const graph = currentGraph(this.store.value);
    this.rows = [];
    const visit = (container: number) => {
      this.rows.push(container);
      if (this.expanded.has(container)) graph!.children(container).forEach(visit);
    };
    if (graph) visit(0);
    this.list.setCount(this.rows.length);
  }

  private row(index: number): HTMLElement {
    const { value: state } = this.store;
    const graph = currentGraph(state)!;
    const container = this.rows[index]!;
    const isOpen = this.expanded.has(container);
    const hasChildren = graph.children(container).length > 0;
    const twist = h(
      "span",
      { class: "tsv-twist", "data-twist": true, "aria-hidden": "true" },
      hasChildren ? (isOpen ? "▾" : "▸") : "",
    );
    const selected = this.isSelected(container);
    const label = container === 0 ? graph.payload.name : graph.label(container);
    const detail = graph.detail(container);
    const row = h(
      "div",
      {
        class: `tsv-row${selected ? " is-strong" : ""}`,
        role: "treeitem",
        "data-container": container,
        "aria-level": graph.depth(container) + 1,
        "aria-expanded": hasChildren ? String(isOpen) : null,
        "aria-selected": String(selected),
      },
      twist,
      h("span", { class: isControl(graph, container) ? "tsv-control-word" : null }, label),
      h("span", { class: "tsv-faint" }, detail === label ? "" : detail),
      h("span", { class: "tsv-side" }, summary(graph, container)),
    );
    row.style.paddingLeft = `${8 + 14 * graph.depth(container)}px`;
    return row;
  }

  private isSelected(container: number): boolean {
    const { selection } = this.store.value.place;
    return selection?.kind === "container" && selection.container === container;
  }

  private follow(): void {
    const { selection } = this.store.value.place;
    const graph = currentGraph(this.store.value);
    if (graph && selection?.kind === "container") {
      for (const c of graph.ancestry(selection.container).slice(0, -1)) this.expanded.add(c);
      this.arrange();
      this.list.reveal(this.rows.indexOf(selection.container));
    } else this.list.refresh();
  }

  private containerAt(event: Event): number {
    const row = (event.target as Element).closest<HTMLElement>("[data-container]");
    return Number(row?.dataset["container"] ?? -1);
  }

  private click(event: Event): void {
    const container = this.containerAt(event);
    if (container < 0) return;
    if ((event.target as Element).closest("[data-twist]")) this.flip(container);
    else this.choose(container);
  }

  private choose(container: number): void {
    this.store.dispatch({
      type: "select",
      selection: { kind: "container", container },
      reveal: true,
    });
  }

  private flip(container: number): void {
    if (!this.expanded.delete(container)) this.expanded.add(container);
    this.arrange();
  }

  private key(event: KeyboardEvent): void {
    const { selection } = this.store.value.place;
    const at = this.rows.findIndex(
      (c) => selection?.kind === "container" && c === selection.container,
    );
    const current = this.rows[at];
    if (event.key === "ArrowDown")
      this.choose(this.rows[Math.min(at + 1, this.rows.length - 1)] ?? 0);
    else if (event.key === "ArrowUp") this.choose(this.rows[Math.max(at - 1, 0)] ?? 0);
    else if (current === undefined) return;
    else if (event.key === "ArrowRight" && !this.expanded.has(current)) this.flip(current);
    else if (event.key === "ArrowLeft" && this.expanded.has(current)) this.flip(current);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

function isControl(graph: GraphModel, container: number): boolean {
  return graph.kind(container) === Kind.control || graph.kind(container) === Kind.block;
}

function summary(graph: GraphModel, container: number): string {
  const parts = [counted(graph.size(container), strings.node)];
  const module = graph.document.payload.modules[graph.payload.containers.module[container]!];
  if (module && module.parameters > 0) parts.push(`${shortNumber(module.parameters)} params`);
  const alike = graph.alike(container).length;
  if (alike > 0) parts.push(`×${alike + 1}`);
  return parts.join(" · ");
}
