/** The ops and kernels of one run, in the order in which they ran. */

import { strings, grouped } from "../strings";
import { shortTime } from "../scene/words";
import { axisOf, layoutOf, plain, type Chart, type Palette, type Picture, type Row } from "./chart";
import { nameOf, numberCell, sampleTarget, type Measured } from "./naming";

/** So many are drawn at most, the longest. */
const MOST = 2500;

interface Span extends Row {
  readonly name: string;
  readonly lane: string;
  readonly place: string;
  readonly start: number;
  readonly took: number;
  readonly kind: "op" | "unknown" | "kernel";
}

export function timelineChart(measured: Measured): Chart {
  const { timeline } = measured.profile.payload;
  const spans = [...ops(measured), ...kernels(measured)];
  const least =
    spans.length <= MOST ? 0 : spans.map(({ took }) => took).sort((a, b) => b - a)[MOST - 1]!;
  const drawn = [...spans.keys()].filter((row) => spans[row]!.took > least || least === 0);
  return {
    label: strings.timelineHow(timeline.run + 1),
    note: "",
    hint:
      drawn.length < spans.length
        ? strings.shortLeftOut(shortTime(least), grouped(spans.length - drawn.length))
        : strings.timelineNote,
    columns: [strings.what, strings.where, strings.start, strings.time, strings.lane],
    rows: spans,
    draw: drawn.length > 0 ? (palette) => draw(spans, drawn, palette) : null,
  };
}

function ops(measured: Measured): Span[] {
  const { profile } = measured;
  const { names, node, name, start, end, thread } = profile.payload.timeline;
  const threads = [...new Set(thread)];
  return Array.from(node, (id, op) => {
    const { place } = nameOf(profile.plan, profile.plan.nodeOf(id));
    const row = profile.sampleOf.get(id);
    const lane = strings.threadLane(threads.indexOf(thread[op]!) + 1);
    const target = row === undefined ? null : sampleTarget(profile, row);
    const kind = id < 0 ? "unknown" : "op";
    return span(names[name[op]!] ?? "", place, start[op]!, end[op]!, lane, kind, target);
  });
}

function kernels({ profile }: Measured): Span[] {
  const line = profile.payload.timeline;
  return Array.from(line.kernel_op, (op, kernel) => {
    const id = line.node[op]!;
    const { place } = nameOf(profile.plan, profile.plan.nodeOf(id));
    const row = profile.sampleOf.get(id);
    const lane = strings.streamLane(line.device[kernel]!, line.stream[kernel]!);
    const target = row === undefined ? null : sampleTarget(profile, row);
    const [start, end] = [line.kernel_start[kernel]!, line.kernel_end[kernel]!];
    return span(
      line.names[line.kernel_name[kernel]!] ?? "",
      place,
      start,
      end,
      lane,
      "kernel",
      target,
    );
  });
}

function span(
  name: string,
  place: string,
  start: number,
  end: number,
  lane: string,
  kind: Span["kind"],
  target: Row["target"],
): Span {
  const took = end - start;
  const cells = [name, place, numberCell(start, shortTime), numberCell(took, shortTime), lane];
  return { name, lane, place, start, took, kind, target, cells };
}

/** The names that took most have a colour each, which those can tell apart who see few. */
function coloursOf(spans: readonly Span[], { several }: Palette): ReadonlyMap<string, string> {
  const sums = new Map<string, number>();
  for (const { name, took } of spans) sums.set(name, (sums.get(name) ?? 0) + took);
  const most = [...sums].sort(([, a], [, b]) => b - a).slice(0, several.length);
  return new Map(most.map(([name], i) => [name, several[i]!]));
}

function draw(spans: readonly Span[], drawn: readonly number[], palette: Palette): Picture {
  const lanes = [...new Set(spans.map(({ lane }) => lane))];
  const colours = coloursOf(spans, palette);
  const shown = drawn.map((row) => spans[row]!);
  const words = ({ name, place, start, took }: Span) =>
    [plain(name), plain(place), strings.fromOn(shortTime(took), shortTime(start))]
      .filter((part) => part !== "")
      .join("<br>");
  return {
    traces: [
      {
        type: "bar",
        orientation: "h",
        y: shown.map(({ lane }) => lanes.indexOf(lane)),
        base: shown.map(({ start }) => start / 1e6),
        x: shown.map(({ took }) => took / 1e6),
        customdata: drawn,
        text: shown.map(({ name }) => plain(name.replace(/^(aten|prim)::/, ""))),
        textposition: "inside",
        insidetextanchor: "middle",
        textangle: 0,
        constraintext: "inside",
        hovertext: shown.map(words),
        hoverinfo: "text",
        marker: {
          color: shown.map(({ name, kind }) =>
            kind === "unknown" ? palette.line : (colours.get(name) ?? palette.faint),
          ),
          line: { color: palette.ground, width: 0.5 },
        },
      },
    ],
    layout: layoutOf(palette, {
      height: 84 * lanes.length + 64,
      uniformtext: { minsize: 9, mode: "hide" },
      bargap: 0.2,
      dragmode: "zoom",
      xaxis: axisOf(palette, strings.axisTime, { fixedrange: false, rangemode: "tozero" }),
      yaxis: axisOf(palette, "", {
        autorange: "reversed",
        showgrid: false,
        tickvals: lanes.map((_, i) => i),
        ticktext: lanes.map(plain),
      }),
    }),
  };
}
