/**
 * The folded graph: which boxes, clusters and edges stand for a graph while some containers are
 * open. Knows nothing of sizes, places or looks.
 *
 * Every value has a place where it leaves and places where it arrives. Inside a closed container
 * both are the container's box. An open If or Loop has a header box that takes its condition; its
 * blocks have a box for each param that is used and one for what they return, so that a value can
 * be followed into a branch and out again.
 */

import { Kind, Role, type GraphModel } from "../model";
import { findStubs, mutatorsOf, stubText, stubsOf, type Stub } from "./stubs";

export type BoxKind = "op" | "container" | "header" | "param" | "return" | "output";

export interface VisibleBox {
  readonly id: string;
  readonly kind: BoxKind;
  /** The open container it stands in. */
  readonly parent: number;
  /** The node, container, value or block it draws, by kind. */
  readonly index: number;
  readonly stubs: readonly Stub[];
}

export interface VisibleEdge {
  readonly from: string;
  readonly to: string;
  readonly values: readonly number[];
  /** Only orders the layout: header above its branches. */
  readonly hidden: boolean;
}

export interface VisibleGraph {
  readonly boxes: readonly VisibleBox[];
  /** Open containers except the whole graph, each after its parent. */
  readonly clusters: readonly number[];
  readonly edges: readonly VisibleEdge[];
  /** The box or cluster that stands for a node: `n7`, `c3`, or "" where it is a stub. */
  readonly nodeBox: (node: number) => string;
  readonly containerBox: (container: number) => string;
  readonly valueBoxes: (value: number) => readonly string[];
}

/** A value that arrives at more boxes than this is named beside them instead of drawn to each. */
const WIDELY_SHARED = 8;

export function visibleGraph(graph: GraphModel, open: ReadonlySet<number>): VisibleGraph {
  return new Builder(graph, open).build();
}

const knownStubs = new WeakMap<GraphModel, Uint8Array>();

function stubsOfGraph(graph: GraphModel): Uint8Array {
  let stubs = knownStubs.get(graph);
  if (!stubs) knownStubs.set(graph, (stubs = findStubs(graph)));
  return stubs;
}

class Builder {
  private readonly isStub: Uint8Array;
  /** For each container: itself if all above are open, else the outermost closed one above. */
  private readonly shownAs: Int32Array;
  private readonly isOpen: Uint8Array;
  private readonly drawn: Int32Array;
  private readonly boxes: VisibleBox[] = [];
  private readonly boxIds = new Set<string>();
  private readonly clusters: number[] = [];
  private readonly blockContainer: Int32Array;

  constructor(
    private readonly graph: GraphModel,
    open: ReadonlySet<number>,
  ) {
    this.isStub = stubsOfGraph(graph);
    const count = graph.containerCount;
    this.shownAs = new Int32Array(count);
    this.isOpen = new Uint8Array(count);
    for (let c = 0; c < count; c++) {
      const parent = graph.parent(c);
      const above = parent < 0 ? -1 : this.shownAs[parent]!;
      this.shownAs[c] = parent >= 0 && !this.isOpen[parent] ? above : c;
      this.isOpen[c] = this.shownAs[c] === c && (c === 0 || open.has(c)) ? 1 : 0;
    }
    this.drawn = this.countDrawn();
    this.blockContainer = this.findBlockContainers();
  }

  build(): VisibleGraph {
    this.addParams(0);
    this.fill(0);
    this.addOutputs();
    return {
      boxes: this.boxes,
      clusters: this.clusters,
      edges: this.edges(),
      nodeBox: (node) => this.nodeBox(node),
      containerBox: (container) => `c${this.shownAs[container]!}`,
      valueBoxes: (value) => this.leaves(value),
    };
  }

  /** Nodes below each container that are drawn as boxes of some kind. */
  private countDrawn(): Int32Array {
    const { graph } = this;
    const drawn = new Int32Array(graph.containerCount);
    for (let node = 0; node < graph.nodeCount; node++)
      if (!this.isStub[node]) drawn[Math.max(graph.home(node), 0)]! += 1;
    for (let c = graph.containerCount - 1; c > 0; c--) drawn[graph.parent(c)]! += drawn[c]!;
    return drawn;
  }

  private findBlockContainers(): Int32Array {
    const { graph } = this;
    const found = new Int32Array(graph.payload.blocks.node.length).fill(0);
    for (let block = 1; block < found.length; block++) {
      const node = graph.payload.blocks.node[block]!;
      const container = node < 0 ? 0 : graph.containerOf(node);
      if (container < 0) {
        found[block] = Math.max(graph.home(node), 0);
        continue;
      }
      const blocks = graph.children(container).filter((c) => graph.kind(c) === Kind.block);
      found[block] = blocks[graph.blocksOf(node).indexOf(block)] ?? container;
    }
    return found;
  }

  private add(kind: BoxKind, id: string, parent: number, index: number, stubs: Stub[] = []): void {
    this.boxes.push({ id, kind, parent, index, stubs });
    this.boxIds.add(id);
  }

