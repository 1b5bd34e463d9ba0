import { decodeWeightPayload, type PackedLines, type WeightPayload } from "../protocol.generated";
import { TextLines } from "./text";

const NO_BLOB = new Uint8Array();

/** The parameters and buffers; each is unpacked where it is looked at. */
export class Weights {
  private readonly lines: TextLines;
  private rows: ReadonlyMap<string, number> | null = null;

  constructor(packed: PackedLines) {
    this.lines = new TextLines(packed);
  }

  get count(): number {
    return this.lines.count;
  }

  /** @throws DecodeError | SyntaxError where that part of the file is damaged */
  get(index: number): WeightPayload {
    const raw: unknown = JSON.parse(this.lines.row(index));
    return decodeWeightPayload(raw, `document.weights[${index}]`, NO_BLOB);
  }

  /** Those with the names, in order. */
  named(names: ReadonlySet<string>): number[] {
    const found = [...names].flatMap((name) => this.byName.get(name) ?? []);
    return found.sort((a, b) => a - b);
  }

  /** Those of the module `path` and of the modules below it, and the one that is called so. */
  below(path: string): number[] {
    const found: number[] = [];
    for (const [name, index] of this.byName)
      if (name === path || name.startsWith(`${path}.`)) found.push(index);
    return found;
  }

  private get byName(): ReadonlyMap<string, number> {
    this.rows ??= new Map(Array.from({ length: this.count }, (_, i) => [this.get(i).name, i]));
    return this.rows;
  }
}
