/** The runs one by one: how the program warmed up, and where the time of a run is. */

import { grouped, strings } from "../strings";
import { shortShare, shortTime } from "../scene/words";
import { axisOf, layoutOf, plain, type Chart, type Palette, type Picture, type Row } from "./chart";
import { amountCell, numberCell, shareCell, type Measured } from "./naming";

/** From this ratio of the longest to the shortest run on, the axis is logarithmic. */
const WIDE = 30;

interface Run {
  readonly name: string;
  readonly took: number;
  readonly words: string;
  readonly isWarmUp: boolean;
}

export function warmUpChart({ profile }: Measured): Chart {
  const { warm_up, plain: without, profiled } = profile.payload;
  const runs: Run[] = [
    ...warm_up.map(({ number, nanoseconds, words }) => ({
      ...{ name: String(number), took: nanoseconds, words, isWarmUp: true },
    })),
    ...Array.from(without, (took, i) => ({
      ...{ name: strings.measuredRun(i + 1), took, words: strings.plainRun, isWarmUp: false },
    })),
  ];
  const under = Array.from(profiled, (took, i) => ({
    ...{ name: strings.measuredRun(i + 1), took, words: strings.profiledRun, isWarmUp: false },
  }));
  const rows: Row[] = [...runs, ...under].map(({ name, took, words }) => ({
    cells: [name, numberCell(took, shortTime), words],
    target: null,
  }));
  return {
    label: strings.warmUpHow,
    note: strings.warmUpNote,
    hint: "",
    columns: [strings.run, strings.time, strings.executor],
    rows,
    draw: (palette) => drawRuns(runs, palette),
  };
}

function drawRuns(runs: readonly Run[], palette: Palette): Picture {
  const times = runs.map(({ took }) => took);
  const isWide = Math.max(...times) / Math.min(...times) > WIDE;
  const bars = (isWarmUp: boolean, color: string) => {
    const places = [...runs.keys()].filter((i) => runs[i]!.isWarmUp === isWarmUp);
    const shown = places.map((i) => runs[i]!);
    return {
      type: "bar",
      name: isWarmUp ? strings.warmUp : strings.plainRun,
      x: places,
      y: shown.map(({ took }) => took / 1e6),
      customdata: places,
      text: shown.map(({ took }) => shortTime(took)),
      textposition: "outside",
      cliponaxis: false,
      hovertext: shown.map(
        ({ name, words, took }) => `${plain(name)}: ${plain(words)}<br>${shortTime(took)}`,
      ),
      hoverinfo: "text",
      marker: { color },
    };
  };
  return {
    traces: [bars(true, palette.second), bars(false, palette.accent)],
    layout: layoutOf(palette, {
      showlegend: true,
      legend: { orientation: "h", x: 1, xanchor: "right", y: 1.02, yanchor: "bottom" },
      margin: { l: 8, r: 16, t: 30, b: 34 },
      bargap: 0.3,
      xaxis: axisOf(palette, strings.run, {
        showgrid: false,
        tickvals: runs.map((_, i) => i),
        ticktext: runs.map(({ name }) => plain(name)),
      }),
      yaxis: axisOf(palette, isWide ? strings.axisTimeLog : strings.axisTime, {
        type: isWide ? "log" : "linear",
        ...(isWide ? { dtick: 1 } : { rangemode: "tozero" }),
      }),
    }),
  };
}

// ── where the time of a run is ──────────────────────────────────────────────────────────────────

export function accountingChart({ profile }: Measured): Chart {
  const { accounting: sums, checks } = profile.payload;
  const of = (taken: number) => taken / profile.runs;
  const wall = of(sums.wall);
  const parts: (readonly [string, number])[] = [
    [strings.opsOfNodes, of(sums.attributed)],
    ...Object.entries(sums.unattributed).map(
      ([name, taken]) => [strings.opOfNobody(name), of(taken)] as const,
    ),
    [strings.interpreter, of(sums.interpreter)],
  ];
  const further: (readonly [string, number])[] = [
    [strings.wallTime, wall],
    [strings.sharedAmong, of(sums.shared)],
    ...(sums.kernels === null ? [] : [[strings.kernelTime, of(sums.kernels)] as const]),
    ...(sums.kernels_attributed === null
      ? []
      : [[strings.kernelsOfNodes, of(sums.kernels_attributed)] as const]),
    ...(sums.device_idle === null ? [] : [[strings.deviceIdle, of(sums.device_idle)] as const]),
  ];
  const row = ([what, taken]: readonly [string, number]): Row => ({
    cells: [what, amountCell("cpu", taken), shareCell(taken, wall)],
    target: null,
  });
  return {
    label: strings.accountingHow,
    note: checks
      .map(({ what, agree, differ }) => strings.checked(what, grouped(agree), grouped(differ)))
      .join(" · "),
    hint: "",
    columns: [strings.what, strings.inOneRun, strings.share],
    rows: [...parts, ...further].map(row),
    draw: (palette) => drawParts(parts, wall, palette),
  };
}

function drawParts(
  parts: readonly (readonly [string, number])[],
  wall: number,
  palette: Palette,
): Picture {
  const colours = palette.several;
  return {
    traces: parts.map(([what, taken], i) => ({
      type: "bar",
      orientation: "h",
      name: plain(what),
      y: [0],
      x: [taken / 1e6],
      customdata: [i],
      text: [plain(shortShare(taken, wall))],
      textposition: "inside",
      insidetextanchor: "middle",
      hovertext: `${plain(what)}<br>${plain(`${shortTime(taken)} · ${shortShare(taken, wall)}`)}`,
      hoverinfo: "text",
      marker: { color: i === parts.length - 1 ? palette.line : colours[i % colours.length] },
    })),
    layout: layoutOf(palette, {
      barmode: "stack",
      height: 150,
      showlegend: true,
      legend: { orientation: "h", x: 0, y: 1.05, yanchor: "bottom", traceorder: "normal" },
      margin: { l: 8, r: 16, t: 36, b: 40 },
      xaxis: axisOf(palette, strings.axisTime),
      yaxis: axisOf(palette, "", { showticklabels: false, showgrid: false, zeroline: false }),
    }),
  };
}
