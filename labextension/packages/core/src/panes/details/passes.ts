/** What passes did to what is selected: how it came to be, what it became, how it was lost. */

import { h } from "../../dom";
import type { Birth, Loss, Passes } from "../../model";
import { absenceOf, currentStep, isSnapshot, type Outside } from "../../stepping";
import { counted, strings } from "../../strings";
import type { Context } from "./context";
import { lineLink, nodeList } from "./links";
import { section } from "./sections";

/** How a node came to be, and the way to where it comes from and to what became of it. */
export function passesOf({ graph, store }: Context, node: number): Node | null {
  const { passes } = graph.document;
  const { place } = store.value;
  if (!passes || !isSnapshot(graph.document, place.graph)) return null;
  const at = currentStep(store.value);
  const part = passes.partOf(at);
  const last = part.steps.at(-1) ?? at;
  const id = graph.id(node);
  const row = (label: string, step: number) => {
    const { ids, loss } = passes.follow([id], at, step);
    const links = linksTo({ graph, store }, ids, step);
    if (links.length > 0) return item(`${label}: `, ...links);
    return loss ? item(`${label}: gone, `, stepLink({ store, graph }, loss.step)) : null;
  };
  const birth = passes.birth(id);
  return h(
    "ul",
    {},
    birth && item(...birthWords({ graph, store }, birth)),
    at === -1 ? null : row(strings.asCaptured, -1),
    at === last ? null : row(part.number > 0 ? strings.endOfPart : strings.theEnd, last),
  );
}

/** What one thing of another snapshot is in this one: several nodes. */
export function nodesDetails(context: Context, nodes: readonly number[]): Node[] {
  return [
    h("h3", {}, counted(nodes.length, strings.node)),
    h("div", { class: "tsv-faint" }, "in this snapshot, for what was selected in another"),
    ...section("Nodes", nodeList(context, nodes)),
  ];
}

/** Why what was selected is not in this snapshot; null where nothing is missing. */
export function obituary(context: Context): Node[] | null {
  const absence = absenceOf(context.store.value);
  if (!absence) return null;
  if ("cause" in absence) return lost(context, absence);
  return "part" in absence ? outside(context, absence) : notYet(context, absence);
}

function outside(context: Context, { part, step }: Outside): Node[] {
  const words = part.number > 0 ? strings.partOf(part.number) : strings.theProgram;
  return [
    h("h3", {}, strings.notInPart(words)),
    h("div", {}, strings.notInPartHow, stepLink(context, step)),
  ];
}

type Ways = Pick<Context, "graph" | "store">;

function lost(context: Context, loss: Loss): Node[] {
  const { document } = context.graph;
  const passes = document.passes!;
  const before = document.graphs[passes.graphAfter(passes.before(loss.step))]!;
  const node = before.nodeOf(loss.id);
  const frame = document.frame(before.payload.nodes.model[node] ?? -1);
  const heirs = linksTo(context, loss.heirs, loss.step);
  return [
    h(
      "div",
      { class: "tsv-headline" },
      h("h3", {}, before.op(node)),
      h("span", { class: "tsv-pill tsv-sign-removed" }, "− gone"),
    ),
    h(
      "dl",
      { class: "tsv-kv" },
      ...term("Pass", stepLink(context, loss.step)),
      ...term("What", h("span", {}, actionOf(passes, loss))),
      ...term("Why", h("span", {}, loss.cause)),
      ...(heirs.length > 0 ? term("In its place", h("span", {}, ...heirs)) : []),
      ...(frame ? term("Line", lineLink(context, frame.file, frame.line)) : []),
      ...term("Last seen", h("span", {}, ...linksTo(context, [loss.id], passes.before(loss.step)))),
    ),
  ];
}

/** How what stands in its place came to be in the same step; else it was just taken away. */
function actionOf(passes: Passes, { step, heirs }: Loss): string {
  const births = heirs.map((heir) => passes.birth(heir));
  const birth = births.find((found) => found?.step === step);
  return birth
    ? `${strings.actions[birth.action]}${birth.exact ? "" : " (inferred)"}`
    : strings.takenAway;
}

function notYet(context: Context, birth: Birth): Node[] {
  const words = birthWords(context, birth);
  return [h("h3", {}, "not made yet"), h("div", {}, ...words)];
}

function birthWords(context: Ways, { step, action, exact, sources }: Birth): (Node | string)[] {
  const passes = context.graph.document.passes!;
  const before = passes.before(step);
  const sourceStep = passes.graphAfter(before) < 0 ? passes.partOf(step).entry : before;
  const links = linksTo(context, sources, sourceStep);
  const how = exact ? "" : " (inferred)";
  const from = links.length > 0 ? [` from `, ...links] : [];
  return [`${strings.actions[action]} by `, stepLink(context, step), ...from, how];
}

/** Links that show a snapshot, and select a node in it; those that are not there are left out. */
function linksTo({ graph, store }: Ways, ids: readonly number[], step: number): (Node | string)[] {
  const { passes, graphs } = graph.document;
  const there = graphs[passes!.graphAfter(step)];
  if (!there) return [];
  const nodes = ids.map((id) => there.nodeOf(id)).filter((node) => node >= 0);
  const links = nodes.slice(0, MOST_LINKS).map((node) =>
    link(there.op(node), () => {
      store.dispatch({ type: "showStep", step });
      store.dispatch({ type: "select", selection: { kind: "node", node }, reveal: true });
    }),
  );
  const more = nodes.length - links.length;
  return [
    ...links.flatMap((one, i) => (i > 0 ? [", ", one] : [one])),
    ...(more > 0 ? [` and ${more} more`] : []),
  ];
}

const MOST_LINKS = 6;

function stepLink({ graph, store }: Ways, step: number): HTMLElement {
  const name = graph.document.passes!.steps[step]?.name;
  return link(name ?? (step === -1 ? strings.asCaptured : strings.asTakenOut), () =>
    store.dispatch({ type: "showStep", step }),
  );
}

function link(label: string, act: () => void): HTMLElement {
  const element = h("button", { type: "button", class: "tsv-link" }, label);
  element.addEventListener("click", act);
  return element;
}

const item = (...content: (Node | string)[]) => h("li", { class: "tsv-passes" }, ...content);

const term = (name: string, content: Node) => [h("dt", {}, name), h("dd", {}, content)];
