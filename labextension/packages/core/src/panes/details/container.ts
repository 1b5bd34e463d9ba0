/** Details of a scope, an If or a Loop: its size and cost, what is identical to it. */

import { button, h } from "../../dom";
import { shortBytes } from "../../scene/words";
import type { Context } from "./context";
import { containerList, lineLink, valueList, weightList } from "./links";
import { whereOf } from "./node";
import { profileOfContainer, profileOfNode } from "./profile";
import { grouped } from "../../strings";
import { facts, flopsOf, section } from "./sections";

export function containerDetails(context: Context, container: number): Node[] {
  const { graph } = context;
  const { containers } = graph.payload;
  const { modules } = graph.document.payload;
  const node = containers.node[container]!;
  const module = modules[containers.module[container]!];
  const alike = graph.alike(container);
  return [
    headline(context, container),
    h("div", { class: "tsv-faint tsv-mono" }, graph.detail(container)),
    ...(node >= 0 ? whereOf(context, node) : section("Where", callOf(context, container))),
    ...section(
      "Facts",
      facts([
        ["Nodes", grouped(graph.size(container))],
        ["Parameters", module ? grouped(module.parameters) : ""],
        ["Size", module ? shortBytes(module.bytes) : ""],
        ["FLOPs", flopsOf(graph, container, module?.flops ?? null)],
        ["Mode", module ? (module.training ? "training" : "evaluation") : ""],
      ]),
    ),
    ...(node >= 0 ? profileOfNode(context, node) : profileOfContainer(context, container)),
    ...(node >= 0 ? section("Inputs", valueList(context, graph.inputs(node))) : []),
    ...(node >= 0 ? section("Outputs", valueList(context, graph.outputs(node))) : []),
    ...section(`Identical (${alike.length})`, containerList(context, alike)),
    ...section("Weights", weightList(context, weightsIn(context, container))),
  ];
}

function headline({ graph, store }: Context, container: number): HTMLElement {
  const title = h("h3", {}, graph.path(container) || graph.label(container));
  if (container === 0) return h("div", { class: "tsv-headline" }, title);
  const isOpen = store.value.open[store.value.place.graph]?.has(container) ?? false;
  const fold = button(
    isOpen ? "Fold" : "Unfold",
    () => store.dispatch({ type: "toggle", container }),
    { title: "o" },
  );
  return h("div", { class: "tsv-headline" }, title, fold);
}

function callOf(context: Context, container: number): Node | null {
  const { graph } = context;
  const frame = graph.document.frame(graph.payload.containers.frame[container]!);
  if (!frame) return null;
  return h(
    "div",
    { class: "tsv-frame" },
    h("span", { class: "tsv-faint" }, "called from"),
    lineLink(context, frame.file, frame.line),
    frame.function,
  );
}

function weightsIn({ graph }: Context, container: number): number[] {
  const path = graph.path(container);
  return path === "" ? [] : graph.document.weights.below(path);
}
