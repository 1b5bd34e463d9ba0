/** All that can happen to the state, as pure functions. */

import { Findings, type Difference, type DocumentModel, type Measure } from "./model";
import {
  START,
  UNPINNED,
  currentGraph,
  type Drawer,
  type Failure,
  type Job,
  type NarrowTab,
  type Place,
  type Selection,
  type State,
  type TextTab,
  type Theme,
} from "./state";
import { NO_DEBUG, reduceDebug, type DebugAction } from "./debugging";
import type { Compared, PlacePayload, WeightStats } from "./protocol.generated";
import { fold, toggle, withOpen } from "./folding";
import { defaultOpen, openToDepth, openToShow } from "./layout/fold";
import { containerOf, exists, fileOf, isValid, same } from "./selection";
import {
  actBefore,
  currentStep,
  followed,
  isSnapshot,
  keepInStep,
  nextTouch,
  openInStep,
  type Compare,
  type Pin,
} from "./stepping";
import { showMeasured, type Target } from "./measured";
import {
  closeBeside,
  compareAs,
  layBeside,
  nextDifference,
  selectDifference,
  swapSides,
} from "./variants";

const HISTORY = 200;

export type Action =
  | { readonly type: "loaded"; readonly document: DocumentModel }
  | { readonly type: "reloaded"; readonly document: DocumentModel }
  | { readonly type: "drawer"; readonly drawer: Drawer | null }
  | { readonly type: "showStep"; readonly step: number }
  | { readonly type: "nextStep"; readonly direction: 1 | -1 }
  | { readonly type: "nextTouch"; readonly direction: 1 | -1 }
  | { readonly type: "compare"; readonly compare: Compare }
  | { readonly type: "beside"; readonly variant: number }
  | { readonly type: "swap" }
  | { readonly type: "nextDifference"; readonly direction: 1 | -1 }
  | { readonly type: "showDifference"; readonly difference: Difference }
  | { readonly type: "pin"; readonly pin: Pin; readonly step: number }
  /** What happens in the view of the snapshot that is compared with. */
  | { readonly type: "before"; readonly action: Action }
  | {
      readonly type: "observed";
      readonly strings: readonly string[];
      readonly observed: ArrayLike<number>;
      readonly flops: Float64Array;
    }
  | { readonly type: "compared"; readonly found: Compared }
  | { readonly type: "domain"; readonly text: string }
  | { readonly type: "searchFailed"; readonly failure: Failure | null }
  | { readonly type: "debug"; readonly action: DebugAction }
  | { readonly type: "finding"; readonly finding: number }
  | { readonly type: "place"; readonly place: PlacePayload }
  | { readonly type: "heat"; readonly measure: Measure | null }
  | { readonly type: "profileFailed"; readonly failure: Failure | null }
  | { readonly type: "measured"; readonly target: Target }
  | { readonly type: "failed"; readonly failure: Failure }
  | { readonly type: "select"; readonly selection: Selection | null; readonly reveal?: boolean }
  | { readonly type: "showGraph"; readonly graph: number }
  | { readonly type: "back" }
  | { readonly type: "forward" }
  | { readonly type: "toggle"; readonly container: number }
  | { readonly type: "fold"; readonly containers: readonly number[] }
  | { readonly type: "depth"; readonly depth: number | "default" | "all" }
  | { readonly type: "showFile"; readonly file: number }
  | { readonly type: "textTab"; readonly tab: TextTab }
  | { readonly type: "narrowTab"; readonly tab: NarrowTab }
  | { readonly type: "inspector"; readonly open: boolean }
  | { readonly type: "trace"; readonly direction: "inputs" | "outputs" }
  | { readonly type: "search"; readonly query: string | null }
  | { readonly type: "help"; readonly open: boolean }
  | { readonly type: "theme"; readonly theme: Theme }
  | { readonly type: "fullWindow"; readonly on: boolean }
  | { readonly type: "connected"; readonly connected: boolean }
  | { readonly type: "jobs"; readonly jobs: readonly Job[] }
  | { readonly type: "notice"; readonly text: string }
  | { readonly type: "weight"; readonly name: string; readonly stats: WeightStats };

export function reduce(state: State, action: Action): State {
  return keepInStep(state, change(state, action));
}

