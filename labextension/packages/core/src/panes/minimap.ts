/** The whole scene in a corner, with the window on it; pressing it moves the window. */

import { h, whenIdle } from "../dom";
import type { Rect } from "../layout/types";
import type { Emphasis } from "../scene/paint";
import type { Scene } from "../scene/scene";
import { windowOf, type Size, type View } from "../scene/view";

const LARGE = { width: 132, height: 92 };
const SMALL = { width: 84, height: 64 };
/** A window narrower than this gets the small map. */
const NARROW = 640;
const MARGIN = 6;
const OUTLINES_ONLY = 3000;
/** Pixels of the map for each of the page. */
const PIXELS = 2;

export interface Minimap {
  readonly element: HTMLElement;
  update(scene: Scene, view: View, size: Size, emphasis: Emphasis): void;
}

export function createMinimap(setView: (view: View) => void): Minimap {
  const canvas = h("canvas", { "aria-hidden": "true" });
  const element = h("div", { class: "tsv-map", title: "Map: press to move the window" }, canvas);
  let last: { scene: Scene; view: View; size: Size } | null = null;
  let map = { width: 0, height: 0 };
  const resize = (next: Size) => {
    if (next === map) return;
    map = next;
    for (const each of [canvas, ground]) {
      each.width = map.width * PIXELS;
      each.height = map.height * PIXELS;
    }
    canvas.style.width = `${map.width}px`;
    canvas.style.height = `${map.height}px`;
  };

  const scaleOf = (scene: Scene) =>
    Math.min(
      (map.width - 2 * MARGIN) / Math.max(scene.width, 1),
      (map.height - 2 * MARGIN) / Math.max(scene.height, 1),
    );
  const offsetOf = (scene: Scene, scale: number) => ({
    x: (map.width - scene.width * scale) / 2,
    y: (map.height - scene.height * scale) / 2,
  });

  const jump = (event: PointerEvent) => {
    if (!last || event.buttons === 0) return;
    const { scene, view, size } = last;
    const scale = scaleOf(scene);
    const offset = offsetOf(scene, scale);
    const { left, top } = element.getBoundingClientRect();
    const x = (event.clientX - left - offset.x) / scale;
    const y = (event.clientY - top - offset.y) / scale;
    setView({
      x: size.width / 2 - x * view.scale,
      y: size.height / 2 - y * view.scale,
      scale: view.scale,
    });
  };
  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    jump(event);
  });
  element.addEventListener("pointermove", jump);

  /** The scene on the map: as long as it looks the same, only the window on it is drawn anew. */
  const ground = h("canvas");
  let drawn: { scene: Scene; map: typeof map; look: string } | null = null;
  const drawGround = (scene: Scene, scale: number, strong: ReadonlySet<string>, ink: Ink) => {
    const look = [ink.scope, ink.control, ink.box, ink.strong, ...strong].join();
    if (drawn?.scene === scene && drawn.map === map && drawn.look === look) return;
    drawn = { scene, map, look };
    const context = contextOf(ground, map, offsetOf(scene, scale));
    if (!context) return;
    for (const cluster of scene.clusters) {
      context.strokeStyle = cluster.control ? ink.control : ink.scope;
      context.strokeRect(...scaled(cluster, scale));
    }
    if (scene.boxes.length > OUTLINES_ONLY) return;
    for (const box of scene.boxes) {
      context.fillStyle = strong.has(box.id) ? ink.strong : ink.box;
      context.fillRect(...scaled(box, scale));
    }
  };

  const draw = (scene: Scene, view: View, size: Size, { selected, marked }: Emphasis) => {
    resize(size.width < NARROW ? SMALL : LARGE);
    const scale = scaleOf(scene);
    const ink = inkOf(getComputedStyle(element));
    drawGround(scene, scale, new Set([...selected, ...marked]), ink);
    const context = contextOf(canvas, map, { x: 0, y: 0 });
    if (!context) return;
    context.drawImage(ground, 0, 0, map.width, map.height);
    const offset = offsetOf(scene, scale);
    context.translate(offset.x, offset.y);
    context.strokeStyle = ink.strong;
    context.lineWidth = 1.25;
    context.strokeRect(...scaled(windowOf(view, size), scale));
  };

  let due: (() => void) | null = null;
  /** After the picture itself has been painted: the map reads styles, which the picture waits for. */
  const drawSoon = (drawing: () => void) => {
    if (!due)
      whenIdle(() => {
        due?.();
        due = null;
      });
    due = drawing;
  };

  return {
    element,
    update(scene, view, size, emphasis) {
      last = { scene, view, size };
      const seen = windowOf(view, size);
      const whole = seen.width >= scene.width && seen.height >= scene.height;
      element.hidden = scene.boxes.length === 0 || whole || size.width < 300;
      if (!element.hidden) drawSoon(() => draw(scene, view, size, emphasis));
    },
  };
}

/** Colours, read once: the browser needs longer to look one up than to draw with it. */
interface Ink {
  readonly scope: string;
  readonly control: string;
  readonly box: string;
  readonly strong: string;
}

function inkOf(style: CSSStyleDeclaration): Ink {
  const colour = (token: string) => style.getPropertyValue(token).trim();
  return {
    scope: colour("--tsv-scope-line"),
    control: colour("--tsv-ctl-line"),
    box: colour("--tsv-op-line"),
    strong: colour("--tsv-sel"),
  };
}

/** What draws on a canvas that has been wiped. */
function contextOf(
  canvas: HTMLCanvasElement,
  { width, height }: { width: number; height: number },
  offset: { x: number; y: number },
): CanvasRenderingContext2D | null {
  const context = canvas.getContext("2d");
  context?.setTransform(PIXELS, 0, 0, PIXELS, 0, 0);
  context?.clearRect(0, 0, width, height);
  context?.translate(offset.x, offset.y);
  return context;
}

const scaled = (rect: Rect, scale: number) =>
  [
    rect.x * scale,
    rect.y * scale,
    Math.max(rect.width * scale, 1.5),
    Math.max(rect.height * scale, 1.5),
  ] as const;
