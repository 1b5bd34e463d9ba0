/** Paints a scene on a canvas: for views of more things than SVG can move. */

import { h } from "../dom";
import { FONTS } from "./measure";
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
import { edgeBounds } from "./svg";
import { overlaps, windowOf } from "./view";

/** Below this scale words are not legible and are left out. */
const LEGIBLE = 0.4;
/** Longer paths make some browsers hang. */
const SEGMENTS_A_STROKE = 200;

export class CanvasPainter implements Painter {
  readonly element = h("canvas");
  private readonly context: CanvasRenderingContext2D | null;
  private readonly bounds = new WeakMap<SceneEdge, ReturnType<typeof edgeBounds>>();

  constructor() {
    this.element.className = "tsv-canvas";
    this.element.setAttribute("aria-hidden", "true");
    this.context = this.element.getContext("2d", { willReadFrequently: true });
  }

  paint(frame: Frame): void {
    const { context: c } = this;
    if (!c) return;
    const ratio = globalThis.devicePixelRatio || 1;
    const { size, view, scene, emphasis } = frame;
    this.element.width = Math.round(size.width * ratio);
    this.element.height = Math.round(size.height * ratio);
    c.setTransform(view.scale * ratio, 0, 0, view.scale * ratio, view.x * ratio, view.y * ratio);
    const brush = new Brush(c, view.scale, getComputedStyle(this.element));
    const seen = windowOf(view, size);
    for (const cluster of scene.clusters)
      if (overlaps(cluster, seen)) brush.cluster(cluster, emphasis);
    this.edges(brush, scene, seen, emphasis);
    for (const box of scene.boxes) if (overlaps(box, seen)) brush.box(box, emphasis);
  }

  dispose(): void {
    this.element.remove();
  }

  private edges(
    brush: Brush,
    scene: Scene,
    seen: ReturnType<typeof windowOf>,
    emphasis: Emphasis,
  ): void {
    const plain: SceneEdge[] = [];
    const path: SceneEdge[] = [];
    scene.edges.forEach((edge, i) => {
      if (edge.points.length === 0) return;
      let bounds = this.bounds.get(edge);
      if (!bounds) this.bounds.set(edge, (bounds = edgeBounds(edge)));
      if (!overlaps(bounds, seen)) return;
      if (Math.max(bounds.width, bounds.height) * brush.scale < 2) return;
      (emphasis.path.has(i) ? path : plain).push(edge);
    });
    brush.edges(plain, "--tsv-ink3", 1.2, emphasis.dim ? 0.35 : 1);
    brush.edges(path, "--tsv-sel", 1.8, 1);
  }
}

class Brush {
  constructor(
    private readonly c: CanvasRenderingContext2D,
    readonly scale: number,
    private readonly style: CSSStyleDeclaration,
  ) {}

  private readonly colours = new Map<string, string>();

  private colour(token: string): string {
    let value = this.colours.get(token);
    if (value === undefined) {
      value = this.style.getPropertyValue(token).trim() || "#888";
      this.colours.set(token, value);
    }
    return value;
  }

  cluster(cluster: SceneCluster, emphasis: Emphasis): void {
    const classes = classesOf(cluster.id, emphasis);
    const fill = cluster.block ? "--tsv-bg" : cluster.control ? "--tsv-ctl" : "--tsv-scope";
    const stroke = line(classes, cluster.control ? "--tsv-ctl-line" : "--tsv-scope-line");
    this.shape(cluster, 10, fill, stroke, classes);
    if (this.scale < LEGIBLE) return;
    const { x, y, width } = cluster;
    const [font, ink] = cluster.block
      ? (["small", "--tsv-ink3"] as const)
      : (["bold", cluster.control ? "--tsv-ctl-ink" : "--tsv-ink"] as const);
    this.text("▾", x + 11, y + 20, "bold", "--tsv-ink3", "left");
    this.text(cluster.title, x + 26, y + 20, font, ink, "left");
    this.text(cluster.note, x + width - 12, y + 20, "small", "--tsv-ink3", "right");
  }

  box(box: SceneBox, emphasis: Emphasis): void {
    const { c } = this;
    const classes = classesOf(box.id, emphasis);
    const isPill = box.kind !== "op" && box.kind !== "container";
    const fill = classes.includes("is-here")
      ? "--tsv-here-bg"
      : box.level > 0
        ? `--tsv-heat-${box.level}`
        : classes.includes("is-selected") || classes.includes("is-marked")
          ? "--tsv-sel-bg"
          : box.control
            ? "--tsv-ctl"
            : box.kind === "container"
              ? "--tsv-scope"
              : "--tsv-op";
    c.globalAlpha = classes.includes("is-dim") ? 0.35 : 1;
    this.shape(
      box,
      isPill ? box.height / 2 : 8,
      fill,
      line(classes, box.control ? "--tsv-ctl-line" : "--tsv-op-line"),
      classes,
    );
    if (this.scale >= LEGIBLE) this.words(box, isPill);
    c.globalAlpha = 1;
  }

