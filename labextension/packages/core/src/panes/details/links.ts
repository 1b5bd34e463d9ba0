/** Lists of things that can be selected from the details. */

import type { Selection } from "../../state";
import { h } from "../../dom";
import { Role } from "../../model";
import { counted, strings } from "../../strings";
import { select, type Context } from "./context";

const MOST_LISTED = 60;

function link(
  context: Context,
  label: string,
  selection: Selection,
  { reveal = true, title = "" } = {},
): HTMLElement {
  const element = h(
    "button",
    { type: "button", class: "tsv-link", title: title === "" ? null : title },
    label,
  );
  element.addEventListener("click", () => select(context, selection, reveal));
  return element;
}

export function lineLink(context: Context, file: number, line: number): HTMLElement {
  const { title = "?", path = "" } = context.graph.document.payload.files[file] ?? {};
  const selection: Selection = { kind: "line", file, line };
  return link(context, `${title}:${line}`, selection, { reveal: false, title: path });
}

/** The first of many items, and how many more there are; null where there are none. */
function listOf(
  items: readonly number[],
  item: (index: number) => readonly Node[],
  more: (count: number) => string = String,
): Node | null {
  if (items.length === 0) return null;
  const list = h("ul");
  for (const index of items.slice(0, MOST_LISTED))
    list.append(h("li", { class: "tsv-frame" }, ...item(index)));
  const left = items.length - MOST_LISTED;
  if (left > 0) list.append(h("li", { class: "tsv-faint" }, `and ${more(left)} more`));
  return list;
}

const faint = (text: string) => h("span", { class: "tsv-faint" }, text);

export function nodeList(context: Context, nodes: readonly number[]): Node | null {
  const { graph } = context;
  return listOf(
    nodes,
    (node) => [
      link(context, graph.op(node), { kind: "node", node }),
      faint(graph.document.place(graph.payload.nodes.model[node]!)),
    ],
    (count) => counted(count, strings.node),
  );
}

export function containerList(context: Context, containers: readonly number[]): Node | null {
  const { graph } = context;
  return listOf(containers, (container) => [
    link(context, graph.path(container) || graph.label(container), {
      kind: "container",
      container,
    }),
  ]);
}

export function weightList(context: Context, weights: readonly number[]): Node | null {
  return listOf(weights, (index) => {
    const { name, dtype, shape } = context.graph.document.weights.get(index);
    return [
      link(context, name, { kind: "weight", weight: index }, { reveal: false }),
      faint(`${dtype} [${shape.join(", ")}]`),
    ];
  });
}

/** Values with what a run showed of each, else what is known without one. */
export function valueList(context: Context, values: readonly number[]): Node | null {
  if (values.length === 0) return null;
  const { graph } = context;
  const list = h("dl", { class: "tsv-kv tsv-mono" });
  for (const value of values.slice(0, MOST_LISTED)) {
    const producer = graph.producer(value);
    const isConstant = producer >= 0 && graph.role(producer) === Role.constant;
    const constant = isConstant ? graph.attributes(producer).replace(/^value=/, "") : "";
    const [observed, type] = [graph.observed(value), graph.valueType(value)];
    list.append(
      h("dt", {}, link(context, `%${graph.valueName(value)}`, { kind: "value", value })),
      h(
        "dd",
        {},
        observed === "" ? constant : observed,
        observed !== "" && type === "Tensor" ? null : faint(` ${type}`),
      ),
    );
  }
  if (values.length > MOST_LISTED)
    list.append(h("dt"), h("dd", {}, `and ${values.length - MOST_LISTED} more`));
  return list;
}
