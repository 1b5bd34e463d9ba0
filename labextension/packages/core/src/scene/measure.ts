/** Widths of words in the fonts of the picture. */

import { h } from "../dom";

export type Font = "body" | "bold" | "small" | "mono" | "small-mono";
export type Measure = (text: string, font: Font) => number;

export const SANS = 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
export const MONO = 'ui-monospace, "SF Mono", "JetBrains Mono", Menlo, Consolas, monospace';

export const FONTS: Record<Font, string> = {
  body: `12px ${SANS}`,
  bold: `600 12px ${SANS}`,
  small: `10.5px ${SANS}`,
  mono: `11px ${MONO}`,
  "small-mono": `10px ${MONO}`,
};

/** Widths without a font at hand: for tests and for pages without a canvas. */
export const estimate: Measure = (text, font) =>
  text.length * (font === "body" || font === "bold" ? 7 : 6.2);

/** Measures with a canvas and remembers every word. */
export function canvasMeasure(): Measure {
  const context = h("canvas").getContext("2d");
  if (!context) return estimate;
  const known = new Map<string, number>();
  return (text, font) => {
    const key = `${font} ${text}`;
    let width = known.get(key);
    if (width === undefined) {
      context.font = FONTS[font];
      width = context.measureText(text).width;
      known.set(key, width);
    }
    return width;
  };
}
