/** The graph pane: a window onto the scene, with its tools, breadcrumb and map. */

import type { Selection, State } from "../state";
import { currentGraph } from "../state";
import { currentNode } from "../debugging";
import { h, prefersReducedMotion } from "../dom";
import { memoised } from "../memoised";
import type { GraphModel, Marks } from "../model";
import type { LayoutClient } from "../layout/client";
import { LayoutDirector, type Picture } from "../layout/director";
import { named } from "../layout/twins";
import type { Rect } from "../layout/types";
import { CanvasPainter } from "../scene/canvas";
import type { Measure } from "../scene/measure";
import { NO_EMPHASIS, wantsCanvas, type Emphasis, type Painter } from "../scene/paint";
import { EMPTY_SCENE, type Scene } from "../scene/scene";
import { SvgPainter } from "../scene/svg";
import {
  between,
  bring,
  fit,
  hold,
  initial,
  overlaps,
  windowOf,
  zoomAt,
  type Size,
  type View,
} from "../scene/view";
import { emphasisOf } from "../selectors";
import { Disposables, type Store } from "../store";
import { createAccessibleTree, type AccessibleTree } from "./accessible-tree";
import { createCrumbs } from "./crumbs";
import { createMinimap } from "./minimap";
import { createGraphTools } from "./graph-tools";
import { followPointer, type PointerTargets } from "./pointer";

const MOVE_MS = 150;
const ANIMATED_BOXES = 400;
const EMPTY_VIEW: View = { x: 0, y: 0, scale: 1 };

export interface GraphPaneOptions {
  readonly store: Store;
  readonly client: LayoutClient;
  readonly measure: Measure;
  /** What a screen reader calls it. */
  readonly label: string;
  /** Whether it has tools of its own. */
  readonly hasTools: boolean;
  /** What sets its graph off from the one it is compared with. */
  readonly marks: () => Marks;
  /** Called once, when the first picture has been painted. */
  readonly onFirstPicture?: () => void;
  /** Called when the window was moved, or there is another picture in it. */
  readonly onMove: () => void;
}

export class GraphPane {
  readonly element: HTMLElement;
  private readonly stage: HTMLElement;
  private readonly tree: AccessibleTree;
  private readonly status = h("div", { class: "tsv-sr", "aria-live": "polite" });
  private readonly disposables = new Disposables();
  private readonly store: Store;
  private painter: Painter = new SvgPainter();
  private isCanvas = false;
  private picture: Picture | null = null;
  private shown: Scene = EMPTY_SCENE;
  private view: View = EMPTY_VIEW;
  /** The view that a fresh picture was given; nobody has moved the window while it is the view. */
  private home: View = EMPTY_VIEW;
  private size: Size = { width: 0, height: 0 };
  private emphasis: Emphasis = NO_EMPHASIS;
  private covered = 0;
  private readonly twins = memoised(named);
  private frame = 0;
  private animation = 0;
  private viewListeners: ((scene: Scene, view: View, size: Size, emphasis: Emphasis) => void)[] =
    [];

  constructor(private readonly options: GraphPaneOptions) {
    this.store = options.store;
    this.stage = h("div", {
      class: "tsv-stage",
      tabindex: 0,
      role: "application",
      "aria-roledescription": "graph",
      "aria-label": `${options.label.toLowerCase()}; arrow keys follow values, o unfolds, Enter shows details`,
    });
    this.stage.append(this.painter.element);
    const loading = h(
      "div",
      { class: "tsv-graph-state", role: "status" },
      "laying out the graph …",
    );
    this.tree = createAccessibleTree(this.store, options.label.toLowerCase());
    const map = createMinimap((view) => this.setView(view));
    this.element = h(
      "section",
      { class: "tsv-graph", "aria-label": options.label },
      this.stage,
      loading,
      options.hasTools ? createGraphTools(this.store, this, this.disposables) : null,
      createCrumbs(this.store, this.disposables),
      map.element,
      this.tree.element,
      this.status,
    );
    this.viewListeners.push((...state) => map.update(...state));
    const director = new LayoutDirector(this.store, options.client, options.measure, (picture) => {
      loading.hidden = picture.scene.boxes.length > 0;
      loading.textContent = "this graph has no nodes to draw; its text is in the IR pane";
      this.show(picture);
      this.tree.update(picture);
    });
    this.disposables.add(
      () => director.dispose(),
      () => this.tree.dispose(),
      this.store.watch(
        (state) => state.place,
        (place) => this.follow(place.selection),
      ),
      this.store.watch(
        (state) => state.trace,
        () => this.refresh(),
      ),
      this.store.watch(currentNode, () => this.refresh()),
      this.store.hover.watch(
        (hover) => hover,
        () => this.refresh(),
      ),
      this.store.watch(
        (state) => state.theme,
        () => this.schedule(),
      ),
    );
    this.watchSize();
    followPointer(this.pointerTargets(), this.disposables);
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
    cancelAnimationFrame(this.animation);
    this.disposables.dispose();
    this.painter.dispose();
  }

