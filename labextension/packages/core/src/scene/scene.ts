/**
 * The picture as data: boxes, clusters and edges with places and words, but no colours.
 *
 * Both painters draw it, and hit test, keyboard, culling, map and exports work on it, so that they
 * agree by construction.
 */

import type { LayoutInput, LayoutResult, Rect } from "../layout/types";
import { ROOT } from "../layout/types";
import type { VisibleBox, VisibleGraph } from "../layout/visible";
import { Kind, levelOf, type GraphModel, type Heat } from "../model";
import { counted, strings } from "../strings";
import { heatWords, shorten, shortShape } from "./words";
import type { Measure } from "./measure";

export interface SceneStub {
  readonly node: number;
  readonly text: string;
  /** Distance of its middle from the top of the box. */
  readonly y: number;
}

export interface SceneBox extends Rect {
  readonly id: string;
  readonly kind: VisibleBox["kind"];
  readonly index: number;
  readonly title: string;
  readonly subtitle: string;
  /** Right-hand note, such as how many containers are alike. */
  readonly note: string;
  readonly stubs: readonly SceneStub[];
  readonly control: boolean;
  /** What it took, in words, where boxes are coloured by that; and how hot it is, from 1 to 7. */
  readonly heat: string;
  readonly level: number;
}

export interface SceneCluster extends Rect {
  readonly id: string;
  readonly container: number;
  readonly title: string;
  readonly note: string;
  readonly control: boolean;
  readonly block: boolean;
}

export interface SceneEdge {
  readonly from: string;
  readonly to: string;
  readonly values: readonly number[];
  readonly points: readonly number[];
  readonly label: string;
}

export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly SceneBox[];
  readonly clusters: readonly SceneCluster[];
  readonly edges: readonly SceneEdge[];
}

export const EMPTY_SCENE: Scene = { width: 0, height: 0, boxes: [], clusters: [], edges: [] };

export const CLUSTER_TITLE = 22;
export const STUB_ROW = 14;
export const HEAT_ROW = 14;
const MOST_STUBS = 3;
const MOST_TITLE = 34;

/** A box with its words and size, before it has a place. */
type Draft = Omit<SceneBox, "x" | "y"> & { readonly margin: number; readonly parent: string };

interface ClusterDraft {
  readonly id: string;
  readonly parent: string;
  readonly container: number;
  readonly title: string;
  readonly note: string;
  readonly control: boolean;
  readonly block: boolean;
  readonly width: number;
}

export interface Drafts {
  readonly boxes: readonly Draft[];
  readonly clusters: readonly ClusterDraft[];
  readonly edges: readonly (Omit<SceneEdge, "points"> & { readonly hidden: boolean })[];
  readonly sides: LayoutInput["sides"];
}

/** Gives everything visible its words and its size. */
export function draft(
  graph: GraphModel,
  visible: VisibleGraph,
  measure: Measure,
  heat: Heat | null = null,
): Drafts {
  const labelled = new Set<string>();
  const edges = visible.edges.map((edge) => {
    const key = `${edge.from}/${edge.values.join()}`;
    const label = edge.hidden || labelled.has(key) ? "" : edgeLabel(graph, edge.values);
    labelled.add(key);
    return { ...edge, label };
  });
  const labelWidths = new Map<string, number>();
  for (const { from, label } of edges)
    labelWidths.set(from, Math.max(labelWidths.get(from) ?? 0, measure(label, "small-mono")));
  return {
    boxes: visible.boxes.map((box) =>
      boxDraft(graph, box, measure, labelWidths.get(box.id) ?? 0, heat),
    ),
    clusters: visible.clusters.map((container) => clusterDraft(graph, container, measure, heat)),
    edges,
    sides: sidesOf(graph, visible),
  };
}

/** The two branches of each open If. */
function sidesOf(graph: GraphModel, { clusters }: VisibleGraph): LayoutInput["sides"] {
  return clusters.flatMap((container) => {
    if (graph.kind(container) !== Kind.control) return [];
    const blocks = graph.children(container).filter((c) => graph.kind(c) === Kind.block);
    const [left, right] = blocks.map((c) => `c${c}`);
    return left !== undefined && right !== undefined ? [[left, right] as const] : [];
  });
}

