/** The steps of a recorded pipeline, and the way of nodes from one snapshot to another. */

import type { PassPayload, PassesPayload } from "../protocol.generated";

export const CAUSES = [
  "something else computes it",
  "it is a constant now",
  "an equal node does for both",
  "its users take what it was given",
  "nothing used it any more",
] as const;
const BYPASSED = 3;

/** As `tsviz.passes.Action` orders them. */
const ACTIONS = [
  "created",
  "copied",
  "replaced",
  "merged",
  "inlined",
  "gradient",
  "moved",
] as const;
export type Action = (typeof ACTIONS)[number];

/** Why a node is in no later snapshot; `heirs` do its work, or hold what its users take now. */
export interface Loss {
  readonly id: number;
  readonly step: number;
  readonly cause: string;
  readonly heirs: readonly number[];
}

/** How a node came to be. */
export interface Birth {
  readonly step: number;
  readonly action: Action;
  /** Whether the compiler's own mark says so. */
  readonly exact: boolean;
  readonly sources: readonly number[];
}

/** What nodes are in another snapshot; where that is nothing, what was lost last. */
export interface Found {
  readonly ids: readonly number[];
  readonly loss: Loss | null;
}

export class Passes {
  private readonly gone: Map<number, number>[];
  private readonly made: Map<number, number>[];

  constructor(readonly payload: PassesPayload) {
    this.gone = payload.records.map(({ gone }) => rows(gone));
    this.made = payload.records.map(({ made }) => rows(made));
  }

  get steps(): readonly PassPayload[] {
    return this.payload.records;
  }

  isChanged(step: number): boolean {
    const graph = this.steps[step]?.graph;
    return graph !== undefined && graph !== this.graphAfter(step - 1);
  }

  /** The graph after a step; that of the program as it was captured before the first. */
  graphAfter(step: number): number {
    return this.steps[step]?.graph ?? 0;
  }

  /** The step that left a graph; -1 for the program as it was captured. */
  stepOf(graph: number): number {
    return graph === 0 ? -1 : this.steps.findIndex((step) => step.graph === graph);
  }

  /** The next step in a direction that changed something; -1 is the program as captured. */
  nextChange(step: number, direction: 1 | -1): number {
    for (let at = step + direction; at >= 0 && at < this.steps.length; at += direction)
      if (this.isChanged(at)) return at;
    return direction < 0 ? -1 : step;
  }

  /** The step that touched most nodes; -1 where none did anything. */
  get largest(): number {
    const sizes = this.steps.map((one) => one.added + one.removed + one.changed + one.moved);
    const most = Math.max(0, ...sizes);
    return most === 0 ? -1 : sizes.indexOf(most);
  }

  /** How a node came to be; null for one of the program as it was captured. */
  birth(id: number): Birth | null {
    const step = this.made.findIndex((rows) => rows.has(id));
    if (step < 0) return null;
    const row = this.made[step]!.get(id)!;
    const { action, exact, sources, sources_at } = this.steps[step]!;
    return {
      step,
      action: ACTIONS[action[row]!] ?? "created",
      exact: exact[row] === 1,
      sources: slice(sources, sources_at, row),
    };
  }

  /** What became of a node in a step; null where it is still there. */
  loss(id: number, step: number): Loss | null {
    const row = this.gone[step]?.get(id);
    if (row === undefined) return null;
    const { cause, heirs, heirs_at } = this.steps[step]!;
    return { id, step, cause: CAUSES[cause[row]!] ?? "", heirs: slice(heirs, heirs_at, row) };
  }

  /** Follows nodes from the snapshot after one step to that after another. */
  follow(ids: readonly number[], from: number, to: number): Found {
    let now = [...new Set(ids)];
    let loss: Loss | null = null;
    for (let step = from + 1; step <= to; step++)
      if (this.gone[step]!.size > 0)
        now = distinct(now, (id) => {
          const lost = this.loss(id, step);
          if (!lost) return [id];
          loss = lost;
          return lost.cause === CAUSES[BYPASSED] ? [] : lost.heirs;
        });
    for (let step = from; step > to; step--)
      if (this.made[step]!.size > 0) now = distinct(now, (id) => this.sourcesIn(id, step) ?? [id]);
    return { ids: now, loss: now.length > 0 ? null : loss };
  }

  /** What a step made of nodes, also of those that stayed; helpers it made beside them are not. */
  madeOf(ids: ReadonlySet<number>, step: number): number[] {
    return [...this.made[step]!].flatMap(([id, row]) => {
      const { action, exact } = this.steps[step]!;
      const isHelper = ACTIONS[action[row]!] === "created" && exact[row] === 0;
      return !isHelper && this.sourcesIn(id, step)!.some((source) => ids.has(source)) ? [id] : [];
    });
  }

  private sourcesIn(id: number, step: number): readonly number[] | null {
    const row = this.made[step]!.get(id);
    if (row === undefined) return null;
    const { sources, sources_at } = this.steps[step]!;
    return slice(sources, sources_at, row);
  }
}

function distinct(ids: readonly number[], each: (id: number) => readonly number[]): number[] {
  return [...new Set(ids.flatMap(each))];
}

function slice(items: ArrayLike<number>, at: ArrayLike<number>, row: number): number[] {
  return Array.from({ length: at[row + 1]! - at[row]! }, (_, i) => items[at[row]! + i]!);
}

function rows(ids: ArrayLike<number>): Map<number, number> {
  return new Map(Array.from(ids, (id, row) => [id, row]));
}
