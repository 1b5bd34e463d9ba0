/** From what a profile shows to what is selected: its node, its line or its scope. */

import type { Action } from "./actions";
import { currentGraph, type Selection, type State } from "./state";
import { Kind, type GraphModel, type Heat, type Measure, type Profile } from "./model";
import { shortAmount, shortShare } from "./scene/words";
import { strings } from "./strings";

/** What a bar or a row of a profile stands for. */
export type Target =
  | { readonly kind: "line"; readonly file: number; readonly line: number }
  | { readonly kind: "module"; readonly path: string }
  /** A node of the plan, and those of the program that it stands for, by number. */
  | { readonly kind: "nodes"; readonly plan: number; readonly numbers: readonly number[] };

/** What boxes and lines are coloured by, in the graph that is shown; null where that is nothing. */
export function heatOf(state: State): Heat | null {
  const graph = currentGraph(state);
  const { profile } = state.document ?? {};
  return graph && profile && state.heat ? profile.heatOf(graph, state.heat) : null;
}

/** What a line took, as its margin shows it: its own nodes, else those in calls made from it. */
export interface LineTook {
  readonly amount: number;
  readonly whole: number;
  readonly isThrough: boolean;
  readonly words: string;
}

/** Null where nothing of a line was measured. */
export function lineTook(
  profile: Profile,
  measure: Measure,
  file: number,
  line: number,
): LineTook | null {
  const heat = profile.lineHeat(file, line, measure);
  if (!heat) return null;
  const whole = profile.whole(measure);
  const words = (amount: number) => `${shortAmount(measure, amount)}, ${shortShare(amount, whole)}`;
  const isThrough = !(heat.own > 0);
  const through = heat.through > heat.own ? words(heat.through) : "";
  return {
    amount: isThrough ? heat.through : heat.own,
    whole,
    isThrough,
    words: strings.lineTook(strings.measures[measure], words(heat.own), through),
  };
}

/** Selects what is meant: in the graph that is shown, or in the program where that has no such thing. */
export function showMeasured(
  state: State,
  target: Target,
  change: (state: State, action: Action) => State,
): State {
  const select = (from: State, selection: Selection) =>
    change(from, { type: "select", selection, reveal: true });
  if (target.kind === "line") {
    const tab = state.narrowTab;
    const narrowTab = tab === "text" || tab === "inspector" ? "source" : tab;
    return select({ ...state, narrowTab }, target);
  }
  const graph = currentGraph(state);
  const here = graph && found(state, graph, target);
  if (here) return select(state, here);
  const program = change(state, { type: "showGraph", graph: 0 });
  const there = program.document && found(program, program.document.graphs[0]!, target);
  return there ? select(program, there) : state;
}

function found(
  state: State,
  graph: GraphModel,
  target: Exclude<Target, { kind: "line" }>,
): Selection | null {
  if (target.kind === "module") return scopeOf(graph, target.path);
  const isPlan = state.document?.profile?.plan === graph;
  const numbers = isPlan && target.plan >= 0 ? [target.plan] : target.numbers;
  const nodes = numbers.map((id) => graph.nodeOf(id)).filter((node) => node >= 0);
  if (nodes.length > 1) return { kind: "nodes", nodes };
  return nodes.length === 1 ? { kind: "node", node: nodes[0]! } : null;
}

/** The scope of a module's first call. */
function scopeOf(graph: GraphModel, path: string): Selection | null {
  if (path === "") return { kind: "container", container: 0 };
  for (let c = 1; c < graph.containerCount; c++)
    if (graph.kind(c) === Kind.module && graph.path(c) === path)
      return { kind: "container", container: c };
  return null;
}
