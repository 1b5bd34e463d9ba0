/** Details of what is selected in a text: a value, or a line of the source. */

import { h } from "../../dom";
import { selectedNodes } from "../../selectors";
import { absenceWords } from "../../variants";
import type { Context } from "./context";
import { nodeList } from "./links";
import { profileOfLine } from "./profile";
import { facts, muted, section } from "./sections";

export function valueDetails(context: Context, value: number): Node[] {
  const { graph } = context;
  const producer = graph.producer(value);
  return [
    h("h3", {}, `%${graph.valueName(value)}`),
    ...section(
      "Facts",
      facts([
        ["Type", graph.valueType(value)],
        ["Observed", graph.observed(value)],
      ]),
    ),
    ...section(
      "Made by",
      producer >= 0 ? nodeList(context, [producer]) : muted("a param of the graph or of a block"),
    ),
    ...section("Used by", nodeList(context, graph.users(value))),
  ];
}

export function lineDetails(context: Context, file: number, line: number): Node[] {
  const { graph } = context;
  const nodes = selectedNodes(graph, { kind: "line", file, line });
  const count = graph.lines.count(file, line);
  const payload = graph.document.payload.files[file];
  const text = graph.document
    .source(file)
    .row(line - 1)
    .trim();
  const direct = count?.direct ?? 0;
  const absence = absenceWords(context.store.value);
  const title = direct > 0 || !count ? "Nodes of this line" : "Nodes in calls from this line";
  return [
    h("h3", {}, `${payload?.title ?? "?"}:${line}`),
    h("div", { class: "tsv-mono tsv-faint" }, text),
    ...section(
      "Facts",
      facts([
        ["Nodes", String(direct)],
        ["With calls", count && count.through !== direct ? String(count.through) : ""],
        ["File", payload?.path ?? ""],
      ]),
    ),
    ...profileOfLine(context, file, line),
    ...section(title, nodeList(context, nodes) ?? muted(absence || "no node comes from this line")),
  ];
}
