/**
 * The decoded document: read-only, one instance a payload.
 *
 * Nothing here copies a column. Indexes (users, children, lines) are flat arrays too and are built
 * on first use, so that a graph of 50,000 nodes opens at once.
 */

import {
  PROTOCOL,
  decodeDocument,
  type ComparisonPayload,
  type Document,
  type FramesPayload,
  type SourceFilePayload,
} from "../protocol.generated";
import { alignedBlob, asRecord } from "../protocol";
import { GraphModel } from "./graph";
import { Passes } from "./passes";
import { Profile } from "./profile";
import { NO_TEXT, TextLines } from "./text";
import { Variant } from "./variants";
import { Weights } from "./weights";

/** The document was written for another major version of the protocol. */
export class ProtocolVersionError extends Error {
  constructor(readonly version: unknown) {
    super(`document has protocol version ${String(version)}, this page reads ${PROTOCOL}`);
    this.name = "ProtocolVersionError";
  }
}

export class DocumentModel {
  readonly graphs: readonly GraphModel[];
  readonly weights: Weights;
  readonly passes: Passes | null;
  readonly profile: Profile | null;
  /** Those laid beside the program, or that could not be. */
  readonly variants: readonly Variant[];
  private readonly sources: readonly TextLines[];
  private observedStrings: readonly string[] = [];

  constructor(readonly payload: Document) {
    this.sources = payload.files.map((file) => new TextLines(file.text));
    this.weights = new Weights(payload.weights);
    this.passes = payload.passes ? new Passes(payload.passes) : null;
    this.graphs = payload.graphs.map((graph) => new GraphModel(graph, this));
    this.profile = payload.profile ? new Profile(payload.profile, this) : null;
    this.variants = payload.variants.map((variant) => new Variant(variant, this));
  }

  /** @throws ProtocolVersionError | DecodeError */
  static decode(raw: unknown, bytes: Uint8Array): DocumentModel {
    const blob = alignedBlob(bytes);
    const { schema } = asRecord(raw, "document", blob);
    if (schema !== PROTOCOL) throw new ProtocolVersionError(schema);
    return new DocumentModel(decodeDocument(raw, "document", blob));
  }

  get frames(): FramesPayload {
    return this.payload.frames;
  }

  /** An interned string; "" for an index that is out of range. */
  string(index: number): string {
    const own = this.payload.strings;
    return (index < own.length ? own[index] : this.observedStrings[index - own.length]) ?? "";
  }

  /** The text of a file; no rows where only its name is known. */
  source(file: number): TextLines {
    return this.sources[file] ?? NO_TEXT;
  }

  /** The file to show first: the user's own, or of a library's that in which most nodes stand. */
  firstFile(): number {
    const { files, graphs } = this.payload;
    const own = files.findIndex((file) => !file.library && file.text.rows > 0);
    if (own >= 0) return own;
    const counts = files.map(() => 0);
    for (const frame of graphs[0]?.nodes.model ?? []) {
      const file = frame < 0 ? -1 : this.frames.file[frame]!;
      if (file >= 0 && files[file]!.text.rows > 0) counts[file]! += 1;
    }
    const most = Math.max(...counts, 0);
    return most > 0 ? counts.indexOf(most) : files.length - 1;
  }

  frame(index: number): Frame | null {
    const f = this.frames;
    if (index < 0 || index >= f.file.length) return null;
    return {
      id: index,
      file: f.file[index]!,
      line: f.line[index]!,
      col: f.col[index]!,
      endLine: f.end_line[index]!,
      endCol: f.end_col[index]!,
      function: this.string(f.function[index]!),
      caller: f.caller[index]!,
    };
  }

  /** The call stack from `index` outwards. */
  stack(index: number): Frame[] {
    const frames: Frame[] = [];
    for (let frame = this.frame(index); frame && frames.length < 1000;) {
      frames.push(frame);
      frame = this.frame(frame.caller);
    }
    return frames;
  }

  /** A short place such as `resnet.py:93`, or "". */
  place(frame: number): string {
    const found = this.frame(frame);
    if (!found) return "";
    return `${this.payload.files[found.file]?.title ?? "?"}:${found.line}`;
  }

  /** Whether one run has shown shapes. */
  get hasObserved(): boolean {
    return this.payload.graphs.some((graph) =>
      graph.values.observed.some((index) => this.string(index) !== ""),
    );
  }

  /** A document with what was found of the program, and with files that it does not have yet. */
  withComparison(
    comparison: ComparisonPayload,
    files: readonly SourceFilePayload[],
  ): DocumentModel {
    const known = new Set(this.payload.files.map(({ path }) => path));
    const further = files.filter(({ path }) => !known.has(path));
    const next = new DocumentModel({
      ...this.payload,
      comparison,
      files: [...this.payload.files, ...further],
    });
    next.observedStrings = this.observedStrings;
    return next;
  }

  /**
   * A document with what one run showed for the inlined graph laid over it.
   * @param observed a string index a value, into `strings`
   */
  withObserved(
    strings: readonly string[],
    observed: ArrayLike<number>,
    flops: Float64Array,
  ): DocumentModel {
    const base = this.payload.strings.length;
    const shifted = Int32Array.from(observed, (index) => (strings[index] ? base + index : 0));
    const [first, ...rest] = this.payload.graphs;
    if (!first) return this;
    const graph = {
      ...first,
      values: { ...first.values, observed: shifted },
      nodes: { ...first.nodes, flops },
    };
    const next = new DocumentModel({ ...this.payload, graphs: [graph, ...rest] });
    next.observedStrings = strings;
    return next;
  }
}

export interface Frame {
  readonly id: number;
  readonly file: number;
  readonly line: number;
  readonly col: number;
  readonly endLine: number;
  readonly endCol: number;
  readonly function: string;
  readonly caller: number;
}
