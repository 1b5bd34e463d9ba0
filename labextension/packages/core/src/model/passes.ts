/** The steps of a recorded pipeline, and the way of nodes from one snapshot to another. */

import type { PassPayload, PassesPayload } from "../protocol.generated";
import { beginningOf, makeParts, type Part } from "./parts";

export const CAUSES = [
  "something else computes it",
  "it is a constant now",
  "an equal node does for both",
  "its users take what it was given",
  "nothing used it any more",
] as const;
const BYPASSED = 3;
export const BACKWARD = "backward";

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

/**
 * Steps have the numbers they have in Python, those of parts among those of the program. Numbers
 * below 0 are beginnings: -1 of the program, as it was captured, -2 of part 1, and so on.
 */
export class Passes {
  /** The program, and what was compiled by itself, by number. */
  readonly parts: readonly Part[];
  private readonly gone: Map<number, number>[];
  private readonly made: Map<number, number>[];
  /** The how-manieth of its part each step is. */
  private readonly places: Int32Array;
  private readonly leftBy = new Map<number, number>();
  private births: Map<number, number> | null = null;

  constructor(readonly payload: PassesPayload) {
    const { records } = payload;
    this.gone = records.map(({ gone }) => rows(gone));
    this.made = records.map(({ made }) => rows(made));
    this.parts = makeParts(payload);
    this.places = new Int32Array(records.length);
    for (const { number, graph, steps } of this.parts) {
      this.leftBy.set(graph, beginningOf(number));
      steps.forEach((step, place) => (this.places[step] = place));
    }
    records.forEach(({ graph }, step) => {
      if (!this.leftBy.has(graph)) this.leftBy.set(graph, step);
    });
    this.leftBy.delete(-1);
  }

  get steps(): readonly PassPayload[] {
    return this.payload.records;
  }

  /** Whether there is such a step, or such a beginning. */
  has(step: number): boolean {
    return step < this.steps.length && -1 - step < this.parts.length;
  }

  /** What a step worked on. */
  partOf(step: number): Part {
    return this.parts[step < 0 ? -1 - step : this.steps[step]!.part]!;
  }

  /** The how-manieth of its part a step is; -1 for the beginning. */
  placeOf(step: number): number {
    return step < 0 ? -1 : this.places[step]!;
  }

  /** The step before in the same part, or its beginning. */
  before(step: number): number {
    const { number, steps } = this.partOf(step);
    return steps[this.placeOf(step) - 1] ?? beginningOf(number);
  }

  isChanged(step: number): boolean {
    const one = this.steps[step];
    if (!one) return false;
    return sizeOf(one) > 0 || one.graph !== this.graphAfter(this.before(step));
  }

  /** The graph after a step, or at a beginning; -1 where there is none here. */
  graphAfter(step: number): number {
    return (step < 0 ? this.parts[-1 - step] : this.steps[step])?.graph ?? -1;
  }

  /** The step that left a graph, or the beginning it stands at; -1 for what is no snapshot. */
  stepOf(graph: number): number {
    return this.leftBy.get(graph) ?? -1;
  }

  /** The next step of the same part in a direction that changed something, or its beginning. */
  nextChange(step: number, direction: 1 | -1): number {
    const { number, graph, steps } = this.partOf(step);
    for (let at = this.placeOf(step) + direction; at >= 0 && at < steps.length; at += direction)
      if (this.isChanged(steps[at]!)) return steps[at]!;
    return direction < 0 && graph >= 0 ? beginningOf(number) : step;
  }

  /** The step of the program that touched most nodes; -1 where none did anything. */
  get largest(): number {
    const own = this.parts[0]!.steps;
    const sizes = own.map((step) => sizeOf(this.steps[step]!));
    const most = Math.max(0, ...sizes);
    return most === 0 ? -1 : own[sizes.indexOf(most)]!;
  }

