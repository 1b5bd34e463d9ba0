/** Paints a scene on a canvas: for views of more things than SVG can move. */

import { h } from "../dom";
import type { Rect } from "../layout/types";
import { boxLook, clusterLook, isPill } from "./looks";
import { FONTS } from "./measure";
import {
  SIGNS,
  arrowHead,
  classesOf,
  labelPlace,
  touched,
  type Change,
  type Emphasis,
  type Frame,
  type Painter,
} from "./paint";
import type { Scene, SceneBox, SceneCluster, SceneEdge } from "./scene";
import { edgeBounds, overlaps, windowOf, withRoom, type Size, type View } from "./view";

/** Below this scale words are not legible and are left out. */
const LEGIBLE = 0.4;
/** Corners of fewer pixels look like sharp ones, which cost a fifth. */
const ROUND = 1.5;
/** Where more than so many boxes are set off otherwise, all is painted. */
const MOST_PARTS = 12;
/** Longer paths make some browsers hang. */
const SEGMENTS_A_STROKE = 200;

export class CanvasPainter implements Painter {
  readonly element = h("canvas");
  private readonly context: CanvasRenderingContext2D | null;
  private last: Frame | null = null;
  private look = "";

  constructor() {
    this.element.className = "tsv-canvas";
    this.element.setAttribute("aria-hidden", "true");
    this.context = this.element.getContext("2d", { willReadFrequently: true });
  }

  paint(frame: Frame): void {
    const { context: c } = this;
    if (!c) return;
    const ratio = globalThis.devicePixelRatio || 1;
    const brush = new Brush(c, frame.view.scale, getComputedStyle(this.element));
    const look = `${ratio} ${brush.look()}`;
    const isNew = this.resize(frame.size, ratio);
    const parts = isNew || look !== this.look ? null : this.touchedParts(frame);
    this.look = look;
    this.last = frame;
    if (!parts) this.paintPart(c, brush, frame, windowOf(frame.view, frame.size), this.whole());
    else
      for (const part of parts)
        this.paintPart(c, brush, frame, part, pixelsOf(part, frame.view, ratio));
  }

  dispose(): void {
    this.element.remove();
  }

  private whole(): Rect {
    const { width, height } = this.element;
    return { x: 0, y: 0, width, height };
  }

  /** A new size takes new memory, so it is set only where it differs. */
  private resize(size: Size, ratio: number): boolean {
    const { element } = this;
    const [width, height] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
    const isNew = element.width !== width || element.height !== height;
    if (element.width !== width) element.width = width;
    if (element.height !== height) element.height = height;
    return isNew;
  }

  /** Where the picture differs from the last one, if only a few boxes are set off otherwise. */
  private touchedParts({ scene, view, emphasis }: Frame): readonly Rect[] | null {
    const { last } = this;
    if (last?.scene !== scene || last.view !== view) return null;
    const ids = touched(last.emphasis, emphasis);
    if (!ids || ids.size === 0 || ids.size > MOST_PARTS) return null;
    return [...scene.clusters, ...scene.boxes].filter(({ id }) => ids.has(id)).map(withRoom);
  }

  private paintPart(
    c: CanvasRenderingContext2D,
    brush: Brush,
    { scene, view, emphasis }: Frame,
    part: Rect,
    { x, y, width, height }: Rect,
  ): void {
    const ratio = globalThis.devicePixelRatio || 1;
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.save();
    c.beginPath();
    c.rect(x, y, width, height);
    c.clip();
    c.clearRect(x, y, width, height);
    c.setTransform(view.scale * ratio, 0, 0, view.scale * ratio, view.x * ratio, view.y * ratio);
    const near = view.scale < LEGIBLE ? part : withRoom(part);
    for (const cluster of scene.clusters)
      if (overlaps(cluster, near)) brush.cluster(cluster, emphasis);
    this.edges(brush, scene, near, emphasis);
    for (const box of scene.boxes) if (overlaps(box, near)) brush.box(box, emphasis);
    c.restore();
  }

  private edges(brush: Brush, scene: Scene, near: Rect, emphasis: Emphasis): void {
    const plain: SceneEdge[] = [];
    const path: SceneEdge[] = [];
    scene.edges.forEach((edge, i) => {
      if (edge.points.length === 0) return;
      const bounds = edgeBounds(edge);
      if (!overlaps(bounds, near)) return;
      if (Math.max(bounds.width, bounds.height) * brush.scale < 2) return;
      (emphasis.path.has(i) ? path : plain).push(edge);
    });
    brush.edges(plain, "--tsv-ink3", 1.2, emphasis.dim ? 0.35 : 1);
    brush.edges(path, "--tsv-sel", 1.8, 1);
  }
}

