/** How a shape on the canvas looks: what theme.css says of the same shape in SVG, as tables. */

import type { SceneBox, SceneCluster } from "./scene";

export interface Line {
  readonly colour: string;
  readonly width: number;
  readonly dash: readonly number[];
}

/** In the order of the style sheet: later ones win. */
const LINES: readonly (readonly [string, Partial<Line>])[] = [
  ["is-hovered", { colour: "--tsv-sel" }],
  ["is-alike", { colour: "--tsv-sel", dash: [5, 3] }],
  ["is-input", { colour: "--tsv-add", width: 2 }],
  ["is-output", { colour: "--tsv-chg", width: 2 }],
  ["is-marked", { colour: "--tsv-sel", width: 1.5 }],
  ["is-selected", { colour: "--tsv-sel", width: 2 }],
  ["is-made", { colour: "--tsv-add", width: 2.5 }],
  ["is-removed", { colour: "--tsv-del-ink", width: 2, dash: [2, 3] }],
  ["is-edited", { colour: "--tsv-chg", width: 1.6, dash: [6, 3] }],
  ["is-moved", { colour: "--tsv-chg" }],
];
const CHANGED = ["is-made", "is-removed", "is-edited", "is-moved"];
const CHOSEN = ["is-selected", "is-marked"];
const SOLID: readonly number[] = [];

export function lineOf(classes: readonly string[], colour: string): Line {
  const line = { colour, width: 1, dash: SOLID };
  if (classes.length === 0) return line;
  for (const [name, rule] of LINES) if (classes.includes(name)) Object.assign(line, rule);
  if (hasOne(classes, CHANGED) && hasOne(classes, CHOSEN)) line.width = 3;
  if (classes.includes("is-here")) Object.assign(line, { colour: "--tsv-here", width: 2 });
  return line;
}

export const isPill = ({ kind }: SceneBox) => kind !== "op" && kind !== "container";

export function boxLook(box: SceneBox, classes: readonly string[]): { fill: string; line: Line } {
  const isScope = box.kind === "container";
  const plain = box.control ? "--tsv-ctl-line" : isScope ? "--tsv-scope-line" : "--tsv-op-line";
  return { fill: boxFill(box, classes), line: lineOf(classes, plain) };
}

function boxFill(box: SceneBox, classes: readonly string[]): string {
  if (box.level > 0) return `--tsv-heat-${box.level}`;
  if (classes.includes("is-here")) return "--tsv-here-bg";
  if (hasOne(classes, CHOSEN)) return "--tsv-sel-bg";
  if (box.control) return "--tsv-ctl";
  if (box.kind === "container") return "--tsv-scope";
  return isPill(box) ? "--tsv-raised" : "--tsv-op";
}

export function clusterLook(
  { block, control }: SceneCluster,
  classes: readonly string[],
): { fill: string; line: Line } {
  const fill = block ? "--tsv-bg" : control ? "--tsv-ctl" : "--tsv-scope";
  return { fill, line: lineOf(classes, control ? "--tsv-ctl-line" : "--tsv-scope-line") };
}

const hasOne = (classes: readonly string[], names: readonly string[]) =>
  classes.length > 0 && names.some((name) => classes.includes(name));
