/** How far two records of runs drift apart, value by value along the program. */

import { debugStrings as words } from "../debug-strings";
import type { DebugDrift } from "../protocol.generated";
import { axisOf, layoutOf, plain, type Chart, type Palette, type Picture, type Row } from "./chart";

/** @param placeOf says where a node stands in the source, "" where that is not known */
export function driftChart(found: DebugDrift, placeOf: (node: number) => string): Chart {
  const places = found.places.map((place, i) => placeOf(found.node[i]!) || place);
  const rows = found.names.map((name, i): Row => {
    const drift = found.drift[i]!;
    const state = found.equal[i] ? words.driftEqual : words.driftDiffers;
    return {
      cells: [
        [String(found.position[i]), found.position[i]!],
        name,
        found.others[i]!,
        found.ops[i]!,
        places[i]!,
        Number.isNaN(drift) ? ["", -1] : [shortDrift(drift), drift],
        state,
      ],
      target: found.node[i]! >= 0 ? { kind: "nodes", plan: -1, numbers: [] } : null,
    };
  });
  const isDrawn = Array.from(found.drift).some((drift) => drift > 0 && Number.isFinite(drift));
  return {
    label: words.driftHow,
    note: found.pairs > rows.length ? words.driftShown(rows.length, found.pairs) : "",
    hint: "",
    columns: words.driftColumns,
    rows,
    draw: isDrawn ? (palette) => draw({ ...found, places }, palette) : null,
  };
}

const shortDrift = (drift: number) => (drift === 0 ? "0" : drift.toExponential(2));

function draw(found: DebugDrift, palette: Palette): Picture {
  const places = [...found.names.keys()];
  // On a logarithmic axis there is no place for equal values: they leave a gap.
  const seen = places.map((i) => {
    const drift = found.drift[i]!;
    return drift > 0 && Number.isFinite(drift) ? drift : null;
  });
  const hover = places.map((i) =>
    [found.names[i]!, found.ops[i]!, found.places[i]!, shortDrift(found.drift[i]!)]
      .map(plain)
      .join("<br>"),
  );
  const line = {
    type: "scatter",
    mode: "lines+markers",
    x: places,
    y: seen,
    customdata: places,
    hovertext: hover,
    hoverinfo: "text",
    line: { color: palette.accent, width: 1 },
    marker: { color: palette.accent, size: 5 },
  };
  const { first } = found;
  const mark = {
    ...line,
    mode: "markers+text",
    x: [first],
    y: [seen[first] ?? null],
    customdata: [first],
    hovertext: [hover[first] ?? ""],
    text: [words.firstDifference],
    textposition: "top center",
    cliponaxis: false,
    textfont: { size: 11, color: palette.ink },
    marker: { color: palette.second, size: 10, symbol: "diamond" },
  };
  return {
    traces: first >= 0 && seen[first] ? [line, mark] : [line],
    layout: layoutOf(palette, {
      hovermode: "closest",
      margin: { l: 8, r: 16, t: 22, b: 40 },
      xaxis: axisOf(palette, words.axisDepth, { showgrid: false, zeroline: false }),
      yaxis: axisOf(palette, words.axisDrift, { type: "log", dtick: 1, exponentformat: "power" }),
    }),
  };
}
