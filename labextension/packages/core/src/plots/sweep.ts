/** A program at other batch sizes and with other numbers of threads. */

import type { SweepPayload } from "../protocol.generated";
import { shortNumber, shortTime } from "../scene/words";
import { grouped, strings } from "../strings";
import { axisOf, layoutOf, plain, type Chart, type Palette, type Picture } from "./chart";
import { numberCell } from "./naming";

export function sweepChart(sweep: SweepPayload): Chart {
  const { batch_size, threads, low, median, high, per_second, failures, shown } = sweep;
  const failed = failures.filter((why) => why !== "").length;
  const said = [
    failed > 0 ? strings.pointsFailed(grouped(failed)) : "",
    sweep.is_interrupted ? strings.sweepInterrupted : "",
    shown >= 0 ? strings.pointShown(batch_size[shown]!, threads[shown]!) : "",
  ];
  return {
    label: strings.sweepHow,
    note: said.filter((part) => part !== "").join(" · "),
    hint: "",
    columns: [
      ...[strings.batchSize, strings.threads, strings.aRunTook, strings.quartiles],
      ...[strings.anExample, strings.examplesPerSecond, strings.failure],
    ],
    rows: Array.from(batch_size, (size, row) => ({
      cells: [
        [grouped(size), size],
        [grouped(threads[row]!), threads[row]!],
        numberCell(median[row]!, shortTime),
        Number.isNaN(low[row]!) ? "" : `${shortTime(low[row]!)} – ${shortTime(high[row]!)}`,
        numberCell(median[row]! / size, shortTime),
        numberCell(per_second[row]!, (rate) => `${shortNumber(rate)}/s`),
        failures[row]!,
      ],
      target: null,
    })),
    draw: failed < failures.length ? (palette) => draw(sweep, palette) : null,
  };
}

/** Examples a second over the batch size: a line for each number of threads. */
function draw(sweep: SweepPayload, palette: Palette): Picture {
  const { batch_size, threads, low, high, per_second } = sweep;
  const rows = [...per_second.keys()].filter((row) => !Number.isNaN(per_second[row]!));
  const counts = [...new Set(rows.map((row) => threads[row]!))].toSorted((a, b) => a - b);
  const rate = (row: number, time: number) => (batch_size[row]! / time) * 1e9;
  const traces = counts.map((count, i) => {
    const mine = rows
      .filter((row) => threads[row] === count)
      .toSorted((a, b) => batch_size[a]! - batch_size[b]!);
    const colour = palette.several[i % palette.several.length];
    return {
      type: "scatter",
      mode: "lines+markers",
      name: plain(strings.threadsOf(count)),
      x: mine.map((row) => batch_size[row]!),
      y: mine.map((row) => per_second[row]!),
      customdata: mine,
      hovertext: mine.map((row) =>
        plain(strings.pointWords(batch_size[row]!, count, shortNumber(per_second[row]!))),
      ),
      hoverinfo: "text",
      line: { color: colour, width: 1.5 },
      marker: { color: colour, size: 8 },
      error_y: {
        type: "data",
        symmetric: false,
        array: mine.map((row) => rate(row, low[row]!) - per_second[row]!),
        arrayminus: mine.map((row) => per_second[row]! - rate(row, high[row]!)),
        color: colour,
        thickness: 1,
        width: 3,
      },
    };
  });
  const sizes = [...new Set(rows.map((row) => batch_size[row]!))].toSorted((a, b) => a - b);
  return {
    traces,
    layout: layoutOf(palette, {
      showlegend: true,
      legend: { orientation: "h", x: 1, xanchor: "right", y: 1.02, yanchor: "bottom" },
      margin: { l: 8, r: 16, t: 30, b: 40 },
      hovermode: "closest",
      xaxis: axisOf(palette, strings.batchSize, {
        type: "log",
        tickvals: sizes,
        ticktext: sizes.map(String),
      }),
      yaxis: axisOf(palette, strings.examplesPerSecond, { rangemode: "tozero" }),
    }),
  };
}