  get scene(): Scene {
    return this.picture?.scene ?? EMPTY_SCENE;
  }

  fit(): void {
    this.setView(fit(this.scene, this.size));
  }

  zoom(factor: number): void {
    this.setView(zoomAt(this.view, factor, this.size.width / 2, this.size.height / 2));
  }

  /** Says how much of the right is under the details; a selection is kept out of there. */
  setCovered(width: number): void {
    if (width === this.covered) return;
    this.covered = width;
    this.element.style.setProperty("--tsv-covered", `${width}px`);
    this.follow(this.store.value.place.selection);
  }

  focus(): void {
    this.stage.focus({ preventScroll: true });
  }

  // ── pictures ──────────────────────────────────────────────────────────────────────────────────

  private show(picture: Picture): void {
    const before = this.picture;
    this.picture = picture;
    if (this.size.width === 0) this.measureSize();
    const same = before !== null && isSame(before.graph, picture.graph);
    const anchor = same ? anchorOf(before.open, picture.open) : -1;
    this.view = this.place(before, picture, anchor);
    this.follow(this.store.value.place.selection, anchor < 0);
    if (same && picture.scene.boxes.length <= ANIMATED_BOXES && !prefersReducedMotion())
      this.animate(this.shown, picture.scene);
    else this.settle(picture.scene);
    if (!before) requestAnimationFrame(() => this.options.onFirstPicture?.());
    this.options.onMove();
  }

  /** The window onto a new picture: where it was, unless nobody has touched it yet. */
  private place(before: Picture | null, picture: Picture, anchor: number): View {
    const isMoved = anchor >= 0 || this.view !== this.home;
    const same = before && isSame(before.graph, picture.graph);
    const held =
      before && isMoved
        ? hold(
            this.view,
            before.scene,
            same ? picture.scene : named(picture, before),
            this.size,
            this.anchorId(anchor),
          )
        : null;
    return held ?? (this.home = initial(picture.scene, this.size));
  }

  /** The box that was opened or closed, else the one that is selected. */
  private anchorId(anchor: number): string {
    const [selected = ""] = this.emphasis.selected;
    return anchor >= 0 ? `c${anchor}` : selected;
  }

  private animate(from: Scene, to: Scene): void {
    cancelAnimationFrame(this.animation);
    const start = performance.now();
    const step = (now: number) => {
      // The time of a frame may be that before it was asked for.
      const t = Math.min(Math.max((now - start) / MOVE_MS, 0), 1);
      this.shown = t < 1 ? between(from, to, 1 - (1 - t) ** 3) : to;
      this.paint();
      if (t < 1) this.animation = requestAnimationFrame(step);
    };
    step(start);
  }

  private settle(scene: Scene): void {
    cancelAnimationFrame(this.animation);
    this.shown = scene;
    this.paint();
  }

  private refresh(): void {
    if (!this.picture) return;
    this.emphasis = emphasisOf(
      this.store.value,
      this.store.hover.value,
      this.picture.visible,
      this.picture.scene,
      this.options.marks(),
    );
    this.tree.describe(this.emphasis.changes);
    this.schedule();
  }

