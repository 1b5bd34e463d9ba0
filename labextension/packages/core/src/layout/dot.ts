/** Layout input → DOT, and Graphviz' `json0` → places. One pixel is one point. */

import { ROOT, type LayoutBox, type LayoutInput, type LayoutResult, type Rect } from "./types";

const PER_INCH = 72;

export function toDot(input: LayoutInput): string {
  const lines = [
    "digraph{compound=true;newrank=false;nodesep=0.3;ranksep=0.42;margin=0;pad=0",
    'graph[labeljust=l;margin=12];node[shape=box;fixedsize=true;label=""];edge[arrowhead=none]',
  ];
  const boxes = groupBy(input.boxes, (box) => box.parent);
  const clusters = groupBy(input.clusters, (cluster) => cluster.parent);
  const write = (parent: string) => {
    for (const box of boxes.get(parent) ?? []) lines.push(boxLine(box));
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

function boxLine({ id, width, height, margin }: LayoutBox): string {
  if (margin === 0) return `${id}[width=${inches(width)};height=${inches(height)}]`;
  const cells = `${td(margin, height)}${td(width, height, ' port="b"')}`;
  return `${id}[shape=plain;fixedsize=false;label=<${table(cells)}>]`;
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

export function fromJson0(text: string, input: LayoutInput): LayoutResult {
  const json = JSON.parse(text) as Json0;
  const [, , right = 0, top = 0] = numbers(json.bb);
  const margins = new Map(input.boxes.map((box) => [box.id, box.margin]));
  const boxes: Record<string, Rect> = {};
  const clusters: Record<string, Rect> = {};
  for (const object of json.objects ?? []) {
    if (object.bb !== undefined) {
      const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = numbers(object.bb);
      const rect = { x: x0, y: top - y1, width: x1 - x0, height: y1 - y0 };
      clusters[object.name.replace(/^cluster_/, "")] = rect;
    } else if (object.pos !== undefined) {
      boxes[object.name] = boxRect(object, top, margins.get(object.name) ?? 0);
    }
  }
  const edges: number[][] = input.edges.map(() => []);
  for (const edge of json.edges ?? [])
    if (edge.pos !== undefined && edge.style !== "invis")
      edges[Number(edge.id)] = spline(edge.pos, top);
  return { width: right, height: top, boxes, clusters, edges };
}

function boxRect(object: Json0Object, top: number, margin: number): Rect {
  const [x = 0, y = 0] = numbers(object.pos ?? "");
  const width = Number(object.width) * PER_INCH;
  const height = Number(object.height) * PER_INCH;
  const left = x - width / 2 + margin;
  return { x: left, y: top - y - height / 2, width: width - margin, height };
}

function spline(pos: string, top: number): number[] {
  const points = pos.split(" ").filter((part) => !/^[es],/.test(part));
  return points.flatMap((point) => {
    const [x = 0, y = 0] = numbers(point);
    return [x, top - y];
  });
}

const numbers = (text: string) => text.split(",").map(Number);
