/** Layout input → DOT, and Graphviz' `json0` → places. One pixel is one point. */

import { ROOT, type LayoutBox, type LayoutInput, type LayoutResult, type Rect } from "./types";

const PER_INCH = 72;

/**
 * Lays out with what runs DOT.
 *
 * Graphviz has no word for "left of" between clusters. Where it puts most branches on the wrong
 * side, the graph is laid out to be looked at in a mirror.
 */
export function layoutBy(engine: (dot: string) => string, input: LayoutInput): LayoutResult {
  const run = (mirrored: boolean) => fromJson0(engine(toDot(input, mirrored)), input, mirrored);
  const plain = run(false);
  const wrong = wrongSides(input, plain);
  if (wrong <= input.sides.length / 2) return plain;
  const image = run(true);
  return wrongSides(input, image) < wrong ? image : plain;
}

function wrongSides({ sides }: LayoutInput, { boxes, clusters }: LayoutResult): number {
  const x = (id: string) => (clusters[id] ?? boxes[id])?.x ?? 0;
  return sides.filter(([left, right]) => x(left) > x(right)).length;
}

/** @param mirrored room for stubs is right of the boxes instead of left */
export function toDot(input: LayoutInput, mirrored = false): string {
  const lines = [
    "digraph{compound=true;newrank=false;nodesep=0.3;ranksep=0.42;margin=0;pad=0",
    'graph[labeljust=l;margin=12];node[shape=box;fixedsize=true;label=""];edge[arrowhead=none]',
  ];
  const boxes = groupBy(input.boxes, (box) => box.parent);
  const clusters = groupBy(input.clusters, (cluster) => cluster.parent);
  const write = (parent: string) => {
    for (const box of boxes.get(parent) ?? []) lines.push(boxLine(box, mirrored));
    for (const cluster of clusters.get(parent) ?? []) {
      lines.push(`subgraph cluster_${cluster.id}{label=<${cell(cluster.width, cluster.height)}>`);
      write(cluster.id);
      lines.push("}");
    }
  };
  write(ROOT);
  const margins = new Map(input.boxes.map((box) => [box.id, box.margin]));
  const port = (id: string) => (margins.get(id) ? `${id}:b` : id);
  input.edges.forEach((edge, i) => {
    const style = edge.hidden ? "style=invis;" : "";
    lines.push(`${port(edge.from)}->${port(edge.to)}[${style}id=${i}]`);
  });
  lines.push("}");
  return lines.join("\n");
}

function boxLine({ id, width, height, margin }: LayoutBox, mirrored: boolean): string {
  if (margin === 0) return `${id}[width=${inches(width)};height=${inches(height)}]`;
  const cells = [td(margin, height), td(width, height, ' port="b"')];
  if (mirrored) cells.reverse();
  return `${id}[shape=plain;fixedsize=false;label=<${table(cells.join(""))}>]`;
}

const inches = (pixels: number) => (pixels / PER_INCH).toFixed(4);
const td = (width: number, height: number, more = "") =>
  `<td fixedsize="true" width="${Math.round(width)}" height="${Math.round(height)}"${more}></td>`;
const table = (cells: string) =>
  `<table border="0" cellborder="0" cellspacing="0" cellpadding="0"><tr>${cells}</tr></table>`;
const cell = (width: number, height: number) => table(td(width, height));

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

interface Json0 {
  readonly bb: string;
  readonly objects?: readonly Json0Object[];
  readonly edges?: readonly {
    readonly id: string;
    readonly pos?: string;
    readonly style?: string;
  }[];
}

interface Json0Object {
  readonly name: string;
  readonly bb?: string;
  readonly pos?: string;
  readonly width?: string;
  readonly height?: string;
}

/** @param mirrored whether the places are those of the mirror image */
export function fromJson0(text: string, input: LayoutInput, mirrored = false): LayoutResult {
  const json = JSON.parse(text) as Json0;
  const [, , right = 0, top = 0] = numbers(json.bb);
  const page: Page = { width: right, height: top, mirrored };
  const margins = new Map(input.boxes.map((box) => [box.id, box.margin]));
  const boxes: Record<string, Rect> = {};
  const clusters: Record<string, Rect> = {};
  for (const object of json.objects ?? []) {
    if (object.bb !== undefined) {
      const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = numbers(object.bb);
      clusters[object.name.replace(/^cluster_/, "")] = placed(page, x0, y1, x1 - x0, y1 - y0);
    } else if (object.pos !== undefined) {
      boxes[object.name] = boxRect(page, object, margins.get(object.name) ?? 0);
    }
  }
  const edges: number[][] = input.edges.map(() => []);
  for (const edge of json.edges ?? [])
    if (edge.pos !== undefined && edge.style !== "invis")
      edges[Number(edge.id)] = spline(page, edge.pos);
  return { width: right, height: top, boxes, clusters, edges };
}

/** Graphviz counts y upwards, and its picture may be the mirror image of ours. */
interface Page {
  readonly width: number;
  readonly height: number;
  readonly mirrored: boolean;
}

function placed(page: Page, left: number, top: number, width: number, height: number): Rect {
  const x = page.mirrored ? page.width - left - width : left;
  return { x, y: page.height - top, width, height };
}

function boxRect(page: Page, object: Json0Object, margin: number): Rect {
  const [x = 0, y = 0] = numbers(object.pos ?? "");
  const width = Number(object.width) * PER_INCH;
  const height = Number(object.height) * PER_INCH;
  const room = placed(page, x - width / 2, y + height / 2, width, height);
  return { ...room, x: room.x + margin, width: width - margin };
}

function spline(page: Page, pos: string): number[] {
  const points = pos.split(" ").filter((part) => !/^[es],/.test(part));
  return points.flatMap((point) => {
    const [x = 0, y = 0] = numbers(point);
    return [page.mirrored ? page.width - x : x, page.height - y];
  });
}

const numbers = (text: string) => text.split(",").map(Number);
