/** Keys of the explorer. They act with the focus inside only, and never while a field is typed in. */

import { type Action } from "./actions";
import { currentGraph, type Selection, type State } from "./state";
import type { GraphModel } from "./model";
import { isBeside } from "./besides";
import { currentStep } from "./stepping";
import { selectedNodes, sourcesOf, usersOf } from "./selectors";

export interface KeyTargets {
  readonly dispatch: (action: Action) => void;
  readonly state: () => State;
  readonly fit: () => void;
  readonly zoom: (factor: number) => void;
  readonly search: () => void;
  /** Uses a key for the program that is stepped; false where there is none, or for other keys. */
  readonly debug?: (key: string) => boolean;
  readonly leave: () => void;
}

/** Keys and what they do, in the words of the help. */
export const KEYS: readonly (readonly [key: string, meaning: string])[] = [
  ["/", "search an op, value, scope, file:line or /regex/"],
  ["↑ ↓", "to what the selection takes from, to what takes from it"],
  ["← →", "to the node before or after it in the text"],
  ["Enter", "show the details"],
  ["o", "fold or unfold"],
  ["i  u", "set off all inputs, all outputs"],
  ["[  ]", "the change before, the next change, of the recorded passes, or between two variants"],
  ["{  }", "the change before, the next change, of what is selected"],
  ["s", "before and after, or two variants, side by side: as graphs, as IR text, off"],
  ["x", "swap the sides of two variants"],
  ["a  b", "pin the snapshot shown as A, as B: both pinned stand side by side"],
  ["c  p", "while a program is stepped: continue, pause"],
  ["s  n  u  r", "then, too: step in, over, out, back"],
  ["b", "then, too: set a breakpoint at the selection, or take it away"],
  ["F5 F6 ⇧F5", "the same in the full window: continue, pause, stop"],
  ["F11 F10 ⇧F11 ⇧F10", "step in, over, out, back"],
  ["F9", "a breakpoint at the selection"],
  ["f", "show the whole graph"],
  ["+  −", "zoom; also Ctrl or ⌘ with the wheel, or pinch"],
  ["Alt ←  Alt →", "back, forward"],
  ["?", "this help"],
  ["Esc", "close, clear the selection, leave to the cell"],
];

const NEXT_COMPARE = { off: "graphs", graphs: "text", text: "off" } as const;

export function handleKey(event: KeyboardEvent, to: KeyTargets): boolean {
  const target = event.target as Element;
  const state = to.state();
  const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  if (isFunctionKey(event) && !event.ctrlKey && !event.metaKey && !event.altKey)
    return to.debug?.(event.shiftKey ? `Shift+${event.key}` : event.key) ?? false;
  if (isTyping) return false;
  if (event.altKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
    to.dispatch({ type: event.key === "ArrowLeft" ? "back" : "forward" });
    return true;
  }
  const isTyped = event.getModifierState("AltGraph"); // brackets of many keyboards need it
  if (!isTyped && (event.ctrlKey || event.metaKey || event.altKey)) return false;
  if (to.debug?.(event.key)) return true;
  switch (event.key) {
    case "/":
      to.search();
      return true;
    case "?":
      to.dispatch({ type: "help", open: !state.help });
      return true;
    case "Escape":
      escape(state, to);
      return true;
    case "[":
    case "]":
      to.dispatch({
        type: isBeside(state) ? "nextDifference" : "nextStep",
        direction: event.key === "[" ? -1 : 1,
      });
      return true;
    case "{":
    case "}":
      to.dispatch({ type: "nextTouch", direction: event.key === "{" ? -1 : 1 });
      return true;
    case "a":
    case "b":
      to.dispatch({ type: "pin", pin: event.key, step: currentStep(state) });
      return true;
    case "x":
      to.dispatch({ type: "swap" });
      return true;
    case "s":
      to.dispatch({ type: "compare", compare: NEXT_COMPARE[state.compare] });
      return true;
    case "f":
      to.fit();
      return true;
    case "+":
    case "=":
      to.zoom(1.3);
      return true;
    case "-":
      to.zoom(1 / 1.3);
      return true;
    case "i":
      to.dispatch({ type: "trace", direction: "inputs" });
      return true;
    case "u":
      to.dispatch({ type: "trace", direction: "outputs" });
      return true;
    case "o":
      unfold(state, to);
      return true;
    case "Enter":
      if (target.closest("button, [role='tab']")) return false;
      to.dispatch({ type: "inspector", open: true });
      return true;
    case "ArrowUp":
    case "ArrowDown":
    case "ArrowLeft":
    case "ArrowRight":
      return walk(event.key, state, to);
    default:
      return false;
  }
}

/** Function keys type nothing: they act from a field, too. */
export const isFunctionKey = ({ key }: KeyboardEvent): boolean => /^F\d\d?$/.test(key);

function escape(state: State, to: KeyTargets): void {
  if (state.help) to.dispatch({ type: "help", open: false });
  else if (state.search !== null) to.dispatch({ type: "search", query: null });
  else if (state.place.selection ?? state.subject.selection)
    to.dispatch({ type: "select", selection: null });
  else if (isBeside(state)) to.dispatch({ type: "compare", compare: "off" });
  else if (state.fullWindow) to.dispatch({ type: "fullWindow", on: false });
  else to.leave();
}

function unfold(state: State, to: KeyTargets): void {
  const graph = currentGraph(state);
  const { selection } = state.place;
  if (!graph) return;
  if (selection?.kind === "container")
    to.dispatch({ type: "toggle", container: selection.container });
  else if (selection?.kind === "node") {
    const container = Math.max(graph.containerOf(selection.node), 0) || graph.home(selection.node);
    to.dispatch({ type: "toggle", container });
    if (container > 0) to.dispatch({ type: "select", selection: { kind: "container", container } });
  }
}

/** Along def and use, or along the text. */
function walk(key: string, state: State, to: KeyTargets): boolean {
  const graph = currentGraph(state);
  if (!graph || graph.nodeCount === 0) return false;
  const next = neighbour(graph, state.place.selection, key);
  if (next >= 0)
    to.dispatch({ type: "select", selection: { kind: "node", node: next }, reveal: true });
  return true;
}

export function neighbour(graph: GraphModel, selection: Selection | null, key: string): number {
  const nodes = selectedNodes(graph, selection);
  const [first] = nodes;
  const drawn = (node: number) =>
    node >= 0 && node < graph.nodeCount && (graph.role(node) === 0 || graph.role(node) > 2);
  if (first === undefined) {
    for (let node = 0; node < graph.nodeCount; node++) if (drawn(node)) return node;
    return 0;
  }
  const inside = new Set(nodes);
  const best = (candidates: readonly number[]) =>
    candidates.find((node) => !inside.has(node) && drawn(node)) ??
    candidates.find((node) => !inside.has(node)) ??
    -1;
  if (key === "ArrowUp") return best(nodes.flatMap((node) => sourcesOf(graph, node)));
  if (key === "ArrowDown")
    return best([...nodes].reverse().flatMap((node) => usersOf(graph, node)));
  const step = key === "ArrowLeft" ? -1 : 1;
  let node = (step < 0 ? first : nodes.at(-1)!) + step;
  while (node >= 0 && node < graph.nodeCount && !drawn(node)) node += step;
  return node >= 0 && node < graph.nodeCount ? node : -1;
}
