/** What a mouse, a pen or fingers do to the graph: pan, pinch, zoom, point, select, unfold. */

import { currentGraph, type Selection } from "../state";
import type { Scene } from "../scene/scene";
import { hitTest, zoomAt, type Hit, type View } from "../scene/view";
import type { Disposables, Store } from "../store";

/** A pointer that moved no further than this has clicked. */
const CLICK_SLOP = 4;

export interface PointerTargets {
  readonly store: Store;
  readonly stage: HTMLElement;
  /** What is painted now. */
  readonly scene: () => Scene;
  readonly view: () => View;
  readonly setView: (view: View) => void;
  readonly focus: () => void;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

export function followPointer(to: PointerTargets, disposables: Disposables): void {
  new Pointer(to).listen(disposables);
}

class Pointer {
  private readonly pointers = new Map<number, Point>();

  constructor(private readonly to: PointerTargets) {}

  listen(disposables: Disposables): void {
    const { stage, store } = this.to;
    disposables.listen<"wheel">(stage, "wheel", (event) => this.wheel(event), { passive: false });
    disposables.listen<"pointerdown">(stage, "pointerdown", (event) => this.press(event));
    disposables.listen<"pointermove">(stage, "pointermove", (event) => this.hover(event));
    disposables.listen<"pointerleave">(stage, "pointerleave", () => store.hover.set(null));
    disposables.listen<"dblclick">(stage, "dblclick", (event) => {
      const hit = this.hitAt(event);
      if (hit && hit.kind !== "stub") this.toggle(hit);
    });
  }

  private wheel(event: WheelEvent): void {
    const zooms = event.ctrlKey || event.metaKey;
    // In a notebook the plain wheel belongs to the page.
    if (!zooms && !this.to.store.value.fullWindow) return;
    event.preventDefault();
    if (zooms) {
      const { x, y } = this.local(event);
      this.to.setView(zoomAt(this.to.view(), Math.exp(-event.deltaY * 0.01), x, y));
    } else {
      const { x, y, scale } = this.to.view();
      this.to.setView({ x: x - event.deltaX, y: y - event.deltaY, scale });
    }
  }

  private local(event: MouseEvent): Point {
    const { left, top } = this.to.stage.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  private hitAt(event: MouseEvent): Hit | null {
    const { x, y } = this.local(event);
    const view = this.to.view();
    return hitTest(this.to.scene(), (x - view.x) / view.scale, (y - view.y) / view.scale);
  }

  private press(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.to.focus();
    const { stage } = this.to;
    stage.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, this.local(event));
    const pressed = this.hitAt(event); // a picture that moves meanwhile moves from under the pointer
    let moved = this.pointers.size > 1 ? CLICK_SLOP + 1 : 0;
    const move = (next: PointerEvent) => {
      const last = this.pointers.get(next.pointerId);
      if (!last) return;
      const at = this.local(next);
      moved += Math.hypot(at.x - last.x, at.y - last.y);
      if (moved > CLICK_SLOP) this.drag(next.pointerId, last, at);
      this.pointers.set(next.pointerId, at);
    };
    const end = (last: PointerEvent) => {
      if (last.pointerId !== event.pointerId) return;
      this.pointers.delete(event.pointerId);
      stage.classList.remove("is-dragging");
      stage.removeEventListener("pointermove", move);
      stage.removeEventListener("pointerup", end);
      stage.removeEventListener("pointercancel", end);
      if (moved <= CLICK_SLOP && last.type === "pointerup") this.click(pressed);
    };
    stage.addEventListener("pointermove", move);
    stage.addEventListener("pointerup", end);
    stage.addEventListener("pointercancel", end);
  }

  /** One pointer pans, two pinch. */
  private drag(id: number, from: Point, to: Point): void {
    this.to.stage.classList.add("is-dragging");
    const other = [...this.pointers].find(([key]) => key !== id)?.[1];
    const { x, y, scale } = this.to.view();
    if (!other) return this.to.setView({ x: x + to.x - from.x, y: y + to.y - from.y, scale });
    const distance = (point: Point) =>
      Math.max(Math.hypot(point.x - other.x, point.y - other.y), 1);
    this.to.setView(zoomAt(this.to.view(), distance(to) / distance(from), other.x, other.y));
  }

  private click(hit: Hit | null): void {
    if (hit && hit.kind !== "stub" && hit.chevron) return this.toggle(hit);
    this.to.store.dispatch({ type: "select", selection: this.selectionOf(hit) });
  }

  private toggle(hit: Exclude<Hit, { kind: "stub" }>): void {
    const container =
      hit.kind === "cluster"
        ? hit.cluster.container
        : hit.box.kind === "container" || hit.box.kind === "header"
          ? hit.box.index
          : -1;
    if (container > 0) this.to.store.dispatch({ type: "toggle", container });
  }

  private selectionOf(hit: Hit | null): Selection | null {
    const graph = currentGraph(this.to.store.value);
    if (!hit || !graph) return null;
    if (hit.kind === "stub") return hit.node >= 0 ? { kind: "node", node: hit.node } : null;
    if (hit.kind === "cluster") return { kind: "container", container: hit.cluster.container };
    const { box } = hit;
    switch (box.kind) {
      case "op":
        return { kind: "node", node: box.index };
      case "container":
      case "header":
        return { kind: "container", container: box.index };
      case "return":
        return { kind: "node", node: graph.payload.blocks.node[box.index]! };
      case "param":
      case "output":
        return { kind: "value", value: box.index };
    }
  }

  private hover(event: PointerEvent): void {
    if (this.pointers.size > 0) return;
    const hit = this.hitAt(event);
    this.to.stage.classList.toggle("is-over", hit !== null);
    const selection = this.selectionOf(hit?.kind === "cluster" ? null : hit);
    const current = this.to.store.hover.value;
    if (!selection) return this.to.store.hover.set(null);
    if (selection.kind === "container") {
      const known = current?.kind === "container" && current.container === selection.container;
      if (!known) this.to.store.hover.set({ ...selection, from: "graph" });
      return;
    }
    const graph = currentGraph(this.to.store.value)!;
    const node =
      selection.kind === "node"
        ? selection.node
        : selection.kind === "value"
          ? graph.producer(selection.value)
          : -1;
    if (node < 0) this.to.store.hover.set(null);
    else if (current?.kind !== "nodes" || current.nodes[0] !== node)
      this.to.store.hover.set({ kind: "nodes", nodes: [node], from: "graph" });
  }
}