  /** How a node came to be; null for one of the program as it was captured. */
  birth(id: number): Birth | null {
    const step = (this.births ??= this.makeBirths()).get(id);
    if (step === undefined) return null;
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

  /**
   * Follows nodes from the snapshot after one step to that after another. From part to part the way
   * leads by the steps between which they were taken out: there, nodes keep their identity.
   */
  follow(ids: readonly number[], from: number, to: number): Found {
    let now = [...new Set(ids)];
    let loss: Loss | null = null;
    for (const [step, direction] of this.way(from, to)) {
      if (direction < 0) now = this.back(now, step);
      else
        now = this.ahead(now, step, (lost) => {
          loss = lost;
        });
    }
    return { ids: now, loss: now.length > 0 ? null : loss };
  }

  /** The steps that are passed on the way from one snapshot to another, and in which direction. */
  way(from: number, to: number): (readonly [step: number, direction: 1 | -1])[] {
    const [out, into] = [this.chain(from), this.chain(to)];
    let [here, there] = [out.pop()!, into.pop()!];
    while (this.isDeeper(out, into)) [here, there] = [out.pop()!, into.pop()!];
    return [
      ...out.flatMap((step) => this.between(this.beginning(step), step).map(backwards).reverse()),
      ...(this.placeOf(here) <= this.placeOf(there)
        ? this.between(here, there).map(forwards)
        : this.between(there, here).map(backwards).reverse()),
      ...into.reverse().flatMap((step) => this.between(this.beginning(step), step).map(forwards)),
    ];
  }

  /** What nodes are after a step, for what they are before it. */
  ahead(ids: readonly number[], step: number, lose?: (loss: Loss) => void): number[] {
    if (this.comesFromNothing(step)) return this.madeOf(new Set(ids), step);
    if (this.gone[step]!.size === 0) return [...ids];
    return distinct(ids, (id) => {
      const lost = this.loss(id, step);
      if (!lost) return [id];
      lose?.(lost);
      return lost.cause === CAUSES[BYPASSED] ? [] : lost.heirs;
    });
  }

  /** What nodes were before a step, for what they are after it. */
  back(ids: readonly number[], step: number): number[] {
    if (this.made[step]!.size === 0) return [...ids];
    return distinct(ids, (id) => this.sourcesIn(id, step) ?? [id]);
  }

  /** Whether a step is the first of a backward graph: what that begins with has no nodes. */
  private comesFromNothing(step: number): boolean {
    return this.placeOf(step) === 0 && this.partOf(step).kind === BACKWARD;
  }

  /** A step, that at which its part was taken out, and so on up to the program. */
  private chain(step: number): number[] {
    const chain = [step];
    for (let part = this.partOf(step); part.number > 0; part = this.parts[part.within]!)
      chain.push(part.entry);
    return chain;
  }

  private isDeeper(out: readonly number[], into: readonly number[]): boolean {
    const [one, other] = [out.at(-1), into.at(-1)];
    return one !== undefined && other !== undefined && this.partOf(one) === this.partOf(other);
  }

  private beginning(step: number): number {
    return beginningOf(this.partOf(step).number);
  }

  /** The steps of a part after one, up to another. */
  private between(from: number, to: number): readonly number[] {
    return this.partOf(to).steps.slice(this.placeOf(from) + 1, this.placeOf(to) + 1);
  }

  private makeBirths(): Map<number, number> {
    const births = new Map<number, number>();
    this.made.forEach((rows, step) => {
      for (const id of rows.keys()) if (!births.has(id)) births.set(id, step);
    });
    return births;
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

/** How many nodes a step touched. */
const sizeOf = (step: PassPayload) => step.added + step.removed + step.changed + step.moved;
const forwards = (step: number) => [step, 1] as const;
const backwards = (step: number) => [step, -1] as const;

function distinct(ids: readonly number[], each: (id: number) => readonly number[]): number[] {
  return [...new Set(ids.flatMap(each))];
}

function slice(items: ArrayLike<number>, at: ArrayLike<number>, row: number): number[] {
  return Array.from({ length: at[row + 1]! - at[row]! }, (_, i) => items[at[row]! + i]!);
}

function rows(ids: ArrayLike<number>): Map<number, number> {
  return new Map(Array.from(ids, (id, row) => [id, row]));
}
