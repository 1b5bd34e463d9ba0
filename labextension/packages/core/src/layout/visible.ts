/**
 * The folded graph: which boxes, clusters and edges stand for a graph while some containers are
 * open. Knows nothing of sizes, places or looks.
 *
 * Every value has a place where it leaves and places where it arrives. Inside a closed container
 * both are the container's box. An open If or Loop has a header box that takes its condition; its
 * blocks have a box for each param that is used and one for what they return, so that a value can
 * be followed into a branch and out again.
 */

import { Kind, type GraphModel } from "../model";
import { edgesOf, type Standing } from "./edges";
import { findStubs, stubText, stubsOf, type Stub } from "./stubs";

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

export function visibleGraph(graph: GraphModel, open: ReadonlySet<number>): VisibleGraph {
  return new Builder(graph, open).build();
}

const knownStubs = new WeakMap<GraphModel, Uint8Array>();

function stubsOfGraph(graph: GraphModel): Uint8Array {
  let stubs = knownStubs.get(graph);
  if (!stubs) knownStubs.set(graph, (stubs = findStubs(graph)));
  return stubs;
}

class Builder implements Standing {
  readonly isStub: Uint8Array;
  /** For each container: itself if all above are open, else the outermost closed one above. */
  private readonly shownAs: Int32Array;
  private readonly isOpen: Uint8Array;
  private readonly drawn: Int32Array;
  readonly boxes: VisibleBox[] = [];
  readonly boxIds = new Set<string>();
  private readonly clusters: number[] = [];
  readonly blockContainer: Int32Array;

  constructor(
    readonly graph: GraphModel,
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
    const { edges, named } = edgesOf(this);
    return {
      boxes: this.boxes.map((box) => withStubs(box, named.get(box.id))),
      clusters: this.clusters,
      edges,
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

  nodeBox(node: number): string {
    if (this.isStub[node]) return "";
    const container = this.graph.containerOf(node);
    if (container >= 0) return `c${this.shownAs[container]!}`;
    const home = Math.max(this.graph.home(node), 0);
    return this.isOpen[home] ? `n${node}` : `c${this.shownAs[home]!}`;
  }

  /** Boxes a value leaves from. */
  leaves(value: number): string[] {
    const node = this.graph.producer(value);
    if (node < 0) return this.paramBox(value);
    if (this.isStub[node]) return [];
    const container = this.graph.containerOf(node);
    if (container < 0 || !this.isOpen[container]) return [this.nodeBox(node)];
    const blocks = this.graph.blocksOf(node).map((block) => this.blockEnd(block));
    return blocks.filter((id) => this.boxIds.has(id));
  }

  blockEnd(block: number): string {
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
  arrives(node: number, i: number): string {
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
  closedHomes(): Int32Array {
    const { graph } = this;
    return Int32Array.from({ length: graph.nodeCount }, (_, node) => {
      const home = Math.max(graph.home(node), 0);
      return this.isOpen[home] ? -1 : this.shownAs[home]!;
    });
  }
}

const firstNodesOf = new WeakMap<GraphModel, Int32Array>();

function withStubs(box: VisibleBox, more: readonly Stub[] = []): VisibleBox {
  return more.length === 0 ? box : { ...box, stubs: [...box.stubs, ...more] };
}
