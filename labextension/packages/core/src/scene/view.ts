/** Which part of a scene is shown, and how large. Pure functions. */

import type { Rect } from "../layout/types";
import type { Scene, SceneBox, SceneCluster, SceneEdge } from "./scene";

export interface View {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export const SMALLEST = 0.02;
export const LARGEST = 4;
/** A fresh view is never smaller than this: labels must be readable; the rest is a scroll away. */
const READABLE = 0.55;

const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);

/** Keeps the scene point under (`x`, `y`) of the screen where it is. */
export function zoomAt(view: View, factor: number, x: number, y: number): View {
  const scale = clamp(view.scale * factor, SMALLEST, LARGEST);
  const ratio = scale / view.scale;
  return { x: x - (x - view.x) * ratio, y: y - (y - view.y) * ratio, scale };
}

/** The whole scene in the middle. */
export function fit(scene: Scene, size: Size, margin = 28): View {
  const room = {
    width: Math.max(size.width - 2 * margin, 1),
    height: Math.max(size.height - 2 * margin - 30, 1),
  };
  const scale = clamp(
    Math.min(room.width / Math.max(scene.width, 1), room.height / Math.max(scene.height, 1), 1.25),
    SMALLEST,
    LARGEST,
  );
  return {
    x: (size.width - scene.width * scale) / 2,
    y: (size.height - scene.height * scale) / 2 + 15,
    scale,
  };
}

/** The first view: all of it where that is readable, else its beginning at a readable size. */
export function initial(scene: Scene, size: Size): View {
  const all = fit(scene, size);
  if (all.scale >= READABLE) return all;
  const scale = clamp((size.width - 40) / Math.max(scene.width, 1), READABLE, 1);
  const first = scene.boxes.reduce<SceneBox | undefined>(
    (top, box) => (top === undefined || box.y < top.y ? box : top),
    undefined,
  );
  const middle = first ? first.x + first.width / 2 : scene.width / 2;
  const fits = scene.width * scale <= size.width;
  return {
    x: fits ? (size.width - scene.width * scale) / 2 : size.width / 2 - middle * scale,
    y: 56,
    scale,
  };
}

/** Moves as little as needed to bring a rectangle into view. */
export function bring(view: View, rect: Rect, size: Size, margin = 48): View {
  const shift = (from: number, length: number, offset: number, room: number) => {
    const start = from * view.scale + offset;
    const end = start + length * view.scale;
    if (end - start > room - 2 * margin)
      return start > room - margin || end < margin ? room / 2 - (start + end) / 2 : 0;
    if (start < margin) return margin - start;
    return end > room - margin ? room - margin - end : 0;
  };
  const dx = shift(rect.x, rect.width, view.x, size.width);
  const dy = shift(rect.y, rect.height, view.y, size.height);
  return dx === 0 && dy === 0 ? view : { ...view, x: view.x + dx, y: view.y + dy };
}

/**
 * The view onto a new picture in which `id`, or else what stood nearest the middle of the window,
 * has not moved; `null` if nothing of what was seen is left.
 */
export function hold(view: View, from: Scene, to: Scene, size: Size, id: string): View | null {
  const before = new Map(rectangles(from));
  const after = new Map(rectangles(to));
  const seen = windowOf(view, size);
  const distance = (rect: Rect) =>
    Math.hypot(middle(rect) - middle(seen), rect.y + rect.height / 2 - seen.y - seen.height / 2);
  const [nearest] = [...before]
    .filter(([other, rect]) => after.has(other) && overlaps(rect, seen))
    .map(([other, rect]) => ({ other, far: distance(rect) }))
    .sort((a, b) => a.far - b.far);
  const anchor = before.has(id) && after.has(id) ? id : nearest?.other;
  const was = before.get(anchor ?? "");
  const is = after.get(anchor ?? "");
  if (!was || !is) return null;
  const { x, y, scale } = view;
  return { x: x + (middle(was) - middle(is)) * scale, y: y + (was.y - is.y) * scale, scale };
}

const middle = (rect: Rect) => rect.x + rect.width / 2;

const rectangles = ({ boxes, clusters }: Scene): [string, Rect][] =>
  [...clusters, ...boxes].map((rect) => [rect.id, rect]);

/** The part of the scene that the window shows. */
export function windowOf(view: View, size: Size): Rect {
  return {
    x: -view.x / view.scale,
    y: -view.y / view.scale,
    width: size.width / view.scale,
    height: size.height / view.scale,
  };
}

/** Room for what sticks out of boxes and edges: names of stubs, labels, signs. */
const SIDES = 160;
const ENDS = 16;

/** A part of the scene with the room from which words reach into it. */
export function withRoom({ x, y, width, height }: Rect): Rect {
  return { x: x - SIDES, y: y - ENDS, width: width + 2 * SIDES, height: height + 2 * ENDS };
}

export function overlaps(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

const knownBounds = new WeakMap<SceneEdge, Rect>();

/** What an edge takes up; computed once. */
export function edgeBounds(edge: SceneEdge): Rect {
  let bounds = knownBounds.get(edge);
  if (!bounds) knownBounds.set(edge, (bounds = boundsOf(edge.points)));
  return bounds;
}

function boundsOf(points: readonly number[]): Rect {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i + 1 < points.length; i += 2) {
    left = Math.min(left, points[i]!);
    right = Math.max(right, points[i]!);
    top = Math.min(top, points[i + 1]!);
    bottom = Math.max(bottom, points[i + 1]!);
  }
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

const contains = (rect: Rect, x: number, y: number) =>
  x >= rect.x && x <= rect.x + rect.width && y >= rect.y && y <= rect.y + rect.height;

export type Hit =
  | { readonly kind: "box"; readonly box: SceneBox; readonly chevron: boolean }
  | { readonly kind: "stub"; readonly node: number }
  | { readonly kind: "cluster"; readonly cluster: SceneCluster; readonly chevron: boolean };

const CHEVRON = 24;
const STUB_REACH = 150;

/** What lies under a point of the scene: boxes over stubs over clusters, inner over outer. */
export function hitTest(scene: Scene, x: number, y: number): Hit | null {
  for (const box of scene.boxes) {
    if (contains(box, x, y))
      return { kind: "box", box, chevron: box.kind === "container" && x < box.x + CHEVRON };
    if (x < box.x && x > box.x - STUB_REACH)
      for (const stub of box.stubs)
        if (Math.abs(y - box.y - stub.y) < 7) return { kind: "stub", node: stub.node };
  }
  for (let i = scene.clusters.length - 1; i >= 0; i--) {
    const cluster = scene.clusters[i]!;
    if (contains(cluster, x, y))
      return { kind: "cluster", cluster, chevron: x < cluster.x + 28 && y < cluster.y + 28 };
  }
  return null;
}

/** The scene between two scenes: what stands in both moves, the rest appears at once. */
export function between(from: Scene, to: Scene, t: number): Scene {
  const places = new Map<string, Rect>([...from.boxes, ...from.clusters].map((r) => [r.id, r]));
  const mix = <T extends Rect & { readonly id: string }>(target: T): T => {
    const start = places.get(target.id);
    if (!start) return target;
    const at = (key: keyof Rect) => start[key] + (target[key] - start[key]) * t;
    return { ...target, x: at("x"), y: at("y"), width: at("width"), height: at("height") };
  };
  return {
    ...to,
    boxes: to.boxes.map(mix),
    clusters: to.clusters.map(mix),
    edges: t < 1 ? [] : to.edges,
  };
}
