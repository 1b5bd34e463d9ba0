/** What the explorer shows, as one value. */

import { NO_DEBUG, type Debug } from "./debugging";
import { MOST } from "./layout/fold";
import type { DocumentModel, Findings, GraphModel, Measure } from "./model";
import type { WeightStats } from "./protocol.generated";
import type { Compare, Pins } from "./stepping";

export type Selection =
  | { readonly kind: "node"; readonly node: number }
  /** What one thing of another snapshot is in this one. */
  | { readonly kind: "nodes"; readonly nodes: readonly number[] }
  | { readonly kind: "container"; readonly container: number }
  | { readonly kind: "value"; readonly value: number }
  | { readonly kind: "line"; readonly file: number; readonly line: number }
  | { readonly kind: "weight"; readonly weight: number };

/** Where back and forward lead: a selection in a graph. */
export interface Place {
  readonly graph: number;
  readonly selection: Selection | null;
}

export type TextTab = "ir" | "code" | "table" | "tree";
export type NarrowTab = "graph" | "source" | "text" | "inspector";
export type Drawer = "passes" | "compare" | "profile" | "debug";
export type Theme = "auto" | "light" | "dark";

export interface Failure {
  readonly title: string;
  readonly detail: string;
  readonly help: string;
}

export type Status =
  | { readonly kind: "loading" }
  | { readonly kind: "ready" }
  | { readonly kind: "error"; readonly failure: Failure };

/** A request that has not been answered yet. */
export interface Job {
  readonly id: string;
  readonly kind: string;
  readonly waiting: boolean;
  readonly progress: string;
  readonly done: number;
  readonly total: number;
}

export interface State {
  readonly status: Status;
  readonly document: DocumentModel | null;
  readonly place: Place;
  /** What was selected by hand last; what is selected in another snapshot comes from it. */
  readonly subject: Place;
  readonly past: readonly Place[];
  readonly future: readonly Place[];
  /** So many boxes are drawn while nothing else is asked for, at most. */
  readonly boxes: number;
  /** Open containers of each graph. */
  readonly open: readonly ReadonlySet<number>[];
  readonly file: number;
  readonly textTab: TextTab;
  readonly narrowTab: NarrowTab;
  readonly inspector: boolean;
  /** The drawer that is open. */
  readonly drawer: Drawer | null;
  /** Whether the drawer of passes has been open with steps in it: then the largest change has been shown. */
  readonly toured: boolean;
  /** What stands beside each other, of the snapshot shown and the one it is compared with. */
  readonly compare: Compare;
  readonly pins: Pins;
  /** Row of the variant that is laid beside the program, or was; -1 for none. */
  readonly variant: number;
  readonly trace: { readonly inputs: boolean; readonly outputs: boolean };
  readonly search: string | null;
  readonly help: boolean;
  readonly theme: Theme;
  readonly fullWindow: boolean;
  /** Whether the other side still answers. */
  readonly connected: boolean;
  readonly jobs: readonly Job[];
  readonly notice: string;
  /** What was found when the program was held against its Python code. */
  readonly findings: Findings | null;
  /** The finding that was chosen, or -1. */
  readonly finding: number;
  /** Which inputs count if nothing else is said; null before that is known. */
  readonly domain: string | null;
  /** Why the last search found nothing to show. */
  readonly searchFailure: Failure | null;
  /** The program that is stepped. */
  readonly debug: Debug;
  /** What boxes and lines are coloured by, or null. */
  readonly heat: Measure | null;
  /** Why nothing was measured last. */
  readonly profileFailure: Failure | null;
  /** Statistics of weights that were asked for, by name. */
  readonly weights: Readonly<Record<string, WeightStats>>;
}

export const START: Place = { graph: 0, selection: null };
export const UNPINNED: Pins = { a: null, b: null };

export const INITIAL: State = {
  status: { kind: "loading" },
  document: null,
  place: START,
  subject: START,
  past: [],
  future: [],
  boxes: MOST,
  open: [],
  file: -1,
  textTab: "ir",
  narrowTab: "graph",
  inspector: false,
  drawer: null,
  toured: false,
  compare: "off",
  pins: UNPINNED,
  variant: -1,
  trace: { inputs: false, outputs: false },
  search: null,
  help: false,
  theme: "auto",
  fullWindow: false,
  connected: true,
  jobs: [],
  notice: "",
  findings: null,
  finding: -1,
  domain: null,
  searchFailure: null,
  debug: NO_DEBUG,
  heat: null,
  profileFailure: null,
  weights: {},
};

/** The graph that is shown, or null before a document is there. */
export function currentGraph(state: State): GraphModel | null {
  return state.document?.graphs[state.place.graph] ?? null;
}