/** In whole pixels, so that a part leaves no seam. */
function pixelsOf(part: Rect, { x, y, scale }: View, ratio: number): Rect {
  const at = (place: number, shift: number) => (place * scale + shift) * ratio;
  const [left, top] = [Math.floor(at(part.x, x)), Math.floor(at(part.y, y))];
  const right = Math.ceil(at(part.x + part.width, x));
  const bottom = Math.ceil(at(part.y + part.height, y));
  return { x: left, y: top, width: right - left, height: bottom - top };
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

  /** Differs where the theme does. */
  look(): string {
    return ["--tsv-bg", "--tsv-op", "--tsv-ink"].map((token) => this.colour(token)).join(" ");
  }

  cluster(cluster: SceneCluster, emphasis: Emphasis): void {
    const { c } = this;
    const classes = classesOf(cluster.id, emphasis);
    c.globalAlpha = classes.includes("is-dim") ? 0.7 : 1;
    this.shape(cluster, 10, clusterLook(cluster, classes), classes);
    if (this.scale >= LEGIBLE) this.title(cluster);
    c.globalAlpha = 1;
  }

  private title({ x, y, width, block, control, title, note }: SceneCluster): void {
    const [font, ink] = block
      ? (["small", "--tsv-ink3"] as const)
      : (["bold", control ? "--tsv-ctl-ink" : "--tsv-ink"] as const);
    this.polygon([x + 11, y + 13, x + 20, y + 13, x + 15.5, y + 19], "--tsv-ink3");
    this.text(title, x + 26, y + 20, font, ink, "left");
    this.text(note, x + width - 12, y + 20, "small", "--tsv-ink3", "right");
  }

  box(box: SceneBox, emphasis: Emphasis): void {
    const { c } = this;
    const classes = classesOf(box.id, emphasis);
    c.globalAlpha = classes.includes("is-dim") ? 0.35 : 1;
    this.shape(box, isPill(box) ? box.height / 2 : 8, boxLook(box, classes), classes);
    if (this.scale >= LEGIBLE) this.words(box);
    c.globalAlpha = 1;
  }

  private words(box: SceneBox): void {
    const middle = box.y + box.height / 2;
    if (box.kind === "container") {
      const ink = box.control ? "--tsv-ctl-ink" : "--tsv-ink";
      const [x, y] = [box.x + 12, box.y + 12];
      this.polygon([x, y, x + 5, y + 4.5, x, y + 9], "--tsv-ink3");
      this.text(box.title, box.x + 24, box.y + 20.5, "bold", ink, "left");
      this.text(box.subtitle, box.x + 14, box.y + 37, "small", "--tsv-ink3", "left");
      this.text(box.note, box.x + box.width - 10, box.y + 20.5, "small", "--tsv-ink3", "right");
    } else {
      const font = isPill(box) ? "mono" : "body";
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
    this.circle(x - 12, y, 3, "--tsv-ink3");
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
      for (const { points } of edges) this.polygon(arrowHead(points), token);
      for (const edge of edges) this.label(edge);
    }
    c.globalAlpha = 1;
  }

  /** A filled triangle. */
  private polygon([x0 = 0, y0 = 0, x1 = 0, y1 = 0, x2 = 0, y2 = 0]: number[], token: string): void {
    const { c } = this;
    c.fillStyle = this.colour(token);
    c.beginPath();
    c.moveTo(x0, y0);
    c.lineTo(x1, y1);
    c.lineTo(x2, y2);
    c.fill();
  }

  private circle(x: number, y: number, radius: number, token: string): void {
    const { c } = this;
    c.fillStyle = this.colour("--tsv-bg");
    c.strokeStyle = this.colour(token);
    c.lineWidth = 1;
    c.beginPath();
    c.arc(x, y, radius, 0, 2 * Math.PI);
    c.fill();
    c.stroke();
  }

  private label(edge: SceneEdge): void {
    const place = edge.label === "" ? null : labelPlace(edge.points);
    if (place) this.text(edge.label, place.x, place.y, "small-mono", "--tsv-ink3", "left");
  }

  private shape(
    { x, y, width, height }: SceneBox | SceneCluster,
    radius: number,
    { fill, line }: ReturnType<typeof boxLook>,
    classes: readonly string[],
  ): void {
    const { c } = this;
    c.fillStyle = this.colour(fill);
    c.strokeStyle = this.colour(line.colour);
    c.lineWidth = line.width;
    if (line.dash.length > 0) c.setLineDash(line.dash);
    if (radius * this.scale < ROUND) {
      c.fillRect(x, y, width, height);
      c.strokeRect(x, y, width, height);
    } else {
      c.beginPath();
      c.roundRect(x, y, width, height, radius);
      c.fill();
      c.stroke();
    }
    if (line.dash.length > 0) c.setLineDash([]);
    if (classes.length > 0 && this.scale >= LEGIBLE) this.signs(x, y, width, classes);
  }

  /** On the corners: where the program is held, and what sets the snapshot off from another. */
  private signs(x: number, y: number, width: number, classes: readonly string[]): void {
    const { c } = this;
    if (classes.includes("is-here")) {
      this.polygon([x - 4, y - 5, x + 6, y + 1, x - 4, y + 7], "--tsv-here");
      c.strokeStyle = this.colour("--tsv-bg");
      c.lineWidth = 1;
      c.closePath();
      c.stroke();
    }
    const change = changeOf(classes);
    if (!change) return;
    this.circle(x + width - 2, y + 2, 8, COLOURS[change]);
    this.text(SIGNS[change], x + width - 2, y + 6, "bold", COLOURS[change], "center");
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

const COLOURS: Record<Change, string> = {
  made: "--tsv-add",
  removed: "--tsv-del-ink",
  edited: "--tsv-chg",
  moved: "--tsv-chg",
};

function changeOf(classes: readonly string[]): Change | undefined {
  return (Object.keys(SIGNS) as Change[]).find((change) => classes.includes(`is-${change}`));
}
