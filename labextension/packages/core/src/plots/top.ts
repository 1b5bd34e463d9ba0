/** What took most: nodes, ops, lines or modules, the longest first, as bars. */

import { known, type Measure } from "../model";
import type { SharesPayload } from "../protocol.generated";
import { shortAmount, shortBytes, shortNumber, shortShare, shortTime } from "../scene/words";
import { grouped, strings } from "../strings";
import {
  axisOf,
  brief,
  layoutOf,
  plain,
  type Cell,
  type Chart,
  type Palette,
  type Row,
} from "./chart";
import {
  amountCell,
  graphWith,
  nameOf,
  numberCell,
  programTarget,
  sampleTarget,
  shareCell,
  shortName,
  type Measured,
} from "./naming";

export type By = "nodes" | "plan" | "lines" | "modules" | "ops";

const MOST_BARS = 25;
const MOST_LETTERS = 52;

/** One thing that took something. */
interface Entry extends Row {
  readonly name: string;
  readonly amount: number;
}

interface Listed {
  readonly columns: readonly string[];
  readonly entries: readonly Entry[];
}

export function topChart(measured: Measured, by: By): Chart {
  const { columns, entries } = LISTS[by](measured);
  const sorted = entries.toSorted((a, b) => known(b.amount) - known(a.amount));
  const bars = sorted.filter(({ amount }) => amount > 0).slice(0, MOST_BARS);
  const { measure } = measured;
  const left = sorted.length - bars.length;
  return {
    label: strings.topOf(strings.byWhat[by], strings.measures[measure]),
    note: "",
    hint: left > 0 && bars.length > 0 ? strings.longestBars(bars.length, grouped(left)) : "",
    columns,
    rows: sorted,
    draw: bars.length > 0 ? (palette) => draw(measured, bars, palette) : null,
  };
}

