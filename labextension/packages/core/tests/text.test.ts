import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";

import { TextLines } from "../src/model/text";

const BLOCK = 4;

function pack(lines: readonly string[]) {
  const parts: Buffer[] = [];
  for (let first = 0; first < lines.length; first += BLOCK)
    parts.push(deflateRawSync(lines.slice(first, first + BLOCK).join("\n")));
  const at = [0];
  for (const part of parts) at.push(at.at(-1)! + part.length);
  return {
    rows: lines.length,
    block_rows: BLOCK,
    blocks_at: Int32Array.from(at),
    blocks: new Uint8Array(Buffer.concat(parts)),
  };
}

describe("packed text", () => {
  const lines = Array.from({ length: 401 }, (_, i) => (i % 7 === 0 ? "" : `%${i} : ü\u2028${i}`));

  it("gives every row, in any order", () => {
    const text = new TextLines(pack(lines));
    expect(text.count).toBe(401);
    for (const step of [1, 97, 398])
      for (let i = 0, row = 0; i < 401; i++, row = (row + step) % 401)
        expect(text.row(row)).toBe(lines[row]);
  });

  it("has no rows outside, and none where it is empty", () => {
    const text = new TextLines(pack(lines));
    expect([text.row(-1), text.row(401)]).toEqual(["", ""]);
    expect(new TextLines(pack([])).count).toBe(0);
  });

  it("says where a block is damaged, and shows the others", () => {
    const packed = pack(lines);
    packed.blocks.fill(255, packed.blocks_at[1], packed.blocks_at[2]);
    const text = new TextLines(packed);
    expect(text.row(BLOCK)).toMatch(/damaged/);
    expect(text.row(BLOCK - 1)).toBe(lines[BLOCK - 1]);
    expect(text.row(2 * BLOCK)).toBe(lines[2 * BLOCK]);
  });
});
