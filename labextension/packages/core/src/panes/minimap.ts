/** The whole scene in a corner, with the window on it; pressing it moves the window. */

import { h, whenIdle } from "../dom";
import type { Emphasis } from "../scene/paint";
import type { Scene } from "../scene/scene";
import { windowOf, type Size, type View } from "../scene/view";

const LARGE = { width: 132, height: 92 };
const SMALL = { width: 84, height: 64 };
/** A window narrower than this gets the small map. */
const NARROW = 640;
const MARGIN = 6;
const OUTLINES_ONLY = 3000;

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
    canvas.width = map.width * 2;
    canvas.height = map.height * 2;
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

  const draw = (scene: Scene, view: View, size: Size, emphasis: Emphasis) => {
    resize(size.width < NARROW ? SMALL : LARGE);
    const context = canvas.getContext("2d");
    if (!context) return;
    const scale = scaleOf(scene);
    const offset = offsetOf(scene, scale);
    const style = getComputedStyle(element);
    const colours = new Map<string, string>();
    /** Read once: the browser needs longer to look one up than to draw with it. */
    const colour = (token: string) => {
      const known = colours.get(token) ?? style.getPropertyValue(token).trim();
      colours.set(token, known);
      return known;
    };
    context.setTransform(2, 0, 0, 2, 0, 0);
    context.clearRect(0, 0, map.width, map.height);
    context.translate(offset.x, offset.y);
    const rect = (r: { x: number; y: number; width: number; height: number }) =>
      [
        r.x * scale,
        r.y * scale,
        Math.max(r.width * scale, 1.5),
        Math.max(r.height * scale, 1.5),
      ] as const;
    for (const cluster of scene.clusters) {
      context.strokeStyle = colour(cluster.control ? "--tsv-ctl-line" : "--tsv-scope-line");
      context.strokeRect(...rect(cluster));
    }
    if (scene.boxes.length <= OUTLINES_ONLY)
      for (const box of scene.boxes) {
        const strong = emphasis.selected.has(box.id) || emphasis.marked.has(box.id);
        context.fillStyle = colour(strong ? "--tsv-sel" : "--tsv-op-line");
        context.fillRect(...rect(box));
      }
    context.strokeStyle = colour("--tsv-sel");
    context.lineWidth = 1.25;
    context.strokeRect(...rect(windowOf(view, size)));
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
