/**
 * What an explorer offers to the page around it: editors mark its lines, a panel lists what is in it,
 * and commands act on it.
 *
 * The explorer of a cell comes from the kernel, what is around it from Jupyter's extension; they may
 * be of two versions. So they meet here alone, through plain data.
 */

/** Raised when something below changes its meaning. */
const VERSION = 2;
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

/** What a line took, of what the explorer colours by. */
export interface LinkedTime {
  readonly amount: string;
  readonly share: string;
  readonly percent: number;
  /** Whether that is of calls made from the line alone. */
  readonly isThrough: boolean;
  readonly words: string;
}

/** What a comparison found on a line. */
export interface LinkedFound {
  readonly sign: string;
  readonly status: string;
  readonly words: string;
}

export interface LinkedBreakpoint {
  readonly isConditional: boolean;
  readonly words: string;
}

/** What the lines of a file bear. */
export interface LinkedMarks {
  /** How many nodes come of each. */
  readonly counts: ReadonlyMap<number, number>;
  readonly times: ReadonlyMap<number, LinkedTime>;
  readonly found: ReadonlyMap<number, LinkedFound>;
  /** Lines that a breakpoint can stand on; none where nothing can be stepped. */
  readonly breakable: ReadonlySet<number>;
  readonly breakpoints: ReadonlyMap<number, LinkedBreakpoint>;
}

/** Something that a list leads to. */
export interface LinkedItem {
  readonly text: string;
  readonly detail: string;
  /** Its line, where it has one. */
  readonly place: LinkedLine | null;
  /** Whether it is what the explorer shows. */
  readonly isShown: boolean;
  /** Has the explorer show it. */
  show(): void;
}

/** A scope, as deep as it is nested. */
export interface LinkedScope extends LinkedItem {
  readonly depth: number;
}

/** Drawers that open, and the page that is saved. */
export type LinkedAct = "compare" | "profile" | "debug" | "export";

export interface Linked {
  readonly element: HTMLElement;
  /** What it shows, or "" before that is known. */
  title(): string;
  files(): readonly LinkedFile[];
  marks(path: string): LinkedMarks;
  /** Shows what was found on a line. */
  showFound(path: string, line: number): void;
  scopes(): readonly LinkedScope[];
  methods(): readonly LinkedItem[];
  passes(): readonly LinkedItem[];
  findings(): readonly LinkedItem[];
  breakpoints(): readonly LinkedItem[];
  watches(): readonly LinkedItem[];
  /** The line of what was selected in the explorer itself; null where that has none. */
  selected(): LinkedLine | null;
  /** Marks the nodes of a line; false where it has none. */
  markLine(path: string, line: number): boolean;
  /** Sets a breakpoint or takes it away, and has something to step first; returns why not, or "". */
  toggleBreakpoint(path: string, line: number): Promise<string>;
  /** Why something cannot be done, or "". */
  reason(act: LinkedAct): string;
  act(act: LinkedAct): Promise<void>;
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
