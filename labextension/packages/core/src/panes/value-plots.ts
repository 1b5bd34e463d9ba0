/** One tensor in little pictures: bars, a course, pixels. Their words say the same. */

import { h, svg } from "../dom";
import { debugStrings as words } from "../debug-strings";
import type { DebugDetail, DebugHistogram, DebugPicture } from "../protocol.generated";
import { grouped } from "../strings";
import { short } from "./debug-values";

const WIDTH = 240;
const HEIGHT = 56;
/** A picture is shown up to this size; its pixels stay whole. */
const PICTURE = 256;

/** What can be drawn of it, the histogram first. */
export function plotsOf(detail: DebugDetail): HTMLElement[] {
  const some = words.lookedAt(detail.looked_at, detail.count);
  const { histogram, picture } = detail;
  return [
    ...(histogram && histogram.counts.length > 1 ? [bars(histogram, some)] : []),
    ...(detail.least_course.length > 1 ? [course(detail, some)] : []),
    ...(picture ? [pixels(picture)] : []),
  ];
}

function bars({ low, high, counts }: DebugHistogram, some: string): HTMLElement {
  const most = Math.max(...counts, 1);
  const step = WIDTH / counts.length;
  const each = (high - low) / counts.length;
  const isOfIntegers = each === 1 && Math.abs(low % 1) === 0.5;
  const drawn = counts.map((count, i) => {
    // A single number among many is seen, too.
    const height = count === 0 ? 0 : Math.max(1.5, (count / most) * HEIGHT);
    const bar = svg("rect", {
      x: i * step + 0.5,
      y: HEIGHT - height,
      width: Math.max(step - 1, 0.5),
      height,
    });
    // The whole height is for the pointer.
    const target = svg("rect", {
      class: "tsv-hit",
      ...{ x: i * step, y: 0, width: step, height: HEIGHT },
    });
    const [from, to] = [low + i * each, low + (i + 1) * each].map(short) as [string, string];
    const title = svg("title");
    title.textContent = isOfIntegers
      ? words.integer(short(low + 0.5 + i), count)
      : words.bar(from, to, count);
    target.append(title);
    const group = svg("g");
    group.append(bar, target);
    return group;
  });
  const [from, to] = (isOfIntegers ? [low + 0.5, high - 0.5] : [low, high]).map(short);
  return figure(words.histogram, words.histogramOf(from!, to!, some), drawn, [from!, to!]);
}

function course({ least_course: least, most_course: most, ...rest }: DebugDetail, some: string) {
  const [low, high] = [rest.statistics?.least ?? 0, rest.statistics?.most ?? 0];
  const size = high - low || 1;
  const x = (i: number) => (least.length > 1 ? (i / (least.length - 1)) * WIDTH : 0);
  const y = (value: number) => 2 + (1 - (value - low) / size) * (HEIGHT - 4);
  // Where nothing is finite, there is a gap.
  const stretches: number[][] = [[]];
  for (const i of least.keys())
    if (Number.isNaN(least[i]!)) stretches.push([]);
    else stretches.at(-1)!.push(i);
  const drawn = stretches
    .filter((stretch) => stretch.length > 0)
    .map((stretch) => {
      const there = stretch.map((i) => `${x(i)},${y(most[i]!)}`);
      const back = [...stretch].reverse().map((i) => `${x(i)},${y(least[i]!)}`);
      return svg("path", { d: `M${[...there, ...back].join("L")}Z` });
    });
  const label = words.course(short(low), short(high), some);
  return figure(label, label, drawn, ["1", grouped(rest.count)], "tsv-course");
}

function pixels({ width, height, pixels: bytes, words: said }: DebugPicture): HTMLElement {
  const scale = Math.max(1, Math.floor(PICTURE / Math.max(width, height)));
  const canvas = h("canvas", { width, height, role: "img", "aria-label": words.picture(said) });
  canvas.style.width = `${width * scale}px`;
  const context = canvas.getContext("2d");
  if (context) {
    const data = new ImageData(width, height);
    for (let i = 0; i < width * height; i++) {
      data.data.set(bytes.subarray(3 * i, 3 * i + 3), 4 * i);
      data.data[4 * i + 3] = 255;
    }
    context.putImageData(data, 0, 0);
  }
  return h("figure", { class: "tsv-value-plot" }, h("figcaption", {}, words.picture(said)), canvas);
}

function figure(
  title: string,
  label: string,
  drawn: readonly SVGElement[],
  ends: readonly string[],
  name = "tsv-bars",
): HTMLElement {
  const picture = svg("svg", {
    class: name,
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    preserveAspectRatio: "none",
    role: "img",
    "aria-label": label,
  });
  picture.append(...drawn);
  return h(
    "figure",
    { class: "tsv-value-plot" },
    h("figcaption", {}, title),
    picture,
    h("div", { class: "tsv-ends tsv-mono" }, ...ends.map((end) => h("span", {}, end))),
  );
}
