/** What the lines of a file bear in editors around the explorer. */

import { aloneWords } from "./alone";
import { isBeside } from "./besides";
import { breakpointsOfFile, debugGraph } from "./debugging";
import type { LinkedBreakpoint, LinkedFile, LinkedFound, LinkedMarks, LinkedTime } from "./linking";
import { lineTook } from "./measured";
import type { DocumentModel, GraphModel, Measure, Profile } from "./model";
import { breakpointWords } from "./panes/break-mark";
import { STATUS_SIGNS } from "./panes/findings-list";
import type { DebugBreakpoint } from "./protocol.generated";
import { shortAmount, shortShare } from "./scene/words";
import { aloneLines } from "./selectors";
import { currentGraph, type State } from "./state";

/** The sign of a line of which one of two variants has nothing. */
const ONLY_IN_ONE = "▨";

export const rowOf = ({ document }: State, path: string): number =>
  document?.payload.files.findIndex((file) => file.path === path) ?? -1;

/**
 * @param canBreak whether the program can be stepped
 */
export function marksOf(state: State, path: string, canBreak: boolean): LinkedMarks {
  const file = rowOf(state, path);
  const { document } = state;
  const graph = currentGraph(state);
  if (!document || !graph || file < 0) return NOTHING;
  const stepped = document.graphs[debugGraph(state)] ?? document.graphs[0]!;
  const measure = state.heat ?? document.profile?.first;
  return {
    counts: countsOf(graph, file),
    times: document.profile && measure ? timesOf(document.profile, measure, file) : NOTHING.times,
    found: foundOf(state, file),
    breakable: canBreak ? breakableOf(stepped, file) : NOTHING.breakable,
    breakpoints: pointsOf(breakpointsOfFile(state, file)),
  };
}

const NOTHING: LinkedMarks = {
  counts: new Map(),
  times: new Map(),
  found: new Map(),
  breakable: new Set(),
  breakpoints: new Map(),
};

/** Remembers what came of an object and a key for as long as the object lives. */
function kept<O extends object, K extends readonly (string | number)[], R>(
  compute: (object: O, ...key: K) => R,
): (object: O, ...key: K) => R {
  const known = new WeakMap<O, Map<string, R>>();
  return (object, ...key) => {
    const own = known.get(object) ?? new Map<string, R>();
    known.set(object, own);
    const name = key.join(" ");
    if (!own.has(name)) own.set(name, compute(object, ...key));
    return own.get(name)!;
  };
}

/** What a function says of each line of a file, where it says something. */
function perLine<T>(document: DocumentModel, file: number, say: (line: number) => T | null) {
  const lines = new Map<number, T>();
  for (let line = 1; line <= document.source(file).count; line++) {
    const said = say(line);
    if (said !== null) lines.set(line, said);
  }
  return lines;
}

const countsOf = kept((graph: GraphModel, file: number) =>
  perLine(graph.document, file, (line) => {
    const found = graph.lines.count(file, line);
    return found && (found.direct || found.through);
  }),
);

const breakableOf = kept(
  (graph: GraphModel, file: number): ReadonlySet<number> => new Set(countsOf(graph, file).keys()),
);

const timesOf = kept((profile: Profile, measure: Measure, file: number) =>
  perLine(profile.plan.document, file, (line): LinkedTime | null => {
    const took = lineTook(profile, measure, file, line);
    if (!took || !(took.amount > 0)) return null;
    const { amount, whole, isThrough, words } = took;
    const [share, percent] = [shortShare(amount, whole), (100 * amount) / whole];
    return { amount: shortAmount(measure, amount), share, percent, isThrough, words };
  }),
);

/** What a search found; else that one of two variants laid beside each other has nothing of a line. */
function foundOf(state: State, file: number): ReadonlyMap<number, LinkedFound> {
  const found = new Map<number, LinkedFound>();
  if (isBeside(state))
    for (const [line, alone] of aloneLines(state, file))
      if (alone.isShaded) {
        const words = aloneWords(state, alone).join("; ");
        found.set(line, { sign: ONLY_IN_ONE, status: "alone", words });
      }
  for (const [line, { status, words }] of state.findings?.marks(file) ?? [])
    found.set(line, { sign: STATUS_SIGNS[status] ?? "", status, words });
  return found;
}

const pointsOf = kept(
  (points: ReadonlyMap<number, DebugBreakpoint>): ReadonlyMap<number, LinkedBreakpoint> =>
    new Map(
      [...points].map(([line, point]) => [
        line,
        { isConditional: point.when !== "", words: breakpointWords(point) },
      ]),
    ),
);

/** The user's own files; the text of each is unpacked once, where somebody reads it. */
export const filesOf = kept((document: DocumentModel): readonly LinkedFile[] =>
  document.payload.files.flatMap(({ path, title, origin, library }, row) =>
    library ? [] : [new SourceOf(document, row, path, title, origin)],
  ),
);

class SourceOf implements LinkedFile {
  private unpacked: string | null = null;

  constructor(
    private readonly document: DocumentModel,
    private readonly row: number,
    readonly path: string,
    readonly title: string,
    readonly origin: string,
  ) {}

  get text(): string {
    return (this.unpacked ??= this.document.source(this.row).all().join("\n"));
  }
}
