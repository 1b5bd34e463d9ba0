/** A plot and the table of the same numbers: what both are made from, without a library. */

import type { Target } from "../measured";
import type { Layout, Trace } from "./library";

/** What stands in a table: a text, and what it is sorted by where that is another thing. */
export type Cell = string | readonly [text: string, rank: number];

export interface Row {
  readonly cells: readonly Cell[];
  readonly target: Target | null;
}

export interface Picture {
  readonly traces: readonly Trace[];
  readonly layout: Layout;
}

export interface Chart {
  /** What it shows, in a few words. */
  readonly label: string;
  /** What has to be said about it, or "". */
  readonly note: string;
  /** What has to be said about its plot, or "". */
  readonly hint: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  /** Draws rows; marks carry the number of their row as `customdata`. Null where there is nothing to draw. */
  readonly draw: ((palette: Palette) => Picture) | null;
}

/** The colours of the explorer, as they are now. */
export interface Palette {
  readonly ink: string;
  readonly faint: string;
  readonly line: string;
  readonly ground: string;
  readonly accent: string;
  readonly second: string;
  /** Colours by Okabe and Ito, on light and on dark. */
  readonly several: readonly string[];
  /** From 0, nothing, to 7. */
  readonly heat: readonly string[];
  readonly font: string;
}

const SEVERAL = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00"];

export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(`--tsv-${name}`).trim() || "#888";
  return {
    ink: colour("ink"),
    faint: colour("ink3"),
    line: colour("line"),
    ground: colour("panel"),
    accent: colour("add"),
    second: colour("chg"),
    several: SEVERAL,
    heat: [colour("op"), ...[1, 2, 3, 4, 5, 6, 7].map((level) => colour(`heat-${level}`))],
    font: style.fontFamily,
  };
}

const LETTERS: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  $: "&#36;", // would begin a formula where the page has MathJax
};

/**
 * A name as Plotly shows it as it is: Plotly reads markup in every text, links among it. Names come
 * from the user's program, and from files of others.
 */
export function plain(name: string): string {
  return name.replace(/[&<>$]/g, (letter) => LETTERS[letter]!).replace(/\s+/g, " ");
}

/** The same for a text of which only the beginning has room. */
export function brief(name: string, most: number): string {
  const characters = Array.from(name); // whole ones
  return plain(characters.length > most ? `${characters.slice(0, most - 1).join("")}…` : name);
}

/** What all layouts have in common: no title, no ground of its own, the explorer's font. */
export function layoutOf(palette: Palette, more: Layout): Layout {
  return {
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: palette.font, size: 11, color: palette.ink },
    margin: { l: 8, r: 16, t: 8, b: 34 },
    showlegend: false,
    hoverlabel: {
      bgcolor: palette.ground,
      bordercolor: palette.line,
      font: { family: palette.font, size: 12, color: palette.ink },
      align: "left",
    },
    dragmode: false,
    ...more,
  };
}

/** An axis; `more` comes last. */
export function axisOf(palette: Palette, title: string, more: Layout = {}): Layout {
  return {
    title: { text: title, font: { size: 11, color: palette.faint }, standoff: 6 },
    gridcolor: palette.line,
    linecolor: palette.line,
    zerolinecolor: palette.line,
    tickfont: { size: 10.5, color: palette.faint },
    fixedrange: true,
    automargin: true,
    ...more,
  };
}