  /** Adds what stands in an open container, in text order. */
  private fill(container: number): void {
    const { graph } = this;
    const children = graph.children(container).filter((c) => this.isDrawn(c));
    const nodes = graph.ownNodes(container).filter((node) => !this.isStub[node]);
    const first = (c: number) => this.firstNode(c);
    let next = 0;
    for (const child of children) {
      for (; next < nodes.length && nodes[next]! < first(child); next++) this.addNode(nodes[next]!);
      this.addContainer(child, container);
    }
    for (; next < nodes.length; next++) this.addNode(nodes[next]!);
  }

  private isDrawn(container: number): boolean {
    const { graph } = this;
    return (
      this.drawn[container]! > 0 ||
      graph.kind(container) === Kind.block ||
      graph.payload.containers.node[container]! >= 0
    );
  }

  private firstNode(container: number): number {
    return this.firstNodes[container]!;
  }

  private get firstNodes(): Int32Array {
    let known = firstNodesOf.get(this.graph);
    if (!known) {
      const { graph } = this;
      known = new Int32Array(graph.containerCount).fill(0x7fffffff);
      for (let node = graph.nodeCount - 1; node >= 0; node--) {
        const home = graph.home(node);
        if (home >= 0) known[home] = node;
        const own = graph.containerOf(node);
        if (own >= 0) known[own] = node;
      }
      for (let c = graph.containerCount - 1; c > 0; c--) {
        const parent = graph.parent(c);
        known[parent] = Math.min(known[parent]!, known[c]!);
      }
      firstNodesOf.set(graph, known);
    }
    return known;
  }

  private addNode(node: number): void {
    const stubs = [...stubsOf(this.graph, node, this.isStub)];
    this.add("op", `n${node}`, this.graph.home(node), node, stubs);
  }

  private addContainer(container: number, parent: number): void {
    const node = this.graph.payload.containers.node[container]!;
    if (!this.isOpen[container]) {
      this.add("container", `c${container}`, parent, container);
      return;
    }
    this.clusters.push(container);
    if (node >= 0) {
      if (this.graph.kind(container) === Kind.control)
        this.add(
          "header",
          `h${container}`,
          container,
          container,
          stubsOf(this.graph, node, this.isStub),
        );
      for (const block of this.graph.blocksOf(node))
        if (this.blockContainer[block] === container) this.addParams(block);
    }
    const block = this.blockOf(container);
    if (block > 0) this.addParams(block);
    this.fill(container);
    if (block > 0) this.addReturn(block, container);
    if (node >= 0)
      for (const inner of this.graph.blocksOf(node))
        if (this.blockContainer[inner] === container) this.addReturn(inner, container);
  }

  private blockOf(container: number): number {
    return this.graph.kind(container) === Kind.block ? this.blockContainer.indexOf(container) : -1;
  }

  private addParams(block: number): void {
    const container = this.blockContainer[block]!;
    for (const value of this.graph.params(block))
      if (this.isUsed(value)) this.add("param", `p${value}`, container, value);
  }

  /** Whether anything that is drawn takes the value: `self` mostly feeds attribute accesses only. */
  private isUsed(value: number): boolean {
    return (
      this.graph.users(value).some((node) => !this.isStub[node]) ||
      this.graph.returnedBy(value).length > 0
    );
  }

  private addReturn(block: number, container: number): void {
    const returns = this.graph.returns(block);
    if (returns.length === 0) return;
    this.add("return", `r${block}`, container, block, this.stubValues(returns));
  }

  private addOutputs(): void {
    this.graph.returns(0).forEach((value, i) => {
      this.add("output", `o${i}`, 0, value, this.stubValues([value]));
    });
  }

  private stubValues(values: readonly number[]): Stub[] {
    return values
      .filter((value) => this.isStub[this.graph.producer(value)])
      .map((value) => ({ node: this.graph.producer(value), text: stubText(this.graph, value) }));
  }

  private nodeBox(node: number): string {
    if (this.isStub[node]) return "";
    const container = this.graph.containerOf(node);
    if (container >= 0) return `c${this.shownAs[container]!}`;
    const home = Math.max(this.graph.home(node), 0);
    return this.isOpen[home] ? `n${node}` : `c${this.shownAs[home]!}`;
  }

  /** Boxes a value leaves from. */
  private leaves(value: number): string[] {
    const node = this.graph.producer(value);
    if (node < 0) return this.paramBox(value);
    if (this.isStub[node]) return [];
    const container = this.graph.containerOf(node);
    if (container < 0 || !this.isOpen[container]) return [this.nodeBox(node)];
    const blocks = this.graph.blocksOf(node).map((block) => this.blockEnd(block));
    return blocks.filter((id) => this.boxIds.has(id));
  }

  private blockEnd(block: number): string {
    const container = this.blockContainer[block]!;
    return this.isOpen[container] ? `r${block}` : `c${this.shownAs[container]!}`;
  }

  private paramBox(value: number): string[] {
    if (this.boxIds.has(`p${value}`)) return [`p${value}`];
    const block = this.graph.payload.values.block[value]!;
    if (block <= 0) return [];
    const container = this.blockContainer[block]!;
    return this.isOpen[container] ? [] : [`c${this.shownAs[container]!}`];
  }

