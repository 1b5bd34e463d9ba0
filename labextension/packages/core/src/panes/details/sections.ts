/** A titled part of the details, and rows of facts in it. */

import { h } from "../../dom";
import type { GraphModel } from "../../model";
import { shortNumber } from "../../scene/words";

/** A title and what stands under it; nothing at all where there is no content. */
export function section(title: string, content: Node | null): Node[] {
  return content === null ? [] : [h("h4", {}, title), content];
}

/** Names and what is known about each; unknown (empty) facts are left out. */
export function facts(rows: readonly (readonly [string, string])[]): HTMLElement | null {
  const known = rows.filter(([, text]) => text !== "");
  if (known.length === 0) return null;
  return h(
    "dl",
    { class: "tsv-kv" },
    ...known.flatMap(([name, text]) => [h("dt", {}, name), h("dd", {}, text)]),
  );
}

export const muted = (text: string): HTMLElement => h("div", { class: "tsv-muted" }, text);

/** FLOPs of a scope: what the module says, else the sum of its nodes where any is known. */
export function flopsOf(graph: GraphModel, container: number, known: number | null): string {
  if (known !== null) return shortNumber(known);
  let sum = 0;
  for (const node of container === 0 ? [] : graph.nodesIn(container)) {
    const flops = graph.payload.nodes.flops[node]!;
    if (!Number.isNaN(flops)) sum += flops;
  }
  return sum > 0 ? shortNumber(sum) : "";
}
