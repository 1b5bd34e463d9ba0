/** What goes into a layout and what comes out: ids, sizes, nesting, edges, places; never a label. */

export interface LayoutBox {
  readonly id: string;
  readonly parent: string;
  readonly width: number;
  readonly height: number;
  /** Room left of the box for its stubs; edges meet the box, not the stubs. */
  readonly margin: number;
}

export interface LayoutCluster {
  readonly id: string;
  readonly parent: string;
  /** Room for the title. */
  readonly width: number;
  readonly height: number;
}

export interface LayoutInput {
  readonly boxes: readonly LayoutBox[];
  readonly clusters: readonly LayoutCluster[];
  readonly edges: readonly {
    readonly from: string;
    readonly to: string;
    readonly hidden: boolean;
  }[];
  /** Boxes or clusters of which the first should stand left of the second: `then` of `else`. */
  readonly sides: readonly (readonly [left: string, right: string])[];
}

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface LayoutResult {
  readonly width: number;
  readonly height: number;
  /** The box itself, without the room of its stubs. */
  readonly boxes: Readonly<Record<string, Rect>>;
  readonly clusters: Readonly<Record<string, Rect>>;
  /** One an edge of the input: start, then triples of Bézier points, as x, y; [] where hidden. */
  readonly edges: readonly (readonly number[])[];
}

/** The id of the whole graph, which is no cluster. */
export const ROOT = "";
