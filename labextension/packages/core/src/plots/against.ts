/** A profile held against another: lines or modules by how far they are apart, with the noise. */

import type { Target } from "../measured";
import type { DocumentModel } from "../model";
import type { AgainstPayload, ChangesPayload } from "../protocol.generated";
import { shortTime } from "../scene/words";
import { grouped, strings } from "../strings";
import {
  axisOf,
  brief,
  layoutOf,
  plain,
  type Cell,
  type Chart,
  type Palette,
  type Picture,
  type Row,
} from "./chart";
import { numberCell } from "./naming";

export type Between = keyof typeof strings.betweens;

const MOST_BARS = 25;
const MOST_LETTERS = 52;
const WORSE = new Set(["slower", "new"]);
const BETTER = new Set(["faster", "gone"]);

interface Bar {
  readonly row: number;
  readonly name: string;
  readonly middle: number;
  readonly low: number;
  readonly high: number;
  readonly verdict: string;
}

export function againstChart(document: DocumentModel, between: Between): Chart {
  const found = document.payload.against!;
  const isLines = between === "lines";
  const changes = isLines ? found.lines : found.module_changes;
  const names = isLines
    ? lineNames(document, found)
    : found.modules.map((path) => [path || strings.theProgram]);
  const targets = isLines ? lineTargets(found) : found.modules.map(moduleTarget);
  const apart = changes.verdicts.filter((verdict) => isApart(verdict)).length;
  const bars = names.slice(0, MOST_BARS).map((parts, row) => barOf(changes, row, parts.join("  ")));
  const left = names.length - bars.length;
  return {
    label: wholeWords(found.whole),
    note: strings.againstNote(found.before, grouped(apart), grouped(names.length)),
    hint:
      left > 0
        ? `${strings.longestBars(bars.length, grouped(left))} · ${strings.againstColours}`
        : strings.againstColours,
    columns: [
      ...(isLines ? [strings.where, strings.code] : [strings.module]),
      ...[strings.before, strings.after, strings.difference, strings.noiseBand, strings.verdict],
    ],
    rows: names.map((parts, row) => rowOf(changes, row, parts, targets[row]!)),
    draw: bars.length > 0 ? (palette) => draw(bars, palette) : null,
  };
}

/** A line is called as elsewhere, where the document has its file. */
const lineNames = ({ payload }: DocumentModel, { file, line, places, codes }: AgainstPayload) =>
  places.map((place, row) => {
    const title = payload.files[file[row]!]?.title;
    return [title ? `${title}:${line[row]!}` : place || strings.noLine, codes[row]!];
  });

const lineTargets = ({ file, line }: AgainstPayload): (Target | null)[] =>
  Array.from(file, (of, row) => (of < 0 ? null : { kind: "line", file: of, line: line[row]! }));

const moduleTarget = (path: string): Target => ({ kind: "module", path });

const isApart = (verdict: string) => WORSE.has(verdict) || BETTER.has(verdict);

function barOf({ middle, low, high, verdicts }: ChangesPayload, row: number, name: string): Bar {
  const at = { middle: middle[row]!, low: low[row]!, high: high[row]! };
  return { row, name, ...at, verdict: verdicts[row]! };
}

function rowOf(changes: ChangesPayload, row: number, names: string[], target: Target | null): Row {
  const { before, after, middle, verdicts } = changes;
  return {
    cells: [
      ...names,
      numberCell(before[row]!, shortTime),
      numberCell(after[row]!, shortTime),
      [signed(middle[row]!), middle[row]!] satisfies Cell,
      bandOf(changes, row),
      verdicts[row]!,
    ],
    target,
  };
}

function bandOf({ low, high }: ChangesPayload, row: number): string {
  return Number.isNaN(low[row]!) ? "" : `${signed(low[row]!)} – ${signed(high[row]!)}`;
}

/** `+1.20 ms`, with a sign that is a minus and no hyphen. */
export function signed(time: number): string {
  if (time === 0) return shortTime(0);
  return `${time > 0 ? "+" : "−"}${shortTime(Math.abs(time))}`;
}

function wholeWords(whole: ChangesPayload): string {
  const [before, after] = [shortTime(whole.before[0]!), shortTime(whole.after[0]!)];
  return strings.wholeRun(before, after, signed(whole.middle[0]!), whole.verdicts[0]!);
}

function draw(bars: readonly Bar[], palette: Palette): Picture {
  const colour = ({ verdict }: Bar) =>
    WORSE.has(verdict)
      ? palette.several[5]
      : BETTER.has(verdict)
        ? palette.several[0]
        : palette.line;
  const places = bars.map((_, i) => i);
  const beyond = (of: (bar: Bar) => number) =>
    bars.map((bar) => (Number.isNaN(bar.low) ? 0 : of(bar) / 1e6));
  return {
    traces: [
      {
        type: "bar",
        orientation: "h",
        y: places,
        x: bars.map(({ middle }) => middle / 1e6),
        customdata: bars.map(({ row }) => row),
        hovertext: bars.map(
          (bar) => `${plain(bar.name)}<br>${plain(`${signed(bar.middle)}: ${bar.verdict}`)}`,
        ),
        hoverinfo: "text",
        marker: { color: bars.map(colour), line: { color: palette.faint, width: 0.5 } },
        error_x: {
          type: "data",
          symmetric: false,
          array: beyond(({ high, middle }) => high - middle),
          arrayminus: beyond(({ low, middle }) => middle - low),
          color: palette.ink,
          thickness: 1,
          width: 3,
        },
      },
    ],
    layout: layoutOf(palette, {
      height: Math.max(180, 19 * bars.length + 56),
      margin: { l: 8, r: 24, t: 6, b: 34 },
      bargap: 0.25,
      xaxis: axisOf(palette, strings.axisDifference, {
        zeroline: true,
        zerolinecolor: palette.ink,
      }),
      yaxis: axisOf(palette, "", {
        autorange: "reversed",
        showgrid: false,
        tickvals: places,
        ticktext: bars.map(({ name }) => brief(name, MOST_LETTERS)),
        tickfont: { size: 11, color: palette.ink },
      }),
    }),
  };
}
