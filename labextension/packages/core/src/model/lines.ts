/**
 * Source line ↔ nodes, through whole call stacks.
 *
 * A line such as `feat = self.backbone(x)` has few nodes of its own but stands in the call stack of
 * all nodes below; the gutter counts both, and both directions must be cheap for 50,000 nodes.
 * Nodes share frames, so everything is computed once a frame, not once a node.
 */

import type { GraphModel } from "./graph";

const FILE_STRIDE = 4_194_304; // more lines than any source file has

export interface LineCount {
  /** Nodes whose model or own line this is. */
  direct: number;
  /** Nodes with this line anywhere in their call stack. */
  through: number;
}

export class LineIndex {
  private readonly counts = new Map<number, LineCount>();

  constructor(private readonly graph: GraphModel) {
    const { nodes } = graph.payload;
    const through = new Int32Array(graph.document.frames.line.length);
    for (let node = 0; node < graph.nodeCount; node++) {
      const frame = nodes.frame[node]!;
      if (frame >= 0) through[frame]! += 1;
      const model = this.key(nodes.model[node]!);
      const own = this.key(nodes.own[node]!);
      if (model >= 0) this.entry(model).direct += 1;
      if (own >= 0 && own !== model) this.entry(own).direct += 1;
    }
    through.forEach((count, frame) => {
      if (count > 0) for (const key of this.keysOf(frame)) this.entry(key).through += count;
    });
  }

  count(file: number, line: number): LineCount | null {
    return this.counts.get(file * FILE_STRIDE + line) ?? null;
  }

  /** Number of nodes of each file, by direct lines. */
  perFile(): Map<number, number> {
    const files = new Map<number, number>();
    for (const [key, count] of this.counts) {
      const file = Math.floor(key / FILE_STRIDE);
      files.set(file, (files.get(file) ?? 0) + count.direct);
    }
    return files;
  }

  /**
   * The line a file is shown from: where its entry function begins to have nodes, else the first
   * line that has any, else 0. The entry is the outermost function with the most nodes; a node
   * whose callers are not known looks as if it were called from nowhere too.
   */
  first(file: number): number {
    const { frames } = this.graph.document;
    const functions = new Map<number, { nodes: number; line: number }>();
    for (const frame of this.graph.payload.nodes.frame) {
      const outermost = this.outermost(frame);
      if (outermost < 0 || frames.file[outermost] !== file) continue;
      const known = functions.get(frames.function[outermost]!) ?? { nodes: 0, line: Infinity };
      const line = Math.min(known.line, frames.line[outermost]!);
      functions.set(frames.function[outermost]!, { nodes: known.nodes + 1, line });
    }
    const [entry] = [...functions.values()].sort((a, b) => b.nodes - a.nodes);
    return entry?.line ?? this.firstOwn(file);
  }

  private firstOwn(file: number): number {
    let first = Infinity;
    for (const [key, { direct }] of this.counts)
      if (direct > 0 && Math.floor(key / FILE_STRIDE) === file)
        first = Math.min(first, key % FILE_STRIDE);
    return first < Infinity ? first : 0;
  }

  private outermost(frame: number): number {
    const { caller } = this.graph.document.frames;
    let found = frame;
    for (let steps = 0; found >= 0 && caller[found]! >= 0 && steps < 1000; steps++)
      found = caller[found]!;
    return found;
  }

  /** Nodes with the line in their call stack; `direct` only those whose model or own line it is. */
  nodes(file: number, line: number, direct: boolean): number[] {
    const { graph } = this;
    const { nodes } = graph.payload;
    const wanted = file * FILE_STRIDE + line;
    const memo = new Map<number, boolean>();
    const reaches = (frame: number): boolean => {
      if (frame < 0) return false;
      let known = memo.get(frame);
      if (known === undefined) {
        known = this.keysOf(frame).has(wanted);
        memo.set(frame, known);
      }
      return known;
    };
    const found: number[] = [];
    for (let node = 0; node < graph.nodeCount; node++) {
      const hit = direct
        ? this.key(nodes.model[node]!) === wanted || this.key(nodes.own[node]!) === wanted
        : reaches(nodes.frame[node]!);
      if (hit) found.push(node);
    }
    return found;
  }

  private entry(key: number): LineCount {
    let entry = this.counts.get(key);
    if (!entry) this.counts.set(key, (entry = { direct: 0, through: 0 }));
    return entry;
  }

  private key(frame: number): number {
    const { file, line } = this.graph.document.frames;
    return frame < 0 || frame >= line.length ? -1 : file[frame]! * FILE_STRIDE + line[frame]!;
  }

  private keysOf(frame: number): Set<number> {
    const { caller } = this.graph.document.frames;
    const keys = new Set<number>();
    for (let f = frame, steps = 0; f >= 0 && steps < 1000; f = caller[f]!, steps++)
      keys.add(this.key(f));
    return keys;
  }
}
