/** Paints a scene as SVG. Only what is near the window has elements. */

import { svg } from "../dom";
import type { Rect } from "../layout/types";
import {
  SIGNS,
  arrowHead,
  classesOf,
  labelPlace,
  type Change,
  type Emphasis,
  type Frame,
  type Painter,
} from "./paint";
import type { Scene, SceneBox, SceneCluster, SceneEdge } from "./scene";
import { edgeBounds, overlaps, windowOf } from "./view";

/** How many windows on each side of the window have elements, too. */
const MARGIN = 0.5;
/** Room for the names of stubs. */
const STUBS = 160;

export class SvgPainter implements Painter {
  readonly element = svg("svg", { class: "tsv-svg", "aria-hidden": "true" });
  private readonly camera = svg("g");
  private readonly layers = {
    clusters: svg("g"),
    edges: svg("g", { class: "tsv-edges" }),
    boxes: svg("g"),
  };
  private readonly shown = new Map<string, Shown>();
  private scene: Scene | null = null;
  private painted: Rect | null = null;
  private emphasis: Emphasis | null = null;

  constructor() {
    this.camera.append(this.layers.clusters, this.layers.edges, this.layers.boxes);
    this.element.append(this.camera);
  }

  paint({ scene, view, size, emphasis }: Frame): void {
    this.camera.setAttribute("transform", `translate(${view.x} ${view.y}) scale(${view.scale})`);
    const seen = windowOf(view, size);
    // A new picture has what a user sees; what is around it comes when the window moves there.
    if (scene !== this.scene) this.fill(scene, around(seen, 0));
    else if (!this.covers(seen)) this.fill(scene, around(seen, MARGIN));
    this.emphasise(emphasis);
  }

  /** A window that only moves sets nothing off. */
  private emphasise(emphasis: Emphasis): void {
    if (emphasis === this.emphasis) return;
    this.emphasis = emphasis;
    this.element.classList.toggle("is-dimmed", emphasis.dim);
    for (const [key, { element, item }] of this.shown) {
      const [base = "", id = key] = [element.dataset["base"], element.dataset["id"]];
      const extra = key.startsWith("e")
        ? edgeClasses(Number(key.slice(1)), emphasis)
        : classesOf(id, emphasis);
      const classes = [base, ...extra].join(" ");
      if (element.getAttribute("class") === classes) continue;
      element.setAttribute("class", classes);
      if ("id" in item) {
        sign(element, item, emphasis.changes.get(item.id));
        here(element, emphasis.here.has(item.id));
      }
    }
  }

  dispose(): void {
    this.element.remove();
  }

  private covers(seen: Rect): boolean {
    const p = this.painted;
    return (
      p !== null &&
      seen.x >= p.x &&
      seen.y >= p.y &&
      seen.x + seen.width <= p.x + p.width &&
      seen.y + seen.height <= p.y + p.height &&
      seen.width * 4 >= p.width
    );
  }

  /** Has elements for what is in a part of the scene; what only moves keeps its own. */
  private fill(scene: Scene, part: Rect): void {
    this.scene = scene;
    this.painted = part;
    this.emphasis = null;
    const wanted = new Set<string>();
    const put = <T extends Item>(key: string, item: T, layer: SVGGElement, art: Art<T>) => {
      wanted.add(key);
      const known = this.shown.get(key);
      if (known?.item === item) return;
      if (known && art.move(known.element, known.item as T, item)) {
        known.item = item;
        return;
      }
      const element = art.make(item);
      element.dataset["base"] = element.getAttribute("class") ?? "";
      if (known) known.element.replaceWith(element);
      else layer.append(element);
      this.shown.set(key, { element, item });
    };
    for (const cluster of scene.clusters)
      if (overlaps(cluster, part)) put(`c:${cluster.id}`, cluster, this.layers.clusters, CLUSTER);
    for (const box of scene.boxes)
      if (overlaps(box, part)) put(`b:${box.id}`, box, this.layers.boxes, BOX);
    scene.edges.forEach((edge, i) => {
      if (edge.points.length > 0 && overlaps(edgeBounds(edge), part))
        put(`e${i}`, edge, this.layers.edges, EDGE);
    });
    for (const [key, { element }] of this.shown) {
      if (wanted.has(key)) continue;
      element.remove();
      this.shown.delete(key);
    }
    this.order(this.layers.clusters, scene.clusters, "c:"); // inner ones over outer ones
    this.order(this.layers.boxes, scene.boxes, "b:");
  }

