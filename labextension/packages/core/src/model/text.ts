import { inflateSync } from "fflate";

import type { PackedLines } from "../protocol.generated";

const DAMAGED = "⚠ this part of the file is damaged";
const KEPT = 16;

/** The lines of a long text; its blocks are unpacked where they are looked at. */
export class TextLines {
  /** The blocks looked at last, the latest at the end. */
  private readonly blocks = new Map<number, readonly string[]>();

  constructor(private readonly packed: PackedLines) {}

  get count(): number {
    return this.packed.rows;
  }

  row(index: number): string {
    if (index < 0 || index >= this.count) return "";
    const { block_rows } = this.packed;
    return this.block(Math.floor(index / block_rows))[index % block_rows]?.replace(/\r$/, "") ?? "";
  }

  /** All of them, unpacked. */
  all(): string[] {
    return Array.from({ length: this.count }, (_, index) => this.row(index));
  }

  private block(index: number): readonly string[] {
    const lines = this.blocks.get(index) ?? this.unpack(index);
    this.blocks.delete(index);
    this.blocks.set(index, lines);
    const [oldest] = this.blocks.keys();
    if (this.blocks.size > KEPT) this.blocks.delete(oldest!);
    return lines;
  }

  private unpack(index: number): readonly string[] {
    const { blocks_at, blocks, block_rows } = this.packed;
    try {
      const all = new Uint8Array(blocks.buffer, blocks.byteOffset, blocks.byteLength);
      const text = inflateSync(all.subarray(blocks_at[index], blocks_at[index + 1]));
      return new TextDecoder("utf-8", { ignoreBOM: true }).decode(text).split("\n");
    } catch {
      return new Array<string>(block_rows).fill(DAMAGED);
    }
  }
}

const none = { rows: 0, block_rows: 1, blocks_at: new Int32Array(1), blocks: new Uint8Array() };
export const NO_TEXT = new TextLines(none);
