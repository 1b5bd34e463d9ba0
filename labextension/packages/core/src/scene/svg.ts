/** Paints a scene as SVG. Only what is near the window has elements. */

import type { Rect } from "../layout/types";
import { arrowHead, classesOf, labelPlace, type Frame, type Painter } from "./paint";
import type { Scene, SceneBox, SceneCluster, SceneEdge } from "./scene";
import { overlaps, windowOf } from "./view";

const NS = "http://www.w3.org/2000/svg";

type Attributes = Readonly<Record<string, string | number>>;

export function svg<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

export class SvgPainter implements Painter {
  readonly element = svg("svg", { class: "tsv-svg", "aria-hidden": "true" });
  private readonly camera = svg("g");
  private readonly layers = {
    clusters: svg("g"),
    edges: svg("g", { class: "tsv-edges" }),
    boxes: svg("g"),
  };
  private readonly shown = new Map<string, SVGGElement>();
  private scene: Scene | null = null;
  private painted: Rect | null = null;

  constructor() {
    this.camera.append(this.layers.clusters, this.layers.edges, this.layers.boxes);
    this.element.append(this.camera);
  }

  paint({ scene, view, size, emphasis }: Frame): void {
    this.camera.setAttribute("transform", `translate(${view.x} ${view.y}) scale(${view.scale})`);
    const seen = windowOf(view, size);
    if (scene !== this.scene || !this.covers(seen)) this.fill(scene, seen);
    this.element.classList.toggle("is-dimmed", emphasis.dim);
    for (const [key, element] of this.shown) {
      const [base = "", id = key] = [element.dataset["base"], element.dataset["id"]];
      const extra = key.startsWith("e")
        ? edgeClasses(Number(key.slice(1)), emphasis)
        : classesOf(id, emphasis);
      const classes = [base, ...extra].join(" ");
      if (element.getAttribute("class") !== classes) element.setAttribute("class", classes);
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

  /** Makes elements for what is in the window and half a window around it. */
  private fill(scene: Scene, seen: Rect): void {
    const around = {
      x: seen.x - seen.width / 2 - 160,
      y: seen.y - seen.height / 2,
      width: seen.width * 2 + 320,
      height: seen.height * 2,
    };
    const fresh = scene !== this.scene;
    this.scene = scene;
    this.painted = around;
    const wanted = new Set<string>();
    const put = (key: string, layer: SVGGElement, make: () => SVGGElement) => {
      wanted.add(key);
      const known = this.shown.get(key);
      if (known && !fresh) return;
      const element = make();
      element.dataset["base"] = element.getAttribute("class") ?? "";
      if (known) known.replaceWith(element);
      else layer.append(element);
      this.shown.set(key, element);
    };
    for (const cluster of scene.clusters)
      if (overlaps(cluster, around))
        put(`c:${cluster.id}`, this.layers.clusters, () => clusterElement(cluster));
    for (const box of scene.boxes)
      if (overlaps(box, around)) put(`b:${box.id}`, this.layers.boxes, () => boxElement(box));
    scene.edges.forEach((edge, i) => {
      if (edge.points.length > 0 && overlaps(edgeBounds(edge), around))
        put(`e${i}`, this.layers.edges, () => edgeElement(edge));
    });
    for (const [key, element] of this.shown) {
      if (wanted.has(key)) continue;
      element.remove();
      this.shown.delete(key);
    }
    if (fresh) this.order(scene);
  }

  /** Inner clusters over outer ones, also where elements were reused. */
  private order(scene: Scene): void {
    for (const cluster of scene.clusters) {
      const element = this.shown.get(`c:${cluster.id}`);
      if (element) this.layers.clusters.append(element);
    }
  }
}

function edgeClasses(index: number, emphasis: Frame["emphasis"]): string[] {
  if (emphasis.path.has(index)) return ["is-path"];
  return emphasis.dim ? ["is-dim"] : [];
}

export function edgeBounds({ points }: SceneEdge): Rect {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i + 1 < points.length; i += 2) {
    left = Math.min(left, points[i]!);
    right = Math.max(right, points[i]!);
    top = Math.min(top, points[i + 1]!);
    bottom = Math.max(bottom, points[i + 1]!);
  }
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
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
    class: `tsv-box tsv-${kind}${box.control ? " tsv-control" : ""}`,
    transform: `translate(${box.x} ${box.y})`,
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
    group.append(text(box.width / 2, middle + 4, `${className} tsv-middle`, box.title));
  }
  for (const stub of box.stubs)
    group.append(
      svg("path", { class: "tsv-stub-line", d: `M-9 ${stub.y}L0 ${middle}` }),
      svg("circle", { class: "tsv-stub", cx: -12, cy: stub.y, r: 3 }),
      text(-19, stub.y + 3.5, "tsv-t-small tsv-end", stub.text),
    );
  return group;
}

function clusterElement(cluster: SceneCluster): SVGGElement {
  const kinds = `${cluster.control ? " tsv-control" : ""}${cluster.block ? " tsv-block" : ""}`;
  return svg(
    "g",
    {
      class: `tsv-cluster${kinds}`,
      transform: `translate(${cluster.x} ${cluster.y})`,
      "data-id": cluster.id,
    },
    svg("rect", { class: "tsv-shape", width: cluster.width, height: cluster.height, rx: 10 }),
    svg("path", { class: "tsv-chevron", d: "M11 13h9l-4.5 6z" }),
    text(26, 20, cluster.block ? "tsv-t-small" : "tsv-t-bold", cluster.title),
    text(cluster.width - 12, 20, "tsv-t-small tsv-end", cluster.note),
  );
}

function edgeElement(edge: SceneEdge): SVGGElement {
  const head = arrowHead(edge.points);
  const group = svg(
    "g",
    { class: "tsv-edge" },
    svg("path", { class: "tsv-line", d: edgePath(edge.points) }),
    svg("path", {
      class: "tsv-head",
      d: `M${head.slice(0, 2).join(" ")}L${head.slice(2).join(" ")}Z`,
    }),
  );
  const place = edge.label === "" ? null : labelPlace(edge.points);
  if (place) group.append(text(place.x, place.y, "tsv-t-edge", edge.label));
  return group;
}
