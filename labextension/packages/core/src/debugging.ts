/** A program that is stepped, as far as the browser knows: where it is held, and what there is to see. */

import type { Action } from "./actions";
import { memoised } from "./memoised";
import type {
  DebugApart,
  DebugBreakpoint,
  DebugDetail,
  DebugDrift,
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

/** What the table shows: values of the graph, or attributes of modules. */
export const LISTS = ["values", "attributes"] as const;
export type List = (typeof LISTS)[number];

/** Rows of the table, in all `total`. */
export interface Listed {
  readonly rows: readonly DebugValue[];
  readonly total: number;
}

const NOTHING_LISTED: Listed = { rows: [], total: 0 };

export interface Debug {
  /** What was answered last; null before anything was asked. */
  readonly state: DebugState | null;
  /** What a step goes by. */
  readonly by: Unit;
  readonly list: List;
  readonly values: Listed;
  readonly attributes: Listed;
  /** The number of the answer that the values belong to. */
  readonly serial: number;
  /** The value that was chosen in the table, or "". */
  readonly chosen: string;
  /** The expression that is looked at: a value's name, or what was typed. */
  readonly look: string;
  readonly detail: DebugDetail | null;
  /** Why it cannot be looked at. */
  readonly unseen: Failure | null;
  readonly numbers: Numbers | null;
  /** Whether records are shown in the place of the table. */
  readonly isOnRecords: boolean;
  /** How far the two records that were compared last drift apart. */
  readonly drift: DebugDrift | null;
  /** How far the last two that were compared are apart. */
  readonly apart: DebugApart | null;
  /** Why the last thing that was asked could not be. */
  readonly failure: Failure | null;
}

export const NO_DEBUG: Debug = {
  state: null,
  by: "node",
  list: "values",
  values: NOTHING_LISTED,
  attributes: NOTHING_LISTED,
  serial: 0,
  chosen: "",
  look: "",
  detail: null,
  unseen: null,
  numbers: null,
  isOnRecords: false,
  drift: null,
  apart: null,
  failure: null,
};

export type DebugAction =
  | { readonly what: "state"; readonly state: DebugState }
  | { readonly what: "by"; readonly by: Unit }
  | { readonly what: "values"; readonly list: List; readonly values: DebugValues }
  | { readonly what: "list"; readonly list: List }
  | { readonly what: "records" }
  | { readonly what: "drift"; readonly drift: DebugDrift | null }
  | { readonly what: "choose"; readonly name: string }
  | { readonly what: "look"; readonly text: string }
  | { readonly what: "detail"; readonly text: string; readonly detail: DebugDetail }
  | { readonly what: "unseen"; readonly text: string; readonly failure: Failure }
  | { readonly what: "apart"; readonly apart: DebugApart | null }
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
      return takeValues(state, action.list, action.values);
    case "list":
      return changed({ list: action.list, isOnRecords: false });
    case "records":
      return changed({ isOnRecords: true });
    case "drift":
      return changed({ drift: action.drift });
    case "choose":
      return changed({ chosen: action.name });
    case "look":
      return action.text === debug.look
        ? state
        : changed({ ...NOTHING_LOOKED_AT, look: action.text });
    case "detail":
      return action.text === debug.look ? changed({ detail: action.detail, unseen: null }) : state;
    case "unseen":
      return action.text === debug.look
        ? changed({ ...NOTHING_LOOKED_AT, unseen: action.failure })
        : state;
    case "apart":
      return changed({ apart: action.apart });
    case "numbers":
      return action.numbers?.text === debug.look ? changed({ numbers: action.numbers }) : state;
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
      ...(isGone ? NOTHING_SEEN : {}),
      ...(next.records.length === 0 ? { drift: null } : {}),
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

const NOTHING_LOOKED_AT = { detail: null, unseen: null, numbers: null };
const NOTHING_SEEN = {
  ...{ values: NOTHING_LISTED, attributes: NOTHING_LISTED, chosen: "", look: "" },
  ...NOTHING_LOOKED_AT,
};

function takeValues(state: State, list: List, answer: DebugValues): State {
  const { debug } = state;
  const { serial, first, total, rows } = answer;
  if (serial < debug.serial || !debug.state || !isLooking(debug.state)) return state;
  const listed = { rows: [...debug[list].rows.slice(0, first), ...rows], total };
  return { ...state, debug: { ...debug, serial, [list]: listed } };
}

// ── what panes ask ──────────────────────────────────────────────────────────────────────────────

/** Whether something is stepped. */
export const isStepping = ({ debug }: State) =>
  debug.state !== null && debug.state.status !== "none" && debug.state.status !== "ended";

/** Whether its values can be looked at. */
export const isLooking = ({ status }: DebugState) =>
  status === "paused" || status === "finished" || status === "failed";

/** The value or attribute that was chosen, as it is now. */
export const chosenValue = ({ values, attributes, chosen }: Debug): DebugValue | undefined =>
  [...values.rows, ...attributes.rows].find(({ name }) => name === chosen);

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

/** Where a breakpoint stands, as its file is called here: `Cell 2:9`. */
export function breakpointPlace(document: State["document"], one: DebugBreakpoint): string {
  const { text, path, line } = one;
  const file = path === "" ? null : document?.payload.files.find((file) => file.path === path);
  return file ? `${file.title}:${line}` : text;
}

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