  /** Box where input `i` of a node arrives. */
  private arrives(node: number, i: number): string {
    const container = this.graph.containerOf(node);
    if (container < 0 || !this.isOpen[container]) return this.nodeBox(node);
    const param = this.paramFor(node, i);
    const box = param >= 0 ? this.paramBox(param)[0] : undefined;
    return box ?? `h${container}`;
  }

  /** The block param that input `i` becomes, or -1: a Loop hands on all after count and condition. */
  private paramFor(node: number, i: number): number {
    const [block] = this.graph.blocksOf(node);
    if (block === undefined) return -1;
    const params = this.graph.params(block);
    if (this.graph.op(node) === "prim::Loop") return i < 2 ? -1 : (params[i - 1] ?? -1);
    return params.length === this.graph.inputs(node).length ? (params[i] ?? -1) : -1;
  }

  /** For each node the closed container that hides it, or -1. */
  private closedHomes(): Int32Array {
    const { graph } = this;
    return Int32Array.from({ length: graph.nodeCount }, (_, node) => {
      const home = Math.max(graph.home(node), 0);
      return this.isOpen[home] ? -1 : this.shownAs[home]!;
    });
  }

  private edges(): VisibleEdge[] {
    const values = new Map<string, number[]>();
    const targets = new Map<number, Set<string>>();
    const connect = (value: number, to: string) => {
      if (!this.boxIds.has(to)) return;
      for (const from of this.leaves(value)) {
        if (from === to || !this.boxIds.has(from)) continue;
        const reached = targets.get(value) ?? new Set();
        targets.set(value, reached.add(to));
        const key = `${from}>${to}`;
        const known = values.get(key);
        if (!known) values.set(key, [value]);
        else if (!known.includes(value)) known.push(value);
      }
    };
    const { inputs_at, inputs } = this.graph.payload.nodes;
    const { node: producers } = this.graph.payload.values;
    const closed = this.closedHomes();
    for (let node = 0; node < this.graph.nodeCount; node++) {
      if (this.isStub[node]) continue;
      const from = inputs_at[node]!;
      for (let i = from; i < inputs_at[node + 1]!; i++) {
        const value = inputs[i]!;
        const producer = producers[value]!;
        // Most edges of a large graph stay inside one closed container.
        const stays = closed[node]! >= 0 && producer >= 0 && closed[producer] === closed[node];
        if (!stays) connect(value, this.arrives(node, i - from));
      }
    }
    for (let block = 1; block < this.blockContainer.length; block++)
      for (const value of this.graph.returns(block)) connect(value, this.blockEnd(block));
    this.graph.returns(0).forEach((value, i) => connect(value, `o${i}`));
    const shown = this.nameShared(values, targets);
    return [...shown, ...this.order(shown), ...this.orderMutations()];
  }

  /** Turns edges of widely shared values into words beside all but their first consumer. */
  private nameShared(
    values: Map<string, number[]>,
    targets: ReadonlyMap<number, ReadonlySet<string>>,
  ): VisibleEdge[] {
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
        const stub = { node: this.graph.producer(value), text: this.graph.valueName(value) };
        named.set(to, [...(named.get(to) ?? []), stub]);
        return false;
      });
      if (kept.length > 0) edges.push({ from, to, values: kept, hidden: false });
    }
    this.boxes.forEach((box, i) => {
      const more = named.get(box.id);
      if (more) this.boxes[i] = { ...box, stubs: [...box.stubs, ...more] };
    });
    return edges;
  }

  /** Hidden edges that keep the header of an If or Loop above what its blocks begin with. */
  private order(edges: readonly VisibleEdge[]): VisibleEdge[] {
    const parents = new Map(this.boxes.map((box) => [box.id, box.parent]));
    const hidden: VisibleEdge[] = [];
    for (const box of this.boxes) {
      if (box.kind !== "header") continue;
      const inside = (id: string) => this.graph.isInside(parents.get(id) ?? 0, box.index);
      const fed = new Set(edges.filter((e) => inside(e.from) && inside(e.to)).map((e) => e.to));
      for (const { id } of this.boxes)
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
    const { graph } = this;
    const hidden = new Map<string, VisibleEdge>();
    for (let node = 0; node < graph.nodeCount; node++) {
      if (graph.role(node) !== Role.plumbing || this.isStub[node]) continue;
      for (const value of graph.outputs(node)) {
        const [filled] = mutatorsOf(graph, value);
        if (filled === undefined) continue;
        for (const user of graph.users(value)) {
          const [from, to] = [this.nodeBox(filled), this.nodeBox(user)];
          if (user <= filled || from === to || !this.boxIds.has(from) || !this.boxIds.has(to))
            continue;
          hidden.set(`${from}>${to}`, { from, to, values: [], hidden: true });
        }
      }
    }
    return [...hidden.values()];
  }
}

const firstNodesOf = new WeakMap<GraphModel, Int32Array>();