export function layoutInput(drafts: Drafts): LayoutInput {
  return {
    boxes: drafts.boxes.map(({ id, parent, width, height, margin }) => ({
      id,
      parent,
      width,
      height,
      margin,
    })),
    clusters: drafts.clusters.map(({ id, parent, width }) => ({
      id,
      parent,
      width,
      height: CLUSTER_TITLE,
    })),
    edges: drafts.edges.map(({ from, to, hidden }) => ({ from, to, hidden })),
    sides: drafts.sides,
  };
}

export function buildScene(drafts: Drafts, layout: LayoutResult): Scene {
  const nowhere: Rect = { x: 0, y: 0, width: 0, height: 0 };
  const boxes = drafts.boxes.map((draft) => {
    const room = layout.boxes[draft.id] ?? nowhere;
    // Stubs may ask for more height than the box; the box stands in the middle of it.
    const height = boxHeight(draft.kind, draft.heat);
    const box = { ...draft, x: room.x, y: room.y + (room.height - height) / 2, height };
    return { ...box, stubs: spread(box) };
  });
  const places = new Map(boxes.map((box) => [box.id, box]));
  return {
    width: layout.width,
    height: layout.height,
    boxes,
    clusters: drafts.clusters.map((cluster) => ({
      ...cluster,
      ...(layout.clusters[cluster.id] ?? nowhere),
    })),
    edges: drafts.edges.flatMap(({ hidden, ...edge }, i) => {
      const points = layout.edges[i] ?? [];
      const ends = [places.get(edge.from), places.get(edge.to)] as const;
      return hidden ? [] : [{ ...edge, points: reach(points, ...ends) }];
    }),
  };
}

/** Draws the ends of an edge up to the boxes where the layout ended it at the room of their stubs. */
function reach(
  points: readonly number[],
  from: Rect | undefined,
  to: Rect | undefined,
): readonly number[] {
  const n = points.length;
  const over = (rect: Rect, x: number) => x > rect.x && x < rect.x + rect.width;
  const startsBelow = from && over(from, points[0]!) && points[1]! > from.y + from.height;
  const endsAbove = to && over(to, points[n - 2]!) && points[n - 1]! < to.y;
  if (n === 0 || (!startsBelow && !endsAbove)) return points;
  const reached = [...points];
  if (startsBelow) reached[1] = from.y + from.height;
  if (endsAbove) reached[n - 1] = to.y;
  return reached;
}

function spread(box: SceneBox): SceneStub[] {
  const from = box.height / 2 - ((box.stubs.length - 1) * STUB_ROW) / 2;
  return box.stubs.map((stub, i) => ({ ...stub, y: from + i * STUB_ROW }));
}

function boxHeight(kind: SceneBox["kind"], heat: string): number {
  const plain = kind === "container" ? 46 : kind === "op" ? 32 : 26;
  return plain + (heat === "" ? 0 : HEAT_ROW);
}

const scopeId = (container: number) => (container <= 0 ? ROOT : `c${container}`);

function boxDraft(
  graph: GraphModel,
  box: VisibleBox,
  measure: Measure,
  labelWidth: number,
  heat: Heat | null,
): Draft {
  const { title, subtitle, note } = words(graph, box);
  const { text, level } = heatOfBox(heat, box);
  const shown = box.stubs.slice(0, MOST_STUBS);
  const more = box.stubs.length - shown.length;
  const stubs: SceneStub[] = shown.map(({ node, text }) => ({
    node,
    text: shorten(text, 22),
    y: 0,
  }));
  if (more > 0) stubs.push({ node: box.stubs[MOST_STUBS]!.node, text: `+${more} more`, y: 0 });
  const stubWidth = Math.max(0, ...stubs.map((stub) => measure(stub.text, "small")));
  const isPill = box.kind !== "op" && box.kind !== "container";
  const titleWidth = isPill
    ? measure(title, "mono") + 28
    : measure(title, box.kind === "container" ? "bold" : "body") + 28;
  const noteWidth = note === "" ? 0 : measure(note, "small") + 10;
  const chevron = box.kind === "container" ? 14 : 0;
  const width = Math.max(
    titleWidth + noteWidth + chevron,
    measure(subtitle, "small") + 28,
    measure(text, "small") + 28,
    // An edge label stands right of the middle of the box and should not reach into the next one.
    2 * (labelWidth - 16),
    isPill ? 48 : 84,
  );
  return {
    id: box.id,
    kind: box.kind,
    index: box.index,
    parent: scopeId(box.parent),
    title,
    subtitle,
    note,
    stubs,
    control: box.kind === "header" || (box.kind === "container" && isControl(graph, box.index)),
    width: Math.ceil(width),
    heat: text,
    level,
    height: Math.max(boxHeight(box.kind, text), stubs.length * STUB_ROW + 4),
    margin: stubs.length === 0 ? 0 : Math.ceil(stubWidth) + 22,
  };
}

