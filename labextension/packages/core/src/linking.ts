/**
 * What an explorer offers to the page around it: editors of cells mark its lines, and a panel lists
 * what is in it.
 *
 * The explorer of a cell comes from the kernel, what is around it from Jupyter's extension; they may
 * be of two versions. So they meet here alone, through plain data.
 */

import type { Explorer } from "./app";
import { debugStrings } from "./debug-strings";
import { breakpointPlace } from "./debugging";
import type { DebugBreakpoint } from "./protocol.generated";
import type { DocumentModel } from "./model";
import { frameOf } from "./selection";
import { currentGraph, type State } from "./state";

/** Raised when something below changes its meaning. */
const VERSION = 1;
const KEY = Symbol.for(`tsviz.explorers/${VERSION}`);

export interface LinkedFile {
  readonly path: string;
  readonly title: string;
  /** `disk`, `cell`, `archive` or `missing`. */
  readonly origin: string;
  readonly text: string;
}

/** A line of a file, counted from 1. */
export interface LinkedLine {
  readonly path: string;
  readonly line: number;
}

export interface LinkedRow {
  readonly container: number;
  readonly label: string;
  readonly detail: string;
  readonly depth: number;
  readonly nodes: number;
}

export interface LinkedFinding {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly place: LinkedLine | null;
}

export interface Linked {
  readonly element: HTMLElement;
  /** What it shows, or "" before that is known. */
  title(): string;
  files(): readonly LinkedFile[];
  /** Nodes of each line of a file. */
  counts(path: string): ReadonlyMap<number, number>;
  outline(): readonly LinkedRow[];
  findings(): readonly LinkedFinding[];
  breakpoints(): readonly string[];
  watches(): readonly string[];
  /** The line of what was selected in the explorer itself; null where that has none. */
  selected(): LinkedLine | null;
  /** Marks the nodes of a line; false where it has none. */
  markLine(path: string, line: number): boolean;
  showScope(container: number): void;
  /** Calls back after each change of what is above. */
  onChange(listener: () => void): () => void;
}

export interface LinkedExplorers {
  readonly all: ReadonlySet<Linked>;
  add(linked: Linked): () => void;
  /** Calls back when one comes or goes. */
  onChange(listener: () => void): () => void;
}

/** The explorers of this page. */
export function linkedExplorers(): LinkedExplorers {
  const page = globalThis as unknown as Record<symbol, LinkedExplorers | undefined>;
  return (page[KEY] ??= makeExplorers());
}

function makeExplorers(): LinkedExplorers {
  const all = new Set<Linked>();
  const listeners = new Set<() => void>();
  const tell = () => [...listeners].forEach((listener) => listener());
  return {
    all,
    add(linked) {
      all.add(linked);
      tell();
      return () => {
        if (all.delete(linked)) tell();
      };
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Lets the page see an explorer; returns how to end that. */
export function link(element: HTMLElement, { store }: Pick<Explorer, "store">): () => void {
  return linkedExplorers().add({
    element,
    title: () => titleOf(store.value),
    files: () => filesOf(store.value),
    counts: (path) => countsOf(store.value, path),
    outline: () => outlineOf(store.value),
    findings: () => findingsOf(store.value),
    breakpoints: () => {
      const { document, debug } = store.value;
      return debug.state?.breakpoints.map((one) => breakpointWords(document, one)) ?? [];
    },
    watches: () =>
      store.value.debug.state?.watches.map(({ text, shown }) => `${text} = ${shown}`) ?? [],
    selected: () => selectedLine(store.value),
    markLine(path, line) {
      const file = rowOf(store.value, path);
      const graph = currentGraph(store.value);
      if (!graph || file < 0 || !graph.lines.count(file, line)) return false;
      store.dispatch({ type: "select", selection: { kind: "line", file, line }, reveal: true });
      return true;
    },
    showScope: (container) =>
      store.dispatch({ type: "select", selection: { kind: "container", container }, reveal: true }),
    onChange(listener) {
      const undo = [
        store.watch((state) => state.document, listener),
        store.watch((state) => state.place, listener),
        store.watch((state) => state.debug.state, listener),
      ];
      return () => undo.forEach((one) => one());
    },
  });
}

function breakpointWords(document: State["document"], one: DebugBreakpoint): string {
  const { when, hits } = one;
  const parts = [breakpointPlace(document, one), when && `if ${when}`, debugStrings.hits(hits)];
  return parts.filter(Boolean).join(" ");
}

const rowOf = ({ document }: State, path: string): number =>
  document?.payload.files.findIndex((file) => file.path === path) ?? -1;

function titleOf({ document }: State): string {
  return document ? `${document.payload.title}.${document.payload.method}` : "";
}

function filesOf({ document }: State): readonly LinkedFile[] {
  if (!document) return [];
  return document.payload.files.flatMap(({ path, title, origin, library }, row) =>
    library ? [] : [new SourceOf(document, row, path, title, origin)],
  );
}

/** Its text is unpacked where somebody reads it. */
class SourceOf implements LinkedFile {
  constructor(
    private readonly document: DocumentModel,
    private readonly row: number,
    readonly path: string,
    readonly title: string,
    readonly origin: string,
  ) {}

  get text(): string {
    return this.document.source(this.row).all().join("\n");
  }
}

function countsOf(state: State, path: string): ReadonlyMap<number, number> {
  const graph = currentGraph(state);
  const file = rowOf(state, path);
  const counts = new Map<number, number>();
  if (!graph || file < 0) return counts;
  const rows = graph.document.source(file).count;
  for (let line = 1; line <= rows; line++) {
    const found = graph.lines.count(file, line);
    if (found) counts.set(line, found.direct || found.through);
  }
  return counts;
}

function outlineOf(state: State): readonly LinkedRow[] {
  const graph = currentGraph(state);
  if (!graph) return [];
  const rows: LinkedRow[] = [];
  const visit = (container: number) => {
    const label = container === 0 ? graph.payload.name : graph.label(container);
    const detail = graph.detail(container);
    const depth = graph.depth(container);
    rows.push({ container, label, detail, depth, nodes: graph.size(container) });
    graph.children(container).forEach(visit);
  };
  visit(0);
  return rows;
}

function findingsOf({ document }: State): readonly LinkedFinding[] {
  const files = document?.payload.files ?? [];
  return (document?.payload.diagnostics ?? []).map(({ code, severity, message, file, line }) => ({
    code,
    severity,
    message,
    place: files[file] && line > 0 ? { path: files[file].path, line } : null,
  }));
}

function selectedLine(state: State): LinkedLine | null {
  const graph = currentGraph(state);
  const { selection } = state.place;
  if (!graph || !selection || selection.kind === "line") return null;
  const frame = graph.document.frame(frameOf(graph, selection));
  const file = frame && graph.document.payload.files[frame.file];
  return file ? { path: file.path, line: frame.line } : null;
}