function change(state: State, action: Action): State {
  switch (action.type) {
    case "loaded":
      return load(state, action.document);
    case "reloaded":
      return reload(state, action.document);
    case "drawer":
      return tour({ ...state, drawer: action.drawer });
    case "showStep":
      return showStep(state, action.step);
    case "nextStep": {
      const step = currentStep(state);
      return showStep(state, state.document?.passes?.nextChange(step, action.direction) ?? step);
    }
    case "nextTouch":
      return showStep(state, nextTouch(state, action.direction) ?? currentStep(state));
    case "compare":
      return compareAs(state, action.compare);
    case "beside":
      return layBeside(state, action.variant);
    case "swap":
      return swapSides(state);
    case "nextDifference":
      return nextDifference(state, action.direction);
    case "showDifference":
      return selectDifference(state, action.difference);
    case "pin":
      return pin(state, action.pin, action.step);
    case "before":
      return actBefore(state, action.action, change);
    case "observed":
      if (!state.document) return state;
      return {
        ...state,
        document: state.document.withObserved(action.strings, action.observed, action.flops),
      };
    case "compared":
      return compared(state, action.found);
    case "domain":
      return { ...state, domain: action.text };
    case "searchFailed":
      return { ...state, searchFailure: action.failure };
    case "debug":
      return reduceDebug(state, action.action, change);
    case "finding":
      return showFinding(state, action.finding);
    case "place":
      return showPlace(state, action.place);
    case "heat":
      return { ...state, heat: action.measure };
    case "profileFailed":
      return { ...state, profileFailure: action.failure };
    case "measured":
      return showMeasured(state, action.target, change);
    case "failed":
      return { ...state, status: { kind: "error", failure: action.failure } };
    case "select":
      return select(state, action.selection, action.reveal ?? false);
    case "showGraph":
      return showGraph(state, action.graph);
    case "back":
      return travel(state, state.past, state.future, false);
    case "forward":
      return travel(state, state.future, state.past, true);
    case "toggle":
      return toggle(state, action.container);
    case "fold":
      return fold(state, action.containers);
    case "depth":
      return withOpen(state, (graph) =>
        action.depth === "default"
          ? defaultOpen(graph, state.boxes)
          : openToDepth(graph, action.depth),
      );
    case "showFile":
      return exists(state.document?.payload.files, action.file)
        ? { ...state, file: action.file }
        : state;
    case "textTab":
      return { ...state, textTab: action.tab };
    case "narrowTab":
      return { ...state, narrowTab: action.tab };
    case "inspector":
      return { ...state, inspector: action.open };
    case "trace":
      return {
        ...state,
        trace: { ...state.trace, [action.direction]: !state.trace[action.direction] },
      };
    case "search":
      return { ...state, search: action.query, help: false };
    case "help":
      return { ...state, help: action.open, search: action.open ? null : state.search };
    case "theme":
      return { ...state, theme: action.theme };
    case "fullWindow":
      return { ...state, fullWindow: action.on };
    case "connected":
      return { ...state, connected: action.connected };
    case "jobs":
      return { ...state, jobs: action.jobs };
    case "notice":
      return { ...state, notice: action.text };
    case "weight":
      return { ...state, weights: { ...state.weights, [action.name]: action.stats } };
  }
}

/** A program alone; or beside it, as it came, the variant that was laid there last. */
function load(state: State, document: DocumentModel): State {
  const kept = document.profile ? "profile" : state.drawer;
  const drawer = document.payload.stepping ? "debug" : kept;
  const alone = { ...opened(state, document), drawer } as const;
  if (drawer === "debug") return alone;
  const variant = document.variants.findLastIndex(({ graph }) => graph >= 0);
  return variant < 0 ? alone : layBeside({ ...alone, drawer: "compare" }, variant);
}

function opened(state: State, document: DocumentModel): State {
  return {
    ...state,
    status: { kind: "ready" },
    document,
    place: START,
    subject: START,
    past: [],
    future: [],
    toured: false,
    compare: "off",
    pins: UNPINNED,
    variant: -1,
    open: document.graphs.map((graph) => defaultOpen(graph, state.boxes)),
    file: document.firstFile(),
    textTab: state.textTab === "code" && document.payload.code.length === 0 ? "ir" : state.textTab,
    notice: "",
    ...foundIn(document),
    domain: null,
    debug: NO_DEBUG,
    heat: document.profile?.first ?? null,
    profileFailure: null,
    weights: {},
  };
}

/** The same program with more known of it: what is shown stays as it is, of two variants the program. */
function reload(before: State, document: DocumentModel): State {
  const state = closeBeside(before);
  const kept = document.graphs.findIndex(
    ({ payload }) => !["inlined", "method"].includes(payload.kind),
  );
  const known = kept < 0 ? document.graphs.length : kept;
  const place = state.place.graph < known ? state.place : START;
  return tour({
    ...state,
    document,
    place,
    subject: place,
    past: [],
    future: [],
    open: document.graphs.map(
      (graph, i) => (i < known && state.open[i]) || defaultOpen(graph, state.boxes),
    ),
    drawer: state.drawer ?? (document.passes ? "passes" : null),
    heat: state.document?.profile ? state.heat : (document.profile?.first ?? null),
    toured: false,
    pins: UNPINNED,
    variant: -1,
    notice: "",
    ...foundIn(document),
  });
}

