/** One graph of a document, with the indexes that panes and layout ask for. */

import type { GraphPayload } from "../protocol.generated";
import type { DocumentModel } from "./document";
import { Groups } from "./groups";
import { LineIndex } from "./lines";
import { TextLines } from "./text";

export const Role = { op: 0, constant: 1, attribute: 2, plumbing: 3, control: 4, call: 5 } as const;
export const Kind = {
  graph: 0,
  module: 1,
  function: 2,
  control: 3,
  block: 4,
  lines: 5,
  subgraph: 6,
} as const;
export const HOW = ["exact", "call", "inferred", "none"] as const;
export type How = (typeof HOW)[number];

export class GraphModel {
  readonly nodeCount: number;
  readonly valueCount: number;
  readonly containerCount: number;
  private readonly cache = new Map<string, unknown>();

  constructor(
    readonly payload: GraphPayload,
    readonly document: DocumentModel,
  ) {
    this.nodeCount = payload.nodes.op.length;
    this.valueCount = payload.values.name.length;
    this.containerCount = payload.containers.parent.length;
  }

  private lazily<T>(name: string, build: () => T): T {
    if (!this.cache.has(name)) this.cache.set(name, build());
    return this.cache.get(name) as T;
  }

  /** The number that a node has in every graph of the document. */
  id(node: number): number {
    return this.payload.nodes.id[node]!;
  }

  /** The node with a number, or -1. */
  nodeOf(id: number): number {
    const nodes = this.lazily("nodeOf", () => {
      return new Map(Array.from(this.payload.nodes.id, (own, node) => [own, node]));
    });
    return nodes.get(id) ?? -1;
  }

  // ── nodes ─────────────────────────────────────────────────────────────────────────────────────

  op(node: number): string {
    return this.document.string(this.payload.nodes.op[node]!);
  }

  /** The op without the name spaces of PyTorch itself: what a box has room for. */
  shortOp(node: number): string {
    return this.op(node).replace(/^(aten|prim)::/, "");
  }

  schema(node: number): string {
    return this.document.string(this.payload.nodes.schema[node]!);
  }

  attributes(node: number): string {
    return this.document.string(this.payload.nodes.attributes[node]!);
  }

  reason(node: number): string {
    return this.document.string(this.payload.nodes.reason[node]!);
  }

  role(node: number): number {
    return this.payload.nodes.role[node]!;
  }

  how(node: number): How {
    return HOW[this.payload.nodes.how[node]!] ?? "none";
  }

  inputs(node: number): readonly number[] {
    const { inputs_at, inputs } = this.payload.nodes;
    return slice(inputs, inputs_at[node]!, inputs_at[node + 1]!);
  }

  outputs(node: number): readonly number[] {
    const { outputs_at, outputs } = this.payload.nodes;
    return slice(outputs, outputs_at[node]!, outputs_at[node + 1]!);
  }

  // ── values ────────────────────────────────────────────────────────────────────────────────────

  valueName(value: number): string {
    return this.document.string(this.payload.values.name[value]!);
  }

  valueType(value: number): string {
    return this.document.string(this.payload.values.type[value]!);
  }

  /** What one run showed, such as `f32[1, 64]`, or "". */
  observed(value: number): string {
    return this.document.string(this.payload.values.observed[value]!);
  }

  producer(value: number): number {
    return this.payload.values.node[value]!;
  }

  /** Nodes that use the value, in text order, each once. */
  users(value: number): readonly number[] {
    return this.userIndex.of(value);
  }

  /** Blocks that return the value. */
  returnedBy(value: number): readonly number[] {
    return this.returnIndex.of(value);
  }

  private get userIndex(): Groups {
    return this.lazily("users", () => {
      const { inputs_at, inputs } = this.payload.nodes;
      return Groups.fromRows(inputs_at, inputs, this.valueCount);
    });
  }

  private get returnIndex(): Groups {
    return this.lazily("returns", () => {
      const { returns_at, returns } = this.payload.blocks;
      return Groups.fromRows(returns_at, returns, this.valueCount);
    });
  }

  // ── blocks ────────────────────────────────────────────────────────────────────────────────────

  params(block: number): readonly number[] {
    const { params_at, params } = this.payload.blocks;
    return slice(params, params_at[block]!, params_at[block + 1]!);
  }

  returns(block: number): readonly number[] {
    const { returns_at, returns } = this.payload.blocks;
    return slice(returns, returns_at[block]!, returns_at[block + 1]!);
  }

  /** Blocks of a node, in order. */
  blocksOf(node: number): readonly number[] {
    return this.lazily("blocks", () => Groups.byKey(this.payload.blocks.node, this.nodeCount)).of(
      node,
    );
  }

  // ── containers ────────────────────────────────────────────────────────────────────────────────