/** What a box took; nothing of what has no time of its own. */
function heatOfBox(
  heat: Heat | null,
  { kind, index }: VisibleBox,
): { text: string; level: number } {
  const amounts = kind === "op" ? heat?.nodes : kind === "container" ? heat?.containers : undefined;
  const amount = amounts?.[index] ?? NaN;
  if (!heat || Number.isNaN(amount)) return { text: "", level: 0 };
  return { text: heatWords(heat, amount), level: levelOf(amount, heat.whole) };
}

function words(
  graph: GraphModel,
  box: VisibleBox,
): { title: string; subtitle: string; note: string } {
  const named = (value: number) => graph.valueName(value);
  switch (box.kind) {
    case "op":
      return { title: shorten(graph.shortOp(box.index), MOST_TITLE), subtitle: "", note: "" };
    case "container": {
      const alike = graph.alike(box.index).length;
      const detail = graph.detail(box.index);
      const size = counted(graph.size(box.index), strings.node);
      return {
        title: shorten(graph.label(box.index), MOST_TITLE),
        subtitle: detail === "" ? size : `${shorten(detail, 24)} · ${size}`,
        note: alike > 0 ? `×${alike + 1}` : "",
      };
    }
    case "header":
      return { title: headerWord(graph, box.index), subtitle: "", note: "" };
    case "param": {
      const shape = shortShape(graph.observed(box.index));
      const name = shorten(named(box.index), 22);
      return { title: shape === "" ? name : `${name}  ${shape}`, subtitle: "", note: "" };
    }
    case "output": {
      const shape = shortShape(graph.observed(box.index));
      return {
        title: shape === "" ? strings.output : `${strings.output}  ${shape}`,
        subtitle: "",
        note: "",
      };
    }
    case "return": {
      const names = graph.returns(box.index).map(named);
      const inLoop = graph.op(graph.payload.blocks.node[box.index]!) === "prim::Loop";
      const word = inLoop ? strings.nextRound : strings.blockResult;
      return {
        title: `${word} ${shorten((inLoop ? names.slice(1) : names).join(", "), 26)}`,
        subtitle: "",
        note: "",
      };
    }
  }
}

function headerWord(graph: GraphModel, container: number): string {
  const op = graph.op(graph.payload.containers.node[container]!);
  if (op === "prim::If") return strings.condition;
  return op === "prim::Loop"
    ? strings.rounds
    : graph.shortOp(graph.payload.containers.node[container]!);
}

function isControl(graph: GraphModel, container: number): boolean {
  return graph.kind(container) === Kind.control || graph.kind(container) === Kind.block;
}

function clusterDraft(
  graph: GraphModel,
  container: number,
  measure: Measure,
  heat: Heat | null,
): ClusterDraft {
  const kind = graph.kind(container);
  const title = shorten(graph.label(container), 48);
  const place = graph.document.place(graph.payload.containers.frame[container]!);
  const taken = heat?.containers[container] ?? NaN;
  const note = [
    ...(kind === Kind.block
      ? [counted(graph.size(container), strings.node)]
      : [shorten(graph.detail(container), 28), kind === Kind.control ? place : ""]),
    heat && !Number.isNaN(taken) ? heatWords(heat, taken) : "",
  ]
    .filter((part) => part !== "")
    .join(" · ");
  return {
    id: `c${container}`,
    parent: scopeId(graph.parent(container)),
    container,
    title,
    note,
    control: kind === Kind.control || kind === Kind.block,
    block: kind === Kind.block,
    width: Math.ceil(measure(title, "bold") + measure(note, "small") + 56),
  };
}

/** The shape of the value on an edge, else its type where that says more than `Tensor`. */
function edgeLabel(graph: GraphModel, values: readonly number[]): string {
  const [value] = values;
  if (value === undefined) return "";
  if (values.length > 1) return counted(values.length, strings.value);
  const shape = shortShape(graph.observed(value));
  if (shape !== "") return shorten(shape, 20);
  const type = graph.valueType(value);
  return type === "Tensor" ? "" : shorten(type.replace(/^__torch__\./, ""), 18);
}