  private words(box: SceneBox, isPill: boolean): void {
    const middle = box.y + box.height / 2;
    if (box.kind === "container") {
      const ink = box.control ? "--tsv-ctl-ink" : "--tsv-ink";
      this.text("▸", box.x + 12, box.y + 20.5, "bold", "--tsv-ink3", "left");
      this.text(box.title, box.x + 24, box.y + 20.5, "bold", ink, "left");
      this.text(box.subtitle, box.x + 14, box.y + 37, "small", "--tsv-ink3", "left");
      this.text(box.note, box.x + box.width - 10, box.y + 20.5, "small", "--tsv-ink3", "right");
    } else {
      const font = isPill ? "mono" : "body";
      const y = box.heat === "" ? middle + 4 : middle - 3;
      this.text(box.title, box.x + box.width / 2, y, font, "--tsv-ink", "center");
    }
    this.heat(box);
    for (const stub of box.stubs) this.stub(box.x, box.y + stub.y, middle, stub.text);
  }

  private heat({ kind, x, y, width, height, heat }: SceneBox): void {
    const isLeft = kind === "container";
    const at = isLeft ? x + 14 : x + width / 2;
    this.text(heat, at, y + height - 8, "small", "--tsv-ink", isLeft ? "left" : "center");
  }

  private stub(x: number, y: number, middle: number, text: string): void {
    const { c } = this;
    c.strokeStyle = this.colour("--tsv-op-line");
    c.lineWidth = 1;
    c.beginPath();
    c.moveTo(x - 9, y);
    c.lineTo(x, middle);
    c.stroke();
    c.strokeStyle = this.colour("--tsv-ink3");
    c.beginPath();
    c.arc(x - 12, y, 3, 0, 2 * Math.PI);
    c.stroke();
    this.text(text, x - 19, y + 3.5, "small", "--tsv-ink3", "right");
  }

  edges(edges: readonly SceneEdge[], token: string, width: number, alpha: number): void {
    const { c } = this;
    c.globalAlpha = alpha;
    c.strokeStyle = c.fillStyle = this.colour(token);
    c.lineWidth = width;
    for (let from = 0; from < edges.length; from += SEGMENTS_A_STROKE) {
      c.beginPath();
      for (const { points } of edges.slice(from, from + SEGMENTS_A_STROKE)) {
        c.moveTo(points[0]!, points[1]!);
        for (let i = 2; i + 5 < points.length; i += 6)
          c.bezierCurveTo(
            points[i]!,
            points[i + 1]!,
            points[i + 2]!,
            points[i + 3]!,
            points[i + 4]!,
            points[i + 5]!,
          );
      }
      c.stroke();
    }
    if (this.scale >= LEGIBLE) {
      for (const edge of edges) this.head(edge);
      for (const edge of edges) this.label(edge);
    }
    c.globalAlpha = 1;
  }

  private head(edge: SceneEdge): void {
    const { c } = this;
    const [x0 = 0, y0 = 0, x1 = 0, y1 = 0, x2 = 0, y2 = 0] = arrowHead(edge.points);
    c.beginPath();
    c.moveTo(x0, y0);
    c.lineTo(x1, y1);
    c.lineTo(x2, y2);
    c.fill();
  }

  private label(edge: SceneEdge): void {
    const place = edge.label === "" ? null : labelPlace(edge.points);
    if (place) this.text(edge.label, place.x, place.y, "small-mono", "--tsv-ink3", "left");
  }

  private shape(
    rect: SceneBox | SceneCluster,
    radius: number,
    fill: string,
    stroke: string,
    classes: readonly string[],
  ): void {
    const { c } = this;
    c.beginPath();
    c.roundRect(rect.x, rect.y, rect.width, rect.height, radius);
    c.fillStyle = this.colour(fill);
    c.fill();
    c.strokeStyle = this.colour(stroke);
    const isHere = classes.includes("is-here");
    c.lineWidth = isHere || classes.includes("is-selected") ? 2 : 1;
    c.stroke();
    if (isHere && this.scale >= LEGIBLE)
      this.text("▶", rect.x + 1, rect.y + 5, "bold", "--tsv-here", "center");
    const change = changeOf(classes);
    if (change && this.scale >= LEGIBLE)
      this.text(
        SIGNS[change],
        rect.x + rect.width - 7,
        rect.y + 12,
        "bold",
        COLOURS[change],
        "right",
      );
  }

  private text(
    text: string,
    x: number,
    y: number,
    font: keyof typeof FONTS,
    token: string,
    align: CanvasTextAlign,
  ): void {
    const { c } = this;
    if (text === "") return;
    c.font = FONTS[font];
    c.textAlign = align;
    c.fillStyle = this.colour(token);
    c.fillText(text, x, y);
  }
}

function line(classes: readonly string[], plain: string): string {
  if (classes.includes("is-here")) return "--tsv-here";
  if (classes.includes("is-input")) return "--tsv-add";
  if (classes.includes("is-output")) return "--tsv-chg";
  const strong = ["is-selected", "is-marked", "is-hovered", "is-alike"];
  if (strong.some((name) => classes.includes(name))) return "--tsv-sel";
  const change = changeOf(classes);
  return change ? COLOURS[change] : plain;
}

const COLOURS: Record<Change, string> = {
  made: "--tsv-add",
  removed: "--tsv-del-ink",
  edited: "--tsv-chg",
  moved: "--tsv-chg",
};

function changeOf(classes: readonly string[]): Change | undefined {
  return (Object.keys(SIGNS) as Change[]).find((change) => classes.includes(`is-${change}`));
}
