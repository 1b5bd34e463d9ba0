/** Details of a node: where it comes from, what it takes and gives, who uses it. */

import { h } from "../../dom";
import { Role } from "../../model";
import { shortNumber } from "../../scene/words";
import { usersOf } from "../../selectors";
import type { Context } from "./context";
import { lineLink, nodeList, valueList, weightList } from "./links";
import { passesOf } from "./passes";
import { profileOfNode } from "./profile";
import { facts, muted, section } from "./sections";
import { counterpartOf } from "./variants";

const HOW_TITLES = {
  exact: "the compiler's own range, in a known file",
  call: "recovered from the inlined call stack",
  inferred: "inferred from users, producers or a constant's name",
  none: "no line is known",
};

export function nodeDetails(context: Context, node: number): Node[] {
  const { graph } = context;
  const how = graph.how(node);
  const schema = graph.schema(node).replace(/^[^(]*/, "");
  const flops = graph.payload.nodes.flops[node]!;
  return [
    h(
      "div",
      { class: "tsv-headline" },
      h("h3", {}, graph.op(node)),
      h("span", { class: `tsv-pill tsv-how-${how}`, title: HOW_TITLES[how] }, how),
    ),
    ...(schema === "" ? [] : [h("div", { class: "tsv-faint tsv-mono" }, schema)]),
    ...whereOf(context, node),
    ...counterpartOf(context, node),
    ...profileOfNode(context, node),
    ...section("Passes", passesOf(context, node)),
    ...section("Inputs", valueList(context, graph.inputs(node))),
    ...section("Outputs", valueList(context, graph.outputs(node))),
    ...section(
      "Facts",
      facts([
        ["Attributes", graph.attributes(node)],
        ["Scope", graph.path(Math.max(graph.home(node), 0))],
        ["FLOPs", Number.isNaN(flops) ? "" : shortNumber(flops)],
      ]),
    ),
    ...section("Weights", weightList(context, weightsOf(context, node))),
    ...section("Used by", nodeList(context, [...new Set(usersOf(graph, node))])),
  ];
}

/** The call stack of a node, innermost first. */
export function whereOf(context: Context, node: number): Node[] {
  const { graph } = context;
  const { nodes } = graph.payload;
  const stack = graph.document.stack(nodes.frame[node]!);
  const [model, own] = [nodes.model[node]!, nodes.own[node]!];
  const reason = graph.reason(node);
  const note = reason === "" ? null : muted(reason);
  if (stack.length === 0) return section("Where", note ?? muted("no source line is known"));
  const rows = stack.map((frame, i) => {
    const tags = [frame.id === model ? "model line" : "", frame.id === own ? "own line" : ""];
    return h(
      "li",
      { class: "tsv-frame" },
      i === 0 ? null : h("span", { class: "tsv-faint" }, "called from"),
      lineLink(context, frame.file, frame.line),
      h("span", {}, frame.function),
      ...tags.filter((tag) => tag !== "").map((tag) => h("span", { class: "tsv-tag" }, tag)),
    );
  });
  return section("Where", h("div", {}, h("ul", {}, ...rows), note));
}

/** Weights a node takes, found by the path of its scope and the attribute's name. */
function weightsOf({ graph }: Context, node: number): number[] {
  const names = new Set<string>();
  const path = graph.path(Math.max(graph.home(node), 0));
  for (const value of [...graph.inputs(node), ...graph.outputs(node)]) {
    const producer = graph.producer(value);
    if (producer < 0 || graph.role(producer) !== Role.attribute) continue;
    const name = /name="?([^"\]]*)"?/.exec(graph.attributes(producer))?.[1] ?? "";
    names.add(path === "" ? name : `${path}.${name}`);
  }
  return graph.document.weights.named(names);
}
