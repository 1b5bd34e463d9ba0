/** What both painters are given, and when which of them paints. */

import type { Scene } from "./scene";
import type { Size, View } from "./view";

/** What sets a node off from another snapshot; each has a sign, so that it needs no colour. */
export const SIGNS = { made: "+", removed: "−", edited: "~", moved: "↕" } as const;
export type Change = keyof typeof SIGNS;
export const CHANGE_WORDS: Readonly<Record<Change, string>> = {
  made: "made",
  removed: "taken away",
  edited: "changed",
  moved: "moved",
};

/** Ids of boxes and clusters that are set off, and how. */
export interface Emphasis {
  readonly selected: ReadonlySet<string>;
  /** Boxes with nodes of the selected line or hovered text. */
  readonly marked: ReadonlySet<string>;
  readonly hovered: ReadonlySet<string>;
  /** Where the program that is stepped is held. */
  readonly here: ReadonlySet<string>;
  readonly inputs: ReadonlySet<string>;
  readonly outputs: ReadonlySet<string>;
  readonly alike: ReadonlySet<string>;
  /** Boxes that set this snapshot off from another one. */
  readonly changes: ReadonlyMap<string, Change>;
  /** Edges (indexes of the scene) on a traced path. */
  readonly path: ReadonlySet<number>;
  /** Whether everything else steps back. */
  readonly dim: boolean;
}

const none: ReadonlySet<never> = new Set<never>();
export const NO_EMPHASIS: Emphasis = {
  selected: none,
  marked: none,
  hovered: none,
  here: none,
  inputs: none,
  outputs: none,
  alike: none,
  changes: new Map(),
  path: none,
  dim: false,
};

export interface Frame {
  readonly scene: Scene;
  readonly view: View;
  readonly size: Size;
  readonly emphasis: Emphasis;
}

export interface Painter {
  readonly element: Element & ElementCSSInlineStyle;
  paint(frame: Frame): void;
  dispose(): void;
}

export const UP = 250;
export const DOWN = 150;

/**
 * Canvas above 250 visible boxes, SVG below 150; in between whatever it was. SVG lays all its words
 * out anew at each step of a zoom.
 */
export function wantsCanvas(visible: number, isCanvas: boolean): boolean {
  return isCanvas ? visible >= DOWN : visible > UP;
}

/** Classes of a box or cluster; the canvas painter reads colours by the same names. */
export function classesOf(id: string, emphasis: Emphasis): string[] {
  const classes: string[] = [];
  if (emphasis.selected.has(id)) classes.push("is-selected");
  if (emphasis.marked.has(id)) classes.push("is-marked");
  if (emphasis.here.has(id)) classes.push("is-here");
  if (emphasis.hovered.has(id)) classes.push("is-hovered");
  if (emphasis.inputs.has(id)) classes.push("is-input");
  if (emphasis.outputs.has(id)) classes.push("is-output");
  if (emphasis.alike.has(id)) classes.push("is-alike");
  const change = emphasis.changes.get(id);
  if (change) classes.push(`is-${change}`);
  if (emphasis.dim && classes.length === 0) classes.push("is-dim");
  return classes;
}

const SETS = ["selected", "marked", "here", "hovered", "inputs", "outputs", "alike"] as const;

/** Ids of what is set off otherwise than before; `null` where that is said of edges or of all. */
export function touched(before: Emphasis, after: Emphasis): ReadonlySet<string> | null {
  if (before.dim || after.dim || before.changes !== after.changes) return null;
  if (difference(before.path, after.path).size > 0) return null;
  return new Set(SETS.flatMap((name) => [...difference(before[name], after[name])]));
}

/** What is in one of two sets only. */
function difference<T>(one: ReadonlySet<T>, other: ReadonlySet<T>): ReadonlySet<T> {
  const alone = (of: ReadonlySet<T>, not: ReadonlySet<T>) => [...of].filter((id) => !not.has(id));
  return new Set([...alone(one, other), ...alone(other, one)]);
}

/** Where the label of an edge stands: right below the box it leaves. */
export function labelPlace(points: readonly number[]): { x: number; y: number } | null {
  const [x, y] = points;
  const end = points.at(-1);
  if (x === undefined || y === undefined || end === undefined || Math.abs(end - y) < 16)
    return null;
  return { x: x + 5, y: y + 12 };
}

/** An arrow head at the end of an edge, as three points. */
export function arrowHead(points: readonly number[], size = 6): number[] {
  const n = points.length;
  const [x, y] = [points[n - 2] ?? 0, points[n - 1] ?? 0];
  const [px, py] = [points[n - 4] ?? x, points[n - 3] ?? y - 1];
  const angle = Math.atan2(y - py, x - px);
  const wing = (turn: number) => [
    x - size * Math.cos(angle + turn),
    y - size * Math.sin(angle + turn),
  ];
  return [x, y, ...wing(0.45), ...wing(-0.45)];
}
