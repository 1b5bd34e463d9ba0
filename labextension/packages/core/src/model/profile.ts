/** Where a program's time and memory went, by the nodes, scopes and lines of its graphs. */

import type { ProfilePayload, SamplesPayload, SharesPayload } from "../protocol.generated";
import type { DocumentModel } from "./document";
import type { GraphModel } from "./graph";

/** What heat is made of: nanoseconds of a run, or bytes allocated in one. */
export type Measure = "cpu" | "device" | "memory";

/** What the parts of a graph took, in one run on average; NaN where nothing was measured. */
export interface Heat {
  readonly measure: Measure;
  /** What all of it took. */
  readonly whole: number;
  readonly nodes: Float64Array;
  /** With all that a container holds. */
  readonly containers: Float64Array;
}

/** What a line took: its own nodes, and all those with the line in their call stack. */
export interface LineHeat {
  readonly own: number;
  readonly through: number;
}

export class Profile {
  /** How many runs were profiled. */
  readonly runs: number;
  /** Number of a node of the plan → its row in the samples. */
  readonly sampleOf: ReadonlyMap<number, number>;
  /** Number of a node of the program → its row in the shares. */
  readonly shareOf: ReadonlyMap<number, number>;
  private readonly heats = new Map<string, Heat | null>();
  private readonly lines = new Map<Measure, ReadonlyMap<string, LineHeat>>();

  constructor(
    readonly payload: ProfilePayload,
    private readonly document: DocumentModel,
  ) {
    this.runs = payload.profiled.length;
    this.sampleOf = rowsOf(payload.samples.node);
    this.shareOf = rowsOf(payload.nodes);
  }

  /** What there is to be shown; time on the processor always is. */
  get measures(): readonly Measure[] {
    const { has_device, node_shares } = this.payload;
    const hasBytes = node_shares.bytes.some((bytes) => bytes > 0);
    return [
      "cpu",
      ...(has_device ? ["device" as const] : []),
      ...(hasBytes ? ["memory" as const] : []),
    ];
  }

  /** Where most of the time is: on the device, where there is one. */
  get first(): Measure {
    return this.payload.has_device ? "device" : "cpu";
  }

  /** The plan that ran, as a graph. */
  get plan(): GraphModel {
    return this.document.graphs[this.payload.graph]!;
  }

  /** What a row of the shares took in one run. */
  amountOf(shares: SharesPayload, row: number, measure: Measure): number {
    if (measure === "memory") return shares.bytes[row]!;
    return (measure === "cpu" ? shares.cpu_ns : shares.device_ns)[row]! / this.runs;
  }

  /** What a row of the samples took in one run. */
  amountOfSample(row: number, measure: Measure): number {
    const samples: SamplesPayload = this.payload.samples;
    if (measure === "memory") return samples.allocated[row]!;
    return (measure === "cpu" ? samples.cpu_ns : samples.device_ns)[row]! / this.runs;
  }

  /** What all nodes took in one run, those without a known node included. */
  whole(measure: Measure): number {
    const { node_shares, accounting, nodes } = this.payload;
    if (measure === "cpu") return accounting.ops / this.runs;
    if (measure === "device") return (accounting.kernels ?? 0) / this.runs;
    let sum = 0;
    for (let row = 0; row < nodes.length; row++) sum += known(node_shares.bytes[row]!);
    return sum;
  }

  /** The heat of a graph of the document; null where none of its nodes has any. */
  heatOf(graph: GraphModel, measure: Measure): Heat | null {
    const at = this.document.graphs.indexOf(graph);
    const key = `${at} ${measure}`;
    let heat = this.heats.get(key);
    if (heat === undefined) this.heats.set(key, (heat = this.makeHeat(graph, measure)));
    return heat;
  }

  private makeHeat(graph: GraphModel, measure: Measure): Heat | null {
    const { kind } = graph.payload;
    if (kind === "variant" || kind === "method") return null; // other programs, other nodes
    const amount = this.amounts(kind === "plan", measure);
    const nodes = Float64Array.from(graph.payload.nodes.id, amount);
    if (nodes.every(Number.isNaN)) return null;
    const containers = new Float64Array(graph.containerCount).fill(NaN);
    const add = (container: number, more: number) => {
      if (container < 0 || Number.isNaN(more)) return;
      containers[container] = known(containers[container]!) + more;
    };
    nodes.forEach((taken, node) => add(graph.payload.nodes.container[node]!, taken));
    for (let c = graph.containerCount - 1; c > 0; c--) add(graph.parent(c), containers[c]!);
    return { measure, whole: this.whole(measure), nodes, containers };
  }

  private amounts(isPlan: boolean, measure: Measure): (id: number) => number {
    if (isPlan)
      return (id) => {
        const row = this.sampleOf.get(id);
        return row === undefined ? NaN : this.amountOfSample(row, measure);
      };
    return (id) => {
      const row = this.shareOf.get(id);
      return row === undefined ? NaN : this.amountOf(this.payload.node_shares, row, measure);
    };
  }

  /** What a source line took; null where nothing of it was measured. */
  lineHeat(file: number, line: number, measure: Measure): LineHeat | null {
    let lines = this.lines.get(measure);
    if (!lines) this.lines.set(measure, (lines = this.makeLines(measure)));
    return lines.get(`${file}:${line}`) ?? null;
  }

  /** By the program's own graph: once a frame, since nodes share those. */
  private makeLines(measure: Measure): ReadonlyMap<string, LineHeat> {
    const lines = new Map<string, { own: number; through: number }>();
    const entry = (key: string) => {
      let found = lines.get(key);
      if (!found) lines.set(key, (found = { own: 0, through: 0 }));
      return found;
    };
    const { line_file, line_number, line_shares } = this.payload;
    for (let row = 0; row < line_file.length; row++)
      if (line_file[row]! >= 0)
        entry(`${line_file[row]}:${line_number[row]}`).own = known(
          this.amountOf(line_shares, row, measure),
        );
    const { document } = this;
    const graph = document.graphs[0]!;
    const heat = this.heatOf(graph, measure);
    const frames = new Map<number, number>();
    heat?.nodes.forEach((taken, node) => {
      const frame = graph.payload.nodes.frame[node]!;
      if (taken > 0 && frame >= 0) frames.set(frame, (frames.get(frame) ?? 0) + taken);
    });
    for (const [frame, taken] of frames)
      for (const key of new Set(document.stack(frame).map(({ file, line }) => `${file}:${line}`)))
        entry(key).through += taken;
    return lines;
  }
}

/** A number, or 0 where it is not known. */
export const known = (number: number): number => (Number.isNaN(number) ? 0 : number);

function rowsOf(numbers: ArrayLike<number>): ReadonlyMap<number, number> {
  return new Map(Array.from(numbers, (id, row) => [id, row]));
}

export const LEVELS = 7;

/**
 * How hot a part of a whole is, from 1 to 7; 0 for nothing. By the root of its share, so that what
 * is small can be told from what is nothing; the same share has the same colour everywhere.
 */
export function levelOf(amount: number, whole: number): number {
  if (!(amount > 0) || !(whole > 0)) return 0;
  return Math.max(1, Math.min(LEVELS, Math.ceil(LEVELS * Math.sqrt(amount / whole))));
}