/** What was found of a program, none of it chosen. */
function foundIn(document: DocumentModel) {
  const { comparison } = document.payload;
  const findings = comparison ? new Findings(comparison, document) : null;
  return { findings, finding: -1, searchFailure: null };
}

/** What a search found; files of which no node is known come to those of the program. */
function compared(state: State, { comparison, files }: Compared): State {
  if (!state.document) return state;
  const document = state.document.withComparison(comparison, files);
  return { ...state, document, ...foundIn(document), drawer: "compare" };
}

function showFinding(state: State, finding: number): State {
  const chosen = state.findings?.payload.findings[finding];
  if (!chosen) return { ...state, finding: -1 };
  const next: State = { ...state, finding, drawer: "compare" };
  return chosen.place ? showPlace(next, chosen.place) : next;
}

/** Selects a line, and has the source shown where another pane stands in its place. */
function showPlace(state: State, place: PlacePayload): State {
  const file = state.findings?.fileOf(place) ?? -1;
  const { narrowTab: tab } = state;
  const narrowTab = tab === "text" || tab === "inspector" ? "source" : tab;
  return select({ ...state, narrowTab }, { kind: "line", file, line: place.line }, true);
}

/** The first view of recorded passes is the largest change. */
function tour(state: State): State {
  const passes = state.document?.passes;
  if (!passes || state.drawer !== "passes" || state.toured) return state;
  const toured = { ...state, toured: true };
  return state.place.graph === 0 ? showStep(toured, passes.largest) : toured;
}

/** Shows the snapshot after a step; what was selected stays selected, as what became of it. */
function showStep(state: State, step: number): State {
  const { document } = state;
  const passes = document?.passes;
  if (!document || !passes?.has(step)) return state;
  const graph = passes.graphAfter(step);
  if (graph < 0 || graph === state.place.graph) return state;
  const selection = followed(document, state.subject, graph);
  const next: State = {
    ...openInStep(state, state.place.graph, graph),
    variant: -1, // of two variants the program was one; now it is a snapshot
    place: { graph, selection },
    past: [...state.past, state.place].slice(-HISTORY),
    future: [],
  };
  return follow(next, selection, true);
}

/** Pins a snapshot, or takes the pin away where it is; with both, they stand beside each other. */
function pin(state: State, pin: Pin, step: number): State {
  if (!state.document?.passes || !isSnapshot(state.document, state.place.graph)) return state;
  if (state.document.passes.graphAfter(step) < 0) return state;
  const pins = { ...state.pins, [pin]: state.pins[pin] === step ? null : step };
  const next = { ...state, pins };
  if (pins.a === null || pins.b === null) return next;
  const compare = state.compare === "off" ? "graphs" : state.compare;
  return showStep({ ...next, compare }, pins.b);
}

function select(state: State, selection: Selection | null, reveal: boolean): State {
  const graph = currentGraph(state);
  if (!graph || (selection && !isValid(state, graph, selection))) return state;
  const isSame = same(selection, state.place.selection);
  if (isSame && same(selection, state.subject.selection) && !reveal) return state;
  const place = { ...state.place, selection };
  const moved: State = {
    ...state,
    place,
    subject: place,
    past: [...state.past, state.place].slice(-HISTORY),
    future: [],
  };
  return follow(moved, selection, reveal);
}

/** Brings what is selected into view: its file, and on request its place in the folded graph. */
function follow(state: State, selection: Selection | null, reveal: boolean): State {
  const graph = currentGraph(state);
  if (!graph || !selection) return state;
  let next = { ...state, file: fileOf(state, graph, selection) };
  const container = containerOf(graph, selection);
  if (reveal && container >= 0)
    next = withOpen(next, (_, open) => openToShow(graph, open, container));
  return next;
}

function showGraph(state: State, graph: number): State {
  if (!exists(state.document?.graphs, graph) || graph === state.place.graph) return state;
  const place = { graph, selection: null };
  return {
    ...state,
    place,
    subject: place,
    past: [...state.past, state.place].slice(-HISTORY),
    future: [],
  };
}

function travel(
  state: State,
  from: readonly Place[],
  to: readonly Place[],
  forward: boolean,
): State {
  const target = from.at(-1);
  if (!target) return state;
  const left = from.slice(0, -1);
  const entered = [...to, state.place];
  const next: State = {
    ...state,
    place: target,
    subject: target,
    past: forward ? entered : left,
    future: forward ? left : entered,
  };
  return follow(next, target.selection, true);
}