  /** Elements stand in the order of the scene, whenever they were made. */
  private order(layer: SVGGElement, items: readonly { readonly id: string }[], kind: string): void {
    let next = layer.firstElementChild;
    for (const { id } of items) {
      const element = this.shown.get(kind + id)?.element;
      if (!element) continue;
      if (element === next) next = next.nextElementSibling;
      else layer.insertBefore(element, next);
    }
  }
}

type Item = SceneCluster | SceneBox | SceneEdge;

interface Shown {
  readonly element: SVGGElement;
  item: Item;
}

/** How a kind of item is drawn. */
interface Art<T extends Item> {
  readonly make: (item: T) => SVGGElement;
  /** Turns the element of an item into that of another one; false where that takes a new one. */
  readonly move: (element: SVGGElement, before: T, after: T) => boolean;
}

const place = ({ x, y }: Rect) => `translate(${x} ${y})`;

/** Whether two items differ in where they are and in nothing else. */
function looksAlike<T extends Rect>(one: T, other: T): boolean {
  const keys = Object.keys(one) as (keyof T)[];
  return keys.every((key) => key === "x" || key === "y" || one[key] === other[key]);
}

function moveRect<T extends SceneBox | SceneCluster>(
  element: SVGGElement,
  before: T,
  after: T,
): boolean {
  if (!looksAlike(before, after)) return false;
  element.setAttribute("transform", place(after));
  return true;
}

/** A window and `margin` windows on each side of it; stubs stick out of their boxes to the left. */
function around({ x, y, width, height }: Rect, margin: number): Rect {
  return {
    x: x - margin * width - STUBS,
    y: y - margin * height,
    width: (1 + 2 * margin) * width + 2 * STUBS,
    height: (1 + 2 * margin) * height,
  };
}

/** Puts the sign of a change on the corner of a box, or takes it away. */
function sign(element: SVGGElement, { width }: Rect, change: Change | undefined): void {
  element.querySelector(":scope > .tsv-sign")?.remove();
  if (!change) return;
  element.append(
    svg(
      "g",
      { class: "tsv-sign", transform: `translate(${width - 2} 2)` },
      svg("circle", { r: 8 }),
      text(0, 4, "tsv-middle", SIGNS[change]),
    ),
  );
}

/** Puts an arrow on the box where the program is held, or takes it away. */
function here(element: SVGGElement, isHere: boolean): void {
  element.querySelector(":scope > .tsv-here-sign")?.remove();
  if (isHere) element.append(svg("path", { class: "tsv-here-sign", d: "M-4 -5l10 6l-10 6z" }));
}

function edgeClasses(index: number, emphasis: Emphasis): string[] {
  if (emphasis.path.has(index)) return ["is-path"];
  return emphasis.dim ? ["is-dim"] : [];
}

/** The `d` of an edge: a start and Bézier triples. */
export function edgePath(points: readonly number[]): string {
  const [x, y, ...rest] = points.map((n) => Math.round(n * 10) / 10);
  return `M${x} ${y}C${rest.join(" ")}`;
}

function text(x: number, y: number, className: string, content: string): SVGTextElement {
  return svg("text", { x, y, class: className }, content);
}