  label(container: number): string {
    return this.document.string(this.payload.containers.label[container]!);
  }

  detail(container: number): string {
    return this.document.string(this.payload.containers.detail[container]!);
  }

  path(container: number): string {
    return this.document.string(this.payload.containers.path[container]!);
  }

  kind(container: number): number {
    return this.payload.containers.kind[container]!;
  }

  parent(container: number): number {
    return this.payload.containers.parent[container]!;
  }

  children(container: number): readonly number[] {
    return this.lazily("children", () =>
      Groups.byKey(this.payload.containers.parent, this.containerCount),
    ).of(container);
  }

  /** Nodes drawn directly in the container, without those that are containers themselves. */
  ownNodes(container: number): readonly number[] {
    return this.lazily("ownNodes", () =>
      Groups.byKey(this.homes, this.containerCount, (node) => this.drawnAs[node]! < 0),
    ).of(container);
  }

  /** The container a node stands in; a control node stands in its container's parent. */
  home(node: number): number {
    return this.homes[node]!;
  }

  private get homes(): Int32Array {
    return this.lazily("homes", () => {
      const homes = Int32Array.from(this.payload.nodes.container);
      for (let c = 1; c < this.containerCount; c++) {
        const node = this.payload.containers.node[c]!;
        if (node >= 0) homes[node] = this.parent(c);
      }
      return homes;
    });
  }

  /** The container that draws a node (an If, a Loop, a fusion group), or -1. */
  containerOf(node: number): number {
    return this.drawnAs[node]!;
  }

  private get drawnAs(): Int32Array {
    return this.lazily("drawnAs", () => {
      const drawnAs = new Int32Array(this.nodeCount).fill(-1);
      for (let c = 1; c < this.containerCount; c++) {
        const node = this.payload.containers.node[c]!;
        if (node >= 0) drawnAs[node] = c;
      }
      return drawnAs;
    });
  }

  /** Number of nodes in a container and below, itself included where it draws a node. */
  size(container: number): number {
    return this.lazily("sizes", () => {
      const sizes = new Int32Array(this.containerCount);
      for (const home of this.payload.nodes.container) if (home >= 0) sizes[home]! += 1;
      for (let c = this.containerCount - 1; c > 0; c--) sizes[this.parent(c)]! += sizes[c]!;
      return sizes;
    })[container]!;
  }

  /** From the whole graph down to the container, both included. */
  ancestry(container: number): number[] {
    const path: number[] = [];
    for (let c = container; c >= 0; c = this.parent(c)) path.push(c);
    return path.reverse();
  }

  depth(container: number): number {
    return this.ancestry(container).length - 1;
  }

  isInside(container: number, ancestor: number): boolean {
    let c = container;
    // A parent precedes its children, so the walk can stop once it is past the ancestor.
    while (c > ancestor) c = this.parent(c);
    return c === ancestor;
  }

  /** All nodes in a container and below. */
  nodesIn(container: number): number[] {
    const found: number[] = [];
    const { nodes } = this.payload;
    for (let node = 0; node < this.nodeCount; node++)
      if (this.isInside(nodes.container[node]!, container)) found.push(node);
    const own = this.payload.containers.node[container]!;
    if (own >= 0 && !found.includes(own)) found.unshift(own);
    return found;
  }

  /** Containers with the same structure as this one, itself excluded. */
  alike(container: number): readonly number[] {
    const group = this.payload.containers.alike[container]!;
    if (group < 0) return [];
    const groups = this.lazily("alike", () => {
      const map = new Map<number, number[]>();
      this.payload.containers.alike.forEach((g, c) => {
        const members = map.get(g);
        if (members) members.push(c);
        else if (g >= 0) map.set(g, [c]);
      });
      return map;
    });
    return (groups.get(group) ?? []).filter((other) => other !== container);
  }

  // ── text and lines ────────────────────────────────────────────────────────────────────────────

  get text(): TextLines {
    return this.lazily("text", () => new TextLines(this.payload.text));
  }

  /** The innermost node printed on a row of the IR text, or -1. */
  nodeAtRow(row: number): number {
    const { text_line, text_end } = this.payload.nodes;
    let low = 0;
    let high = this.nodeCount;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (text_line[middle]! <= row) low = middle + 1;
      else high = middle;
    }
    for (let node = low - 1; node >= 0; node--) {
      if (row < text_end[node]!) return node;
      if (text_line[node]! < row - 10_000) break;
    }
    return -1;
  }

  get lines(): LineIndex {
    return this.lazily("lines", () => new LineIndex(this));
  }
}

function slice(column: ArrayLike<number>, from: number, to: number): number[] {
  const items: number[] = [];
  for (let i = from; i < to; i++) items.push(column[i]!);
  return items;
}
