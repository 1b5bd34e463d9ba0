/** What corresponds to the selection in the variant beside the one shown. */

import { chosenVariant, namesOf, otherGraph } from "../../besides";
import { h } from "../../dom";
import { strings } from "../../strings";
import { absenceWords } from "../../variants";
import type { Context } from "./context";
import { lineLink } from "./links";
import { muted, section } from "./sections";

/** The counterpart of a node in the other variant, and by what it was found. */
export function counterpartOf({ graph, store }: Context, node: number): Node[] {
  const { value: state } = store;
  const { document } = graph;
  const row = otherGraph(state);
  const other = document.graphs[row];
  if (!other) return [];
  const [adjective, name] = namesOf(document, row);
  const id = graph.id(node);
  const twin = other.nodeOf(id);
  const match = chosenVariant(state)?.matchOf(id);
  const title = strings.counterpart(name);
  if (twin < 0 || !match) return section(title, muted(strings.noCounterpart(name)));
  const link = h("button", { type: "button", class: "tsv-link" }, other.op(twin));
  link.addEventListener("click", () => {
    store.dispatch({ type: "swap" });
    store.dispatch({ type: "select", selection: { kind: "node", node: twin }, reveal: true });
  });
  link.title = strings.showIn(adjective);
  const how = h("span", { class: "tsv-faint" }, strings.matches[match]);
  return section(title, h("div", { class: "tsv-frame" }, link, how));
}

/** Why nothing of what was selected in the other variant is in this one; null where that is not so. */
export function variantObituary(context: Context): Node[] | null {
  const { graph, store } = context;
  const words = absenceWords(store.value);
  if (words === "") return null;
  const { document, subject } = store.value;
  const from = document!.graphs[subject.graph]!;
  const node = subject.selection?.kind === "node" ? subject.selection.node : -1;
  const frame = node < 0 ? null : graph.document.frame(from.payload.nodes.model[node]!);
  return [
    h("h3", {}, node < 0 ? strings.notHere : from.op(node)),
    h("div", {}, words),
    ...(frame ? section("Line", lineLink(context, frame.file, frame.line)) : []),
  ];
}
