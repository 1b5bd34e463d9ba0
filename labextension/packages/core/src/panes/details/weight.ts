/** Details of a weight: its type and shape, and its numbers once they were computed. */

import { button, h, setReason } from "../../dom";
import type { WeightStats } from "../../protocol.generated";
import { shortBytes } from "../../scene/words";
import type { Context } from "./context";
import { grouped } from "../../strings";
import { facts, muted, section } from "./sections";

export function weightDetails(context: Context, index: number): Node[] {
  const weight = context.graph.document.weights.get(index);
  const stats = context.store.value.weights[weight.name] ?? weight.stats;
  return [
    h("h3", {}, weight.name),
    h("div", { class: "tsv-faint tsv-mono" }, weight.kind),
    ...section(
      "Facts",
      facts([
        ["Type", weight.dtype],
        ["Shape", weight.shape.join(" × ") || "scalar"],
        ["Size", shortBytes(weight.bytes)],
      ]),
    ),
    ...section("Numbers", stats ? statistics(stats) : ask(context, weight.name)),
  ];
}

function ask({ commands }: Context, name: string): Node {
  const compute = button("Compute statistics", () => void commands.weight(name));
  const reason = commands.reason("weights");
  setReason(compute, reason);
  return h("div", {}, compute, reason === "" ? null : muted(reason));
}

function statistics(stats: WeightStats): Node {
  return h(
    "div",
    {},
    facts([
      ["Minimum", rounded(stats.minimum)],
      ["Maximum", rounded(stats.maximum)],
      ["Mean", rounded(stats.mean)],
      ["Std", rounded(stats.std)],
      ["Zeros", grouped(stats.zeros)],
      ["Not finite", stats.not_finite > 0 ? grouped(stats.not_finite) : ""],
    ]),
    histogram(stats),
    h(
      "div",
      { class: "tsv-headline tsv-faint" },
      h("span", {}, rounded(stats.minimum)),
      h("span", {}, rounded(stats.maximum)),
    ),
  );
}

function histogram({ histogram: counts, minimum, maximum }: WeightStats): HTMLElement {
  const most = Math.max(...counts, 1);
  const bars = h("div", {
    class: "tsv-bars",
    role: "img",
    "aria-label": `histogram from ${rounded(minimum)} to ${rounded(maximum)}: ${counts.join(", ")}`,
  });
  for (const count of counts) {
    const bar = h("i", { title: String(count) });
    bar.style.height = `${(100 * count) / most}%`;
    bars.append(bar);
  }
  return bars;
}

const rounded = (number: number) => String(Number(number.toPrecision(5)));
