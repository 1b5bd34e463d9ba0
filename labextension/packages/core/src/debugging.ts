/** A program that is stepped, as far as the browser knows: where it is held, and what there is to see. */

import type { Action } from "./actions";
import { memoised } from "./memoised";
import type {
  DebugBreakpoint,
  DebugPage,
  DebugState,
  DebugValue,
  DebugValues,
} from "./protocol.generated";
import type { Failure, State } from "./state";

export const UNITS = ["node", "line", "module"] as const;
export type Unit = (typeof UNITS)[number];

/** Some numbers of what an expression gives. */
export interface Numbers {
  readonly text: string;
  readonly page: DebugPage;
}

export interface Debug {
  /** What was answered last; null before anything was asked. */
  readonly state: DebugState | null;
  /** What a step goes by. */
  readonly by: Unit;
  readonly values: readonly DebugValue[];
  /** How many values are in sight. */
  readonly total: number;
  /** The number of the answer that the values belong to. */
  readonly serial: number;
  /** The value that was chosen in the table, or "". */
  readonly chosen: string;
  readonly numbers: Numbers | null;
  /** Why the last thing that was asked could not be. */
  readonly failure: Failure | null;
}

export const NO_DEBUG: Debug = {
  state: null,
  by: "node",
  values: [],
  total: 0,
  serial: 0,
  chosen: "",
  numbers: null,
  failure: null,
};

export type DebugAction =
  | { readonly what: "state"; readonly state: DebugState }
  | { readonly what: "by"; readonly by: Unit }
  | { readonly what: "values"; readonly values: DebugValues }
  | { readonly what: "choose"; readonly name: string }
  | { readonly what: "numbers"; readonly numbers: Numbers | null }
  | { readonly what: "failed"; readonly failure: Failure | null };

type Change = (state: State, action: Action) => State;

export function reduceDebug(state: State, action: DebugAction, change: Change): State {
  const { debug } = state;
  const changed = (next: Partial<Debug>): State => ({ ...state, debug: { ...debug, ...next } });
  switch (action.what) {
    case "state":
      return stand(state, action.state, change);
    case "by":
      return changed({ by: action.by });
    case "values":
      return takeValues(state, action.values);
    case "choose":
      return changed({ chosen: action.name, numbers: null });
    case "numbers":
      return changed({ numbers: action.numbers });
    case "failed":
      return changed({ failure: action.failure });
  }
}

/** Takes what was answered, unless something newer is known; where it is held is brought into view. */
function stand(state: State, next: DebugState, change: Change): State {
  const { debug } = state;
  if (debug.state && next.serial <= debug.state.serial) return state;
  const hasMoved = stopOf(debug.state) !== stopOf(next);
  const isGone = !isLooking(next);
  const after: State = {
    ...state,
    debug: {
      ...debug,
      state: next,
      failure: null,
      ...(isGone ? { values: [], total: 0, chosen: "", numbers: null } : {}),
    },
  };
  return hasMoved ? reveal(after, change) : after;
}

const stopOf = (state: DebugState | null) =>
  state ? `${state.status} ${state.position} ${state.is_after} ${state.node}` : "";

/** Selects the node that is next; back and forward do not lead through every step. */
function reveal(state: State, change: Change): State {
  const graph = debugGraph(state);
  const node = state.debug.state?.node ?? -1;
  if (node < 0 || !state.document?.graphs[graph]) return state;
  const shown = change(state, { type: "showGraph", graph });
  const next = change(shown, { type: "select", selection: { kind: "node", node }, reveal: true });
  return { ...next, past: state.past, future: state.future };
}

function takeValues(state: State, { serial, first, total, rows }: DebugValues): State {
  const { debug } = state;
  if (serial < debug.serial || !debug.state || !isLooking(debug.state)) return state;
  const values = [...debug.values.slice(0, first), ...rows];
  return { ...state, debug: { ...debug, serial, values, total } };
}

// ── what panes ask ──────────────────────────────────────────────────────────────────────────────

/** Whether something is stepped. */
export const isStepping = ({ debug }: State) =>
  debug.state !== null && debug.state.status !== "none" && debug.state.status !== "ended";

/** Whether its values can be looked at. */
export const isLooking = ({ status }: DebugState) =>
  status === "paused" || status === "finished" || status === "failed";

/** The row of the graph that is stepped. */
export function debugGraph({ document, debug }: State): number {
  if (!debug.state?.is_other) return 0;
  return document?.graphs.findIndex(({ payload }) => payload.kind === "stepped") ?? -1;
}

/** The node that the program is held at, in the graph that is shown; -1 for none. */
export function currentNode(state: State): number {
  const { debug, place } = state;
  if (!isStepping(state) || place.graph !== debugGraph(state)) return -1;
  return debug.state?.node ?? -1;
}

/** The line of a file that the program is held at, 0 for none. */
export function currentLine(state: State, file: number): number {
  const { document, debug } = state;
  if (!isStepping(state) || !debug.state || debug.state.line === 0) return 0;
  return document?.payload.files[file]?.path === debug.state.path ? debug.state.line : 0;
}

const NO_BREAKPOINTS: ReadonlyMap<number, DebugBreakpoint> = new Map();

/** The breakpoints of a file, by line. */
export function breakpointsOfFile(
  state: State,
  file: number,
): ReadonlyMap<number, DebugBreakpoint> {
  const path = state.document?.payload.files[file]?.path;
  if (!isStepping(state) || !state.debug.state || path === undefined) return NO_BREAKPOINTS;
  return byLine(state.debug.state.breakpoints, path);
}

const byLine = memoised(
  (all: readonly DebugBreakpoint[], path: string): ReadonlyMap<number, DebugBreakpoint> =>
    new Map(all.filter((one) => one.path === path).map((one) => [one.line, one])),
);

/** The breakpoints of single nodes of the graph that is shown. */
export function breakpointsOfNodes(state: State): ReadonlyMap<number, DebugBreakpoint> {
  if (!isStepping(state) || !state.debug.state || state.place.graph !== debugGraph(state))
    return NO_BREAKPOINTS;
  return byNode(state.debug.state.breakpoints);
}

const byNode = memoised(
  (all: readonly DebugBreakpoint[]): ReadonlyMap<number, DebugBreakpoint> =>
    new Map(all.filter((one) => one.node >= 0).map((one) => [one.node, one])),
);

/** Where a breakpoint goes, or a run: what is selected. */
export type Spot =
  | { readonly kind: "node"; readonly node: number }
  | { readonly kind: "line"; readonly path: string; readonly line: number };

export function selectedSpot(state: State): Spot | null {
  const { place, document } = state;
  const { selection } = place;
  if (selection?.kind === "line") {
    const path = document?.payload.files[selection.file]?.path;
    return path === undefined ? null : { kind: "line", path, line: selection.line };
  }
  if (selection?.kind !== "node" || place.graph !== debugGraph(state)) return null;
  return { kind: "node", node: selection.node };
}

/** The breakpoint that stands at a place. */
export function breakpointAt(state: State, spot: Spot): DebugBreakpoint | undefined {
  return state.debug.state?.breakpoints.find((one) =>
    spot.kind === "node"
      ? one.node === spot.node
      : one.path === spot.path && one.line === spot.line,
  );
}
