/** Details of the whole program, shown while nothing is selected. */

import { button, h } from "../../dom";
import { HOW } from "../../model";
import type { DiagnosticPayload } from "../../protocol.generated";
import { shortBytes } from "../../scene/words";
import { grouped, strings } from "../../strings";
import type { Context } from "./context";
import { lineLink, weightList } from "./links";
import { facts, flopsOf, muted, section } from "./sections";

export function overview(context: Context): Node[] {
  const { graph } = context;
  const { payload } = graph.document;
  const root = payload.modules.find((module) => module.parent < 0);
  const weights = Array.from({ length: graph.document.weights.count }, (_, i) => i);
  return [
    h("h3", {}, payload.title),
    h("div", { class: "tsv-faint" }, `${payload.variant} · ${payload.method} · ${payload.source}`),
    ...(isSnapshot(context) ? [h("div", { class: "tsv-faint" }, graph.payload.name)] : []),
    ...section(
      "Facts",
      facts([
        ["Nodes", grouped(graph.nodeCount)],
        ["Parameters", root ? grouped(root.parameters) : ""],
        ["Size", root ? shortBytes(root.bytes) : ""],
        ["FLOPs", flopsOf(graph, 0, root?.flops ?? null)],
      ]),
    ),
    ...section("Linked to source", coverage(context)),
    ...section("Shapes", shapes(context)),
    ...section("Findings", findings(context)),
    ...section(`Weights (${weights.length})`, weightList(context, weights)),
    ...section("Versions", facts(Object.entries(payload.versions))),
  ];
}

const isSnapshot = ({ graph }: Context) =>
  ["snapshot", "variant", "plan"].includes(graph.payload.kind);

function coverage(context: Context): Node | null {
  const { graph } = context;
  if (isSnapshot(context)) {
    const counts = HOW.map(() => 0);
    for (const how of graph.payload.nodes.how) counts[how]! += 1;
    return facts(HOW.map((how, i) => [how, String(counts[i])]));
  }
  const { exact, call, inferred, none, lines, top_share } = graph.document.payload.coverage;
  const busiest = Math.round(top_share * 100);
  return facts([
    ["exact", String(exact)],
    ["call", String(call)],
    ["inferred", String(inferred)],
    ["none", String(none)],
    ["Lines", `${lines}, the busiest has ${busiest}% of the nodes`],
  ]);
}

/** Whether shapes are known, and if not the way to them that is open here. */
function shapes({ graph, commands }: Context): Node {
  if (graph.document.hasObserved) return muted(strings.shapesKnown);
  if (commands.transport.unavailable !== "") return muted(strings.shapesNotSaved);
  const reason = commands.reason("observe");
  if (reason !== "") return muted(reason);
  const run = button(strings.runOnce, () => void commands.observe(), {
    class: "tsv-btn tsv-primary",
  });
  return h("div", {}, run, muted(strings.runOnceHow));
}

function findings(context: Context): Node | null {
  const { diagnostics } = context.graph.document.payload;
  if (diagnostics.length === 0) return null;
  return h("ul", {}, ...diagnostics.map((found) => finding(context, found)));
}

/** A diagnostic with the way to its line. */
export function finding(context: Context, found: DiagnosticPayload): HTMLElement {
  const { severity, code, message, file, line, help } = found;
  return h(
    "li",
    {},
    h("b", { class: severity === "error" ? "tsv-how-none" : "tsv-muted" }, `${severity}[${code}] `),
    message,
    file >= 0 ? " " : null,
    file >= 0 ? lineLink(context, file, line) : null,
    help === "" ? null : muted(`help: ${help}`),
  );
}
