/** How near nodes come to what this machine can do at best. */

import { known } from "../model";
import { shortAmount, shortBytes, shortNumber } from "../scene/words";
import { grouped, strings } from "../strings";
import { axisOf, layoutOf, plain, type Chart, type Palette, type Picture, type Row } from "./chart";
import { nameOf, numberCell, sampleTarget, shortName, type Measured } from "./naming";

interface Point extends Row {
  readonly name: string;
  readonly intensity: number;
  readonly rate: number;
  readonly amount: number;
}

export function rooflineChart(measured: Measured): Chart {
  const { profile } = measured;
  const { samples, roofline } = profile.payload;
  const points = [...samples.node.keys()]
    .filter((row) => samples.rate[row]! > 0 && samples.moved[row]! > 0)
    .map((row) => pointOf(measured, row))
    .sort((a, b) => b.amount - a.amount);
  const left = samples.node.length - points.length;
  return {
    label: roofline
      ? strings.rooflineHow(
          `${shortNumber(roofline.flops_per_second)}FLOP/s`,
          `${shortNumber(roofline.bytes_per_second)}B/s`,
          roofline.threads,
        )
      : strings.noRoofline,
    note: left > 0 ? strings.noFormula(grouped(left)) : "",
    hint: "",
    columns: [
      ...[strings.op, strings.where, strings.time, strings.flops, strings.moved],
      ...[strings.intensity, strings.flopRate, strings.ofRoof],
    ],
    rows: points,
    draw: points.length > 0 ? (palette) => draw(measured, points, palette) : null,
  };
}

function pointOf({ profile }: Measured, row: number): Point {
  const { samples } = profile.payload;
  const node = nameOf(profile.plan, profile.plan.nodeOf(samples.node[row]!));
  const { op, place } = node;
  const measure = profile.first;
  const amount = known(profile.amountOfSample(row, measure));
  const intensity = samples.flops[row]! / samples.moved[row]!;
  const rate = samples.rate[row]!;
  return {
    name: shortName(node),
    ...{ intensity, rate, amount },
    target: sampleTarget(profile, row),
    cells: [
      op,
      place,
      [shortAmount(measure, amount), amount],
      numberCell(samples.flops[row]!, shortNumber),
      numberCell(samples.moved[row]!, shortBytes),
      numberCell(intensity, (ratio) => ratio.toPrecision(3)),
      numberCell(rate, (each) => `${shortNumber(each)}FLOP/s`),
      numberCell(samples.roof[row]!, (percent) => `${percent.toPrecision(2)}%`),
    ],
  };
}

function draw({ profile }: Measured, points: readonly Point[], palette: Palette): Picture {
  const whole = profile.whole(profile.first);
  const roof = profile.payload.roofline;
  const xs = points.map(({ intensity }) => intensity);
  const ridge = roof ? roof.flops_per_second / roof.bytes_per_second : 1;
  const [low, high] = [Math.min(...xs, ridge) / 3, Math.max(...xs, ridge) * 3];
  const line = roof && {
    type: "scatter",
    mode: "lines+text",
    x: [low, ridge, high],
    y: [low * roof.bytes_per_second, roof.flops_per_second, roof.flops_per_second],
    // Room between the words and the line.
    text: [
      `&nbsp;<br>${shortNumber(roof.bytes_per_second)}B/s`,
      "",
      `&nbsp;<br>${shortNumber(roof.flops_per_second)}FLOP/s`,
    ],
    textposition: ["bottom right", "top center", "bottom left"],
    textfont: { size: 11, color: palette.ink },
    line: { color: palette.faint, width: 1.5, dash: "dash" },
    hoverinfo: "skip",
  };
  const dots = {
    type: "scatter",
    mode: "markers",
    x: xs,
    y: points.map(({ rate }) => rate),
    customdata: [...points.keys()],
    hovertext: points.map(
      ({ name, rate, intensity }) =>
        `${plain(name)}<br>${shortNumber(rate)}FLOP/s, ${strings.opsPerByte(intensity.toPrecision(3))}`,
    ),
    hoverinfo: "text",
    marker: {
      size: points.map(({ amount }) => 9 + 30 * Math.sqrt(amount / whole)),
      color: palette.accent,
      line: { color: palette.ground, width: 1 },
      opacity: 0.75,
    },
  };
  return {
    traces: [...(line ? [line] : []), dots],
    layout: layoutOf(palette, {
      margin: { l: 8, r: 16, t: 10, b: 40 },
      hovermode: "closest",
      xaxis: axisOf(palette, strings.axisIntensity, { type: "log", dtick: 1 }),
      yaxis: axisOf(palette, strings.axisRate, { type: "log", dtick: 1, exponentformat: "SI" }),
    }),
  };
}