function boxElement(box: SceneBox): SVGGElement {
  const kind = box.kind === "op" || box.kind === "container" ? box.kind : "pill";
  const group = svg("g", {
    class: `tsv-box tsv-${kind}${box.control ? " tsv-control" : ""}${heatClass(box)}`,
    transform: place(box),
    "data-id": box.id,
  });
  const radius = kind === "pill" ? box.height / 2 : 8;
  group.append(
    svg("rect", { class: "tsv-shape", width: box.width, height: box.height, rx: radius }),
  );
  const middle = box.height / 2;
  if (kind === "container") {
    group.append(
      svg("path", { class: "tsv-chevron", d: "M12 12l5 4.5l-5 4.5z" }),
      text(24, 20.5, "tsv-t-bold", box.title),
      text(14, 37, "tsv-t-small", box.subtitle),
      text(box.width - 10, 20.5, "tsv-t-small tsv-end", box.note),
    );
  } else {
    const className = kind === "pill" ? "tsv-t-mono" : "tsv-t-body";
    const y = box.heat === "" ? middle + 4 : middle - 3;
    group.append(text(box.width / 2, y, `${className} tsv-middle`, box.title));
  }
  if (box.heat !== "") group.append(heatText(box, kind === "container"));
  for (const stub of box.stubs)
    group.append(
      svg("path", { class: "tsv-stub-line", d: `M-9 ${stub.y}L0 ${middle}` }),
      svg("circle", { class: "tsv-stub", cx: -12, cy: stub.y, r: 3 }),
      text(-19, stub.y + 3.5, "tsv-t-small tsv-end", stub.text),
    );
  return group;
}

const heatClass = ({ level }: SceneBox) => (level > 0 ? ` tsv-heat-${level}` : "");

/** In the last row of a box. */
function heatText({ width, height, heat }: SceneBox, isLeft: boolean): SVGTextElement {
  const className = `tsv-t-small tsv-t-heat${isLeft ? "" : " tsv-middle"}`;
  return text(isLeft ? 14 : width / 2, height - 8, className, heat);
}

function clusterElement(cluster: SceneCluster): SVGGElement {
  const kinds = `${cluster.control ? " tsv-control" : ""}${cluster.block ? " tsv-block" : ""}`;
  return svg(
    "g",
    {
      class: `tsv-cluster${kinds}`,
      transform: place(cluster),
      "data-id": cluster.id,
    },
    svg("rect", { class: "tsv-shape", width: cluster.width, height: cluster.height, rx: 10 }),
    svg("path", { class: "tsv-chevron", d: "M11 13h9l-4.5 6z" }),
    text(26, 20, cluster.block ? "tsv-t-small" : "tsv-t-bold", cluster.title),
    text(cluster.width - 12, 20, "tsv-t-small tsv-end", cluster.note),
  );
}

const headPath = ({ points }: SceneEdge) => {
  const head = arrowHead(points);
  return `M${head.slice(0, 2).join(" ")}L${head.slice(2).join(" ")}Z`;
};

function edgeElement(edge: SceneEdge): SVGGElement {
  const group = svg(
    "g",
    { class: "tsv-edge" },
    svg("path", { class: "tsv-line", d: edgePath(edge.points) }),
    svg("path", { class: "tsv-head", d: headPath(edge) }),
  );
  const middle = edge.label === "" ? null : labelPlace(edge.points);
  if (middle) group.append(text(middle.x, middle.y, "tsv-t-edge", edge.label));
  return group;
}

function moveEdge(element: SVGGElement, before: SceneEdge, after: SceneEdge): boolean {
  if (before.label !== "" || after.label !== "") return false;
  const [line, head] = element.children;
  line?.setAttribute("d", edgePath(after.points));
  head?.setAttribute("d", headPath(after));
  return true;
}

const CLUSTER: Art<SceneCluster> = { make: clusterElement, move: moveRect };
const BOX: Art<SceneBox> = { make: boxElement, move: moveRect };
const EDGE: Art<SceneEdge> = { make: edgeElement, move: moveEdge };