  private schedule(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.paint());
  }

  private pointerTargets(): PointerTargets {
    return {
      store: this.store,
      stage: this.stage,
      scene: () => this.shown,
      view: () => this.view,
      setView: (view) => this.setView(view),
      focus: () => this.focus(),
    };
  }

  private setView(view: View): void {
    this.view = view;
    this.schedule();
    this.options.onMove();
  }

  /** Moves the window to where the one onto another picture is. */
  follows(other: GraphPane): void {
    if (!this.picture || !other.picture) return;
    const twins = this.twins(this.picture, other.picture);
    const [anchor = ""] = [...other.emphasis.selected, ...other.emphasis.marked];
    const view = hold(other.view, other.picture.scene, twins, other.size, anchor);
    if (!view) return;
    this.view = view;
    this.schedule();
  }

  private paint(): void {
    cancelAnimationFrame(this.frame); // whatever was to be painted is painted now
    this.choosePainter();
    const { shown: scene, view, size, emphasis } = this;
    this.painter.paint({ scene, view, size, emphasis });
    for (const listener of this.viewListeners) listener(scene, view, size, emphasis);
  }

  private choosePainter(): void {
    const seen = windowOf(this.view, this.size);
    const count = this.shown.boxes.filter((box) => overlaps(box, seen)).length;
    const canvas = wantsCanvas(count, this.isCanvas);
    if (canvas === this.isCanvas) return;
    this.isCanvas = canvas;
    this.painter.dispose();
    this.painter = canvas ? new CanvasPainter() : new SvgPainter();
    this.stage.prepend(this.painter.element);
  }

  /** Brings a selection into the window and says what it is. */
  private follow(selection: Selection | null, move = true): void {
    this.refresh();
    const [id] = [...this.emphasis.selected, ...this.emphasis.marked];
    const rect = id === undefined ? undefined : find(this.scene, id);
    const free = { ...this.size, width: this.size.width - this.covered };
    if (rect && move) {
      this.view = bring(this.view, rect, free);
      this.options.onMove();
    }
    this.status.textContent = describe(this.store.value, selection);
  }

  // ── size ──────────────────────────────────────────────────────────────────────────────────────

  private measureSize(): void {
    const { clientWidth: width, clientHeight: height } = this.stage;
    this.size = { width, height };
  }

  private watchSize(): void {
    const observer = new ResizeObserver(() => {
      const before = this.size;
      this.measureSize();
      if (before.width === 0 && this.size.width > 0 && this.picture)
        this.view = this.home = initial(this.scene, this.size);
      else if (before.width > 0) {
        const dx = (this.size.width - before.width) / 2;
        const view = { ...this.view, x: this.view.x + dx };
        if (this.view === this.home) this.home = view;
        this.view = view;
      }
      this.paint();
      this.options.onMove();
    });
    observer.observe(this.stage);
    this.disposables.add(() => observer.disconnect());
  }
}

/** The container whose opening or closing made the difference, or -1. */
function anchorOf(before: ReadonlySet<number>, after: ReadonlySet<number>): number {
  const changed = [...after].filter((c) => !before.has(c));
  const closed = [...before].filter((c) => !after.has(c));
  const all = [...changed, ...closed];
  if (all.length === 1) return all[0]!;
  return closed.length === 0 && changed.length > 0 ? Math.min(...changed) : -1;
}

/** Whether it is the same graph, perhaps with more known of it. */
function isSame(one: GraphModel, other: GraphModel): boolean {
  const isPlain = !["snapshot", "variant"].includes(other.payload.kind);
  return one === other || (isPlain && one.payload.name === other.payload.name);
}

function find(scene: Scene, id: string): Rect | undefined {
  return scene.boxes.find((box) => box.id === id) ?? scene.clusters.find((c) => c.id === id);
}

function describe(state: State, selection: Selection | null): string {
  const graph = currentGraph(state);
  if (!graph || !selection) return "";
  if (selection.kind === "node") {
    const place = graph.document.place(graph.payload.nodes.model[selection.node]!);
    return `${graph.op(selection.node)} ${place}`;
  }
  if (selection.kind === "container") return graph.label(selection.container);
  return selection.kind === "value" ? `%${graph.valueName(selection.value)}` : "";
}
