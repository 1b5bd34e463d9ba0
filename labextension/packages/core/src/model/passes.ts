/** The steps of a recorded pipeline, and the way of a node from one snapshot to another. */

import type { PassPayload, PassesPayload } from "../protocol.generated";

export const CAUSES = [
  "something else computes it",
  "it is a constant now",
  "an equal node does for both",
  "its users take what it was given",
  "nothing used it any more",
] as const;

/** Where a node is in another snapshot: its number there, or what became of it. */
export type Found =
  { readonly id: number } | { readonly id: -1; readonly step: number; readonly cause: string };

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

  /** The step that made a node, or -1. */
  madeIn(id: number): number {
    return this.made.findIndex((rows) => rows.has(id));
  }

  /** Follows a node from the snapshot after one step to that after another. */
  follow(id: number, from: number, to: number): Found {
    for (let step = from + 1; step <= to; step++) {
      const row = this.gone[step]?.get(id);
      if (row === undefined) continue;
      const { heir, cause } = this.steps[step]!;
      if (heir[row]! < 0) return { id: -1, step, cause: CAUSES[cause[row]!] ?? "" };
      id = heir[row]!;
    }
    for (let step = from; step > to; step--) {
      const row = this.made[step]?.get(id);
      if (row !== undefined) id = this.steps[step]!.source[row]!;
    }
    return { id };
  }
}

function rows(ids: ArrayLike<number>): Map<number, number> {
  return new Map(Array.from(ids, (id, row) => [id, row]));
}
