/** A scene as a picture file: SVG with its styles inside, or PNG. */

import { h, svg } from "../dom";
import { NO_EMPHASIS } from "./paint";
import type { Scene } from "./scene";
import { SvgPainter } from "./svg";
import { CanvasPainter } from "./canvas";

const MARGIN = 20;
const LARGEST_PNG = 8000;

/** Properties that make up the look; computed values are written so that no theme is needed. */
const LOOKS = [
  "fill",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "font",
  "text-anchor",
  "opacity",
];

/**
 * @param host an element inside the explorer, whose theme the picture takes
 */
export function sceneToSvg(scene: Scene, host: HTMLElement): string {
  const painter = new SvgPainter();
  const [width, height] = [scene.width + 2 * MARGIN, scene.height + 2 * MARGIN];
  painter.paint({
    scene,
    view: { x: MARGIN, y: MARGIN, scale: 1 },
    size: { width, height },
    emphasis: NO_EMPHASIS,
  });
  const { element } = painter;
  host.append(element);
  const background = getComputedStyle(host).getPropertyValue("--tsv-bg").trim();
  for (const part of element.querySelectorAll<SVGElement>("rect, path, circle, text")) {
    const style = getComputedStyle(part);
    for (const look of LOOKS) part.style.setProperty(look, style.getPropertyValue(look));
  }
  element.remove();
  for (const part of element.querySelectorAll("[data-id]")) part.removeAttribute("data-base");
  element.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  element.setAttribute("viewBox", `0 0 ${width} ${height}`);
  element.setAttribute("width", String(width));
  element.setAttribute("height", String(height));
  element.prepend(svg("rect", { width, height, fill: background }));
  return new XMLSerializer().serializeToString(element);
}

export function sceneToPng(scene: Scene, host: HTMLElement): Promise<Blob> {
  const painter = new CanvasPainter();
  const longest = Math.max(scene.width, scene.height) + 2 * MARGIN;
  const scale = Math.min(1, LARGEST_PNG / 2 / longest);
  const size = {
    width: (scene.width + 2 * MARGIN) * scale,
    height: (scene.height + 2 * MARGIN) * scale,
  };
  host.append(painter.element);
  painter.paint({
    scene,
    view: { x: MARGIN * scale, y: MARGIN * scale, scale },
    size,
    emphasis: NO_EMPHASIS,
  });
  const context = painter.element.getContext("2d");
  if (context) {
    context.globalCompositeOperation = "destination-over";
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = getComputedStyle(host).getPropertyValue("--tsv-bg").trim();
    context.fillRect(0, 0, painter.element.width, painter.element.height);
  }
  painter.element.remove();
  return new Promise((resolve, reject) => {
    painter.element.toBlob((blob) => {
      if (blob) resolve(blob);
      else reject(new Error("the browser could not make a PNG of this size"));
    });
  });
}

export function download(
  content: string | Blob | Uint8Array<ArrayBuffer>,
  type: string,
  name: string,
): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = h("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
