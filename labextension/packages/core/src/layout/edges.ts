/** Edges of the folded graph: from where each value leaves to where it arrives. */

import { Role, type GraphModel } from "../model";
import { mutatorsOf, type Stub } from "./stubs";
import type { VisibleBox, VisibleEdge } from "./visible";

/** Which boxes there are, and which of them stands for what. */
export interface Standing {
  readonly graph: GraphModel;
  readonly boxes: readonly VisibleBox[];
  readonly boxIds: ReadonlySet<string>;
  readonly isStub: Uint8Array;
  readonly blockContainer: Int32Array;
  nodeBox(node: number): string;
  /** Boxes a value leaves from. */
  leaves(value: number): string[];
  /** Box where input `i` of a node arrives. */
  arrives(node: number, i: number): string;
  /** Box where the results of a block are collected. */
  blockEnd(block: number): string;
  /** For each node the closed container that hides it, or -1. */
  closedHomes(): Int32Array;
}

export interface Edges {
  readonly edges: readonly VisibleEdge[];
  /** Widely shared values, named beside the boxes that take them. */
  readonly named: ReadonlyMap<string, readonly Stub[]>;
}

/** A value that arrives at more boxes than this is named beside them instead of drawn to each. */
const WIDELY_SHARED = 8;

export function edgesOf(standing: Standing): Edges {
  return new EdgeBuilder(standing).build();
}

class EdgeBuilder {
  constructor(private readonly standing: Standing) {}

  build(): Edges {
    const values = new Map<string, number[]>();
    const targets = new Map<number, Set<string>>();
    const connect = (value: number, to: string) => {
      if (!this.standing.boxIds.has(to)) return;
      for (const from of this.standing.leaves(value)) {
        if (from === to || !this.standing.boxIds.has(from)) continue;
        const reached = targets.get(value) ?? new Set();
        targets.set(value, reached.add(to));
        const key = `${from}>${to}`;
        const known = values.get(key);
        if (!known) values.set(key, [value]);
        else if (!known.includes(value)) known.push(value);
      }
    };
    const { inputs_at, inputs } = this.standing.graph.payload.nodes;
    const { node: producers } = this.standing.graph.payload.values;
    const closed = this.standing.closedHomes();
    for (let node = 0; node < this.standing.graph.nodeCount; node++) {
      if (this.standing.isStub[node]) continue;
      const from = inputs_at[node]!;
      for (let i = from; i < inputs_at[node + 1]!; i++) {
        const value = inputs[i]!;
        const producer = producers[value]!;
        // Most edges of a large graph stay inside one closed container.
        const stays = closed[node]! >= 0 && producer >= 0 && closed[producer] === closed[node];
        if (!stays) connect(value, this.standing.arrives(node, i - from));
      }
    }
    for (let block = 1; block < this.standing.blockContainer.length; block++)
      for (const value of this.standing.graph.returns(block))
        connect(value, this.standing.blockEnd(block));
    this.standing.graph.returns(0).forEach((value, i) => connect(value, `o${i}`));
    const { shown, named } = this.nameShared(values, targets);
    return { edges: [...shown, ...this.order(shown), ...this.orderMutations()], named };
  }

  /** Turns edges of widely shared values into words beside all but their first consumer. */
  private nameShared(
    values: Map<string, number[]>,
    targets: ReadonlyMap<number, ReadonlySet<string>>,
  ): { shown: VisibleEdge[]; named: Map<string, Stub[]> } {
    const shared = new Set<number>();
    for (const [value, reached] of targets) if (reached.size > WIDELY_SHARED) shared.add(value);
    const drawnOnce = new Set<number>();
    const named = new Map<string, Stub[]>();
    const edges: VisibleEdge[] = [];
    for (const [key, carried] of values) {
      const [from = "", to = ""] = key.split(">");
      const kept = carried.filter((value) => {
        if (!shared.has(value) || !drawnOnce.has(value)) {
          drawnOnce.add(value);
          return true;
        }
        const stub = {
          node: this.standing.graph.producer(value),
          text: this.standing.graph.valueName(value),
        };
        named.set(to, [...(named.get(to) ?? []), stub]);
        return false;
      });
      if (kept.length > 0) edges.push({ from, to, values: kept, hidden: false });
    }
    return { shown: edges, named };
  }

  /** Hidden edges that keep the header of an If or Loop above what its blocks begin with. */
  private order(edges: readonly VisibleEdge[]): VisibleEdge[] {
    const parents = new Map(this.standing.boxes.map((box) => [box.id, box.parent]));
    const hidden: VisibleEdge[] = [];
    for (const box of this.standing.boxes) {
      if (box.kind !== "header") continue;
      const inside = (id: string) => this.standing.graph.isInside(parents.get(id) ?? 0, box.index);
      const fed = new Set(edges.filter((e) => inside(e.from) && inside(e.to)).map((e) => e.to));
      for (const { id } of this.standing.boxes)
        if (id !== box.id && inside(id) && !fed.has(id))
          hidden.push({ from: box.id, to: id, values: [], hidden: true });
    }
    return hidden;
  }

  /**
   * Hidden edges from what fills a list to what reads it later: no value flows between the two in
   * the IR, and without them a reader would be drawn before the loop that does the filling.
   */
  private orderMutations(): VisibleEdge[] {
    const { graph } = this.standing;
    const hidden = new Map<string, VisibleEdge>();
    for (let node = 0; node < graph.nodeCount; node++) {
      if (graph.role(node) !== Role.plumbing || this.standing.isStub[node]) continue;
      for (const value of graph.outputs(node)) {
        const [filled] = mutatorsOf(graph, value);
        if (filled === undefined) continue;
        for (const user of graph.users(value)) {
          const [from, to] = [this.standing.nodeBox(filled), this.standing.nodeBox(user)];
          if (
            user <= filled ||
            from === to ||
            !this.standing.boxIds.has(from) ||
            !this.standing.boxIds.has(to)
          )
            continue;
          hidden.set(`${from}>${to}`, { from, to, values: [], hidden: true });
        }
      }
    }
    return [...hidden.values()];
  }
}