function draw({ measure, profile }: Measured, bars: readonly Entry[], palette: Palette) {
  const whole = profile.whole(measure);
  const places = bars.map((_, i) => i);
  const words = bars.map(({ amount }) =>
    plain(`${shortAmount(measure, amount)} · ${shortShare(amount, whole)}`),
  );
  return {
    traces: [
      {
        type: "bar",
        orientation: "h",
        y: places,
        x: bars.map(({ amount }) => inUnits(measure, amount)),
        customdata: places,
        text: words,
        textposition: "outside",
        cliponaxis: false,
        textfont: { size: 10.5, color: palette.ink },
        hovertext: bars.map(({ name }, i) => `${plain(name)}<br>${words[i]}`),
        hoverinfo: "text",
        marker: {
          color: palette.heat[6],
          line: { color: palette.faint, width: 0.5 },
        },
      },
    ],
    layout: layoutOf(palette, {
      height: Math.max(180, 19 * bars.length + 56),
      margin: { l: 8, r: 110, t: 6, b: 34 },
      bargap: 0.25,
      xaxis: axisOf(palette, unitOf(measure), { rangemode: "tozero" }),
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

/** Times on axes are in milliseconds, memory in mebibytes. */
export const inUnits = (measure: Measure, amount: number) =>
  amount / (measure === "memory" ? 2 ** 20 : 1e6);
export const unitOf = (measure: Measure) =>
  measure === "memory" ? strings.axisMemory : strings.axisTime;

// ── what is listed ──────────────────────────────────────────────────────────────────────────────

const LISTS: Readonly<Record<By, (measured: Measured) => Listed>> = {
  nodes: listNodes,
  plan: listPlan,
  lines: listLines,
  modules: listModules,
  ops: listOps,
};

const named = (...parts: string[]) => parts.filter((part) => part !== "").join("  ");

function listNodes(measured: Measured): Listed {
  const { profile } = measured;
  const { nodes, node_shares } = profile.payload;
  return {
    columns: [strings.op, strings.where, strings.module, ...shareTitles(measured)],
    entries: Array.from(nodes, (id, row) => {
      const graph = graphWith(measured, id);
      const node = nameOf(graph, graph?.nodeOf(id) ?? -1);
      const { op, place, module } = node;
      return {
        name: shortName(node) || strings.noNode,
        amount: profile.amountOf(node_shares, row, measured.measure),
        cells: [op || strings.noNode, place, module, ...shareCells(measured, node_shares, row)],
        target: programTarget(id),
      };
    }),
  };
}

function listLines(measured: Measured): Listed {
  const { profile, document } = measured;
  const { line_file, line_number, line_nodes, line_shares } = profile.payload;
  return {
    columns: [strings.where, strings.code, strings.nodesTitle, ...shareTitles(measured)],
    entries: Array.from(line_file, (file, row) => {
      const line = line_number[row]!;
      const place = file < 0 ? strings.noLine : `${document.payload.files[file]!.title}:${line}`;
      const code =
        file < 0
          ? ""
          : document
              .source(file)
              .row(line - 1)
              .trim();
      return {
        name: named(place, code),
        amount: profile.amountOf(line_shares, row, measured.measure),
        cells: [place, code, count(line_nodes[row]!), ...shareCells(measured, line_shares, row)],
        target: file < 0 ? null : { kind: "line", file, line },
      };
    }),
  };
}

function listModules(measured: Measured): Listed {
  const { profile } = measured;
  const { modules, module_shares, module_total_ns } = profile.payload;
  return {
    columns: [strings.module, strings.withInner, ...shareTitles(measured)],
    entries: modules.map((path, row) => ({
      name: path || strings.theProgram,
      amount: profile.amountOf(module_shares, row, measured.measure),
      cells: [
        path || strings.theProgram,
        amountCell("cpu", module_total_ns[row]! / profile.runs),
        ...shareCells(measured, module_shares, row),
      ],
      target: { kind: "module", path },
    })),
  };
}

function listOps(measured: Measured): Listed {
  const { profile, measure } = measured;
  const { nodes, node_shares } = profile.payload;
  const ops = new Map<string, { amount: number; ids: number[] }>();
  nodes.forEach((id, row) => {
    const graph = graphWith(measured, id);
    const op = graph ? graph.op(graph.nodeOf(id)) : strings.noNode;
    const entry = ops.get(op) ?? { amount: 0, ids: [] };
    entry.amount += known(profile.amountOf(node_shares, row, measure));
    if (id >= 0) entry.ids.push(id);
    ops.set(op, entry);
  });
  const whole = profile.whole(measure);
  return {
    columns: [strings.op, strings.nodesTitle, strings.measures[measure], strings.share],
    entries: [...ops].map(([op, { amount, ids }]) => ({
      name: op,
      amount,
      cells: [op, count(ids.length), amountCell(measure, amount), shareCell(amount, whole)],
      target: { kind: "nodes", plan: -1, numbers: ids },
    })),
  };
}

function listPlan(measured: Measured): Listed {
  const { profile, measure } = measured;
  const { samples, marked } = profile.payload;
  const whole = profile.whole(measure);
  const hasMarks = marked.length > 0;
  return {
    columns: [
      ...[strings.op, strings.where, strings.module, strings.measures[measure], strings.share],
      ...[strings.median, strings.quartiles, strings.withInner, strings.calls],
      ...[strings.allocated, strings.peak, strings.flops, strings.flopRate, strings.ofRoof],
      ...[strings.branches, strings.members],
      ...(hasMarks ? [strings.marked] : []),
    ],
    entries: Array.from(samples.node, (id, row) => {
      const node = nameOf(profile.plan, profile.plan.nodeOf(id));
      const { op, place, module } = node;
      const amount = profile.amountOfSample(row, measure);
      const each = (column: ArrayLike<number>) => column[row]! / profile.runs;
      const range = [samples.low, samples.high].map((column) => shortTime(column[row]!));
      return {
        name: shortName(node),
        amount,
        cells: [
          op,
          place,
          module,
          amountCell(measure, amount),
          shareCell(amount, whole),
          numberCell(samples.median[row]!, shortTime),
          Number.isNaN(samples.low[row]!) ? "" : range.join(" – "),
          numberCell(each(samples.total_ns), shortTime),
          numberCell(each(samples.calls), perRun),
          numberCell(samples.allocated[row]!, shortBytes),
          numberCell(samples.peak[row]!, shortBytes),
          numberCell(samples.flops[row]!, shortNumber),
          numberCell(samples.rate[row]!, (rate) => `${shortNumber(rate)}FLOP/s`),
          numberCell(samples.roof[row]!, (percent) => `${percent.toPrecision(2)}%`),
          branchWords(measured, row),
          samples.members[row]! > 0 ? count(samples.members[row]!) : "",
          ...(hasMarks ? [numberCell(each(samples.marked_self_ns), shortTime)] : []),
        ],
        target: sampleTarget(profile, row),
      };
    }),
  };
}

function branchWords({ profile }: Measured, row: number): string {
  const { taken, not_taken, iterations } = profile.payload.samples;
  if (!Number.isNaN(taken[row]!)) return strings.wentWays(taken[row]!, not_taken[row]!);
  return Number.isNaN(iterations[row]!) ? "" : strings.wentRound(iterations[row]! / profile.runs);
}

/** How often in one run: whole numbers as they are. */
export const perRun = (number: number) =>
  Number.isInteger(number) ? grouped(number) : number.toFixed(1);

const count = (number: number): Cell => [grouped(number), number];

function shareTitles({ measure, profile }: Measured): string[] {
  const others = profile.measures.filter((other) => other !== measure);
  return [
    ...[strings.measures[measure], strings.share],
    ...others.map((other) => strings.measures[other]),
    ...[strings.calls, strings.flops, strings.isShared],
  ];
}

function shareCells(measured: Measured, shares: SharesPayload, row: number): Cell[] {
  const { profile, measure } = measured;
  const amount = profile.amountOf(shares, row, measure);
  const others = profile.measures.filter((other) => other !== measure);
  return [
    amountCell(measure, amount),
    shareCell(amount, profile.whole(measure)),
    ...others.map((other) => amountCell(other, profile.amountOf(shares, row, other))),
    numberCell(shares.calls[row]! / profile.runs, perRun),
    numberCell(shares.flops[row]!, shortNumber),
    shares.shared[row] ? strings.yes : "",
  ];
}
