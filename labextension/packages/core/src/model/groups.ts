/** Many small lists in two flat arrays: row `i` owns `items[at[i]]` to `items[at[i + 1] - 1]`. */
export class Groups {
  private constructor(
    private readonly at: Int32Array,
    private readonly items: Int32Array,
  ) {}

  of(row: number): readonly number[] {
    return Array.from(this.items.subarray(this.at[row], this.at[row + 1]));
  }

  count(row: number): number {
    return this.at[row + 1]! - this.at[row]!;
  }

  /** Groups the indexes of `keys` by their key; negative keys and those not `kept` are left out. */
  static byKey(
    keys: ArrayLike<number>,
    rows: number,
    kept: (index: number) => boolean = () => true,
  ): Groups {
    const at = new Int32Array(rows + 1);
    const included = (i: number) => keys[i]! >= 0 && keys[i]! < rows && kept(i);
    for (let i = 0; i < keys.length; i++) if (included(i)) at[keys[i]! + 1]! += 1;
    for (let row = 0; row < rows; row++) at[row + 1]! += at[row]!;
    const next = at.slice();
    const items = new Int32Array(at[rows]!);
    for (let i = 0; i < keys.length; i++) {
      if (!included(i)) continue;
      const slot = next[keys[i]!]!;
      next[keys[i]!] = slot + 1;
      items[slot] = i;
    }
    return new Groups(at, items);
  }

  /** Inverts rows of keys: which rows name each key, ascending, each row once. */
  static fromRows(rowsAt: ArrayLike<number>, keys: ArrayLike<number>, count: number): Groups {
    const owners = new Int32Array(keys.length);
    const unique = new Uint8Array(keys.length);
    const last = new Int32Array(count).fill(-1);
    for (let row = 0; row + 1 < rowsAt.length; row++) {
      for (let i = rowsAt[row]!; i < rowsAt[row + 1]!; i++) {
        owners[i] = row;
        const key = keys[i]!;
        if (key >= 0 && key < count && last[key] !== row) {
          last[key] = row;
          unique[i] = 1;
        }
      }
    }
    const groups = Groups.byKey(keys, count, (i) => unique[i] === 1);
    groups.items.forEach((index, slot) => (groups.items[slot] = owners[index]!));
    return groups;
  }
}
