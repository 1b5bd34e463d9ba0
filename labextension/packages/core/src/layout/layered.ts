/**
 * A simple layered layout without any engine: for graphs that Graphviz does not finish in time and
 * for pages where no worker may start. Each container is laid out by itself, ranks by longest path,
 * and then stands as one box in the container around it: linear time, and never wrong, only plain.
 */

import { ROOT, type LayoutInput, type LayoutResult, type Rect } from "./types";

const GAP_X = 24;
const GAP_Y = 34;
const PADDING = 14;
const WIDEST_ROW = 4000;

interface Unit {
  readonly id: string;
  readonly isCluster: boolean;
  width: number;
  height: number;
  /** Room at the left that belongs to stubs. */
  margin: number;
  x: number;
  y: number;
}

export function layered(input: LayoutInput): LayoutResult {
  const units = new Map<string, Unit>();
  const members = new Map<string, Unit[]>([[ROOT, []]]);
  const parents = new Map<string, string>();
  const add = (unit: Unit, parent: string) => {
    units.set(unit.id, unit);
    parents.set(unit.id, parent);
    members.get(parent)!.push(unit);
  };
  for (const { id, parent, width, height } of input.clusters) {
    members.set(id, []);
    add({ id, isCluster: true, width, height, margin: 0, x: 0, y: 0 }, parent);
  }
  for (const { id, parent, width, height, margin } of input.boxes)
    add({ id, isCluster: false, width: width + margin, height, margin, x: 0, y: 0 }, parent);
  const edges = liftEdges(input, parents);

  const arrange = (parent: string, title: { width: number; height: number }) => {
    const list = members.get(parent)!;
    for (const unit of list) if (unit.isCluster) Object.assign(unit, arrange(unit.id, unit));
    return place(list, edges.get(parent) ?? [], title);
  };
  const size = arrange(ROOT, { width: 0, height: 0 });
  return result(input, units, members, size);
}

/** Each edge as an edge between two members of the innermost container that holds both ends. */
function liftEdges(
  input: LayoutInput,
  parents: ReadonlyMap<string, string>,
): Map<string, [string, string][]> {
  const lifted = new Map<string, [string, string][]>();
  const path = (id: string) => {
    const steps = [id];
    for (let at = parents.get(id) ?? ROOT; at !== ROOT; at = parents.get(at) ?? ROOT)
      steps.push(at);
    return steps.reverse();
  };
  for (const { from, to } of input.edges) {
    const [a, b] = [path(from), path(to)];
    let i = 0;
    while (i < a.length && i < b.length && a[i] === b[i]) i++;
    const [left, right] = [a[i], b[i]];
    if (left === undefined || right === undefined) continue;
    const home = parents.get(left) ?? ROOT;
    const known = lifted.get(home);
    if (known) known.push([left, right]);
    else lifted.set(home, [[left, right]]);
  }
  return lifted;
}

function place(
  units: readonly Unit[],
  edges: readonly (readonly [string, string])[],
  title: { width: number; height: number },
): { width: number; height: number } {
  const rows = splitRows(rank(units, edges));
  const inset = title.height > 0 ? PADDING : 0;
  const widths = rows.map((row) => row.reduce((sum, unit) => sum + unit.width + GAP_X, -GAP_X));
  const width = Math.max(...widths, title.width, 1);
  let y = inset + title.height;
  rows.forEach((row, i) => {
    const height = Math.max(...row.map((unit) => unit.height));
    let x = inset + (width - widths[i]!) / 2;
    for (const unit of row) {
      unit.x = x;
      unit.y = y + (height - unit.height) / 2;
      x += unit.width + GAP_X;
    }
    y += height + GAP_Y;
  });
  return { width: width + 2 * inset, height: Math.max(y - GAP_Y + inset, title.height + inset) };
}

/** Rows by longest path; edges that would close a circle (none in a graph in text order) are left out. */
function rank(units: readonly Unit[], edges: readonly (readonly [string, string])[]): Unit[][] {
  const order = new Map(units.map((unit, i) => [unit.id, i]));
  const into = units.map((): number[] => []);
  const waiting = new Int32Array(units.length);
  for (const [from, to] of edges) {
    into[order.get(from)!]!.push(order.get(to)!);
    waiting[order.get(to)!]! += 1;
  }
  const ranks = new Int32Array(units.length);
  const ready = units.map((_, i) => i).filter((i) => waiting[i] === 0);
  for (let next = 0; next < ready.length; next++) {
    const i = ready[next]!;
    for (const target of into[i]!) {
      ranks[target] = Math.max(ranks[target]!, ranks[i]! + 1);
      if (--waiting[target]! === 0) ready.push(target);
    }
  }
  const rows: Unit[][] = [];
  units.forEach((unit, i) => (rows[ranks[i]!] ??= []).push(unit));
  return rows.filter((row) => row.length > 0);
}

function splitRows(rows: readonly Unit[][]): Unit[][] {
  return rows.flatMap((row) => {
    const parts: Unit[][] = [[]];
    let width = 0;
    for (const unit of row) {
      if (width > 0 && width + unit.width > WIDEST_ROW) {
        parts.push([]);
        width = 0;
      }
      parts.at(-1)!.push(unit);
      width += unit.width + GAP_X;
    }
    return parts;
  });
}

function result(
  input: LayoutInput,
  units: ReadonlyMap<string, Unit>,
  members: ReadonlyMap<string, readonly Unit[]>,
  size: { width: number; height: number },
): LayoutResult {
  const boxes: Record<string, Rect> = {};
  const clusters: Record<string, Rect> = {};
  const settle = (parent: string, x: number, y: number) => {
    for (const unit of members.get(parent)!) {
      const rect = {
        x: x + unit.x + unit.margin,
        y: y + unit.y,
        width: unit.width - unit.margin,
        height: unit.height,
      };
      if (unit.isCluster) {
        clusters[unit.id] = rect;
        settle(unit.id, rect.x, rect.y);
      } else boxes[unit.id] = rect;
    }
  };
  settle(ROOT, 0, 0);
  const edges = input.edges.map(({ from, to, hidden }) => {
    const [a, b] = [boxes[from], boxes[to]];
    return hidden || !a || !b || !units.has(from) ? [] : curve(a, b);
  });
  return { ...size, boxes, clusters, edges };
}

function curve(a: Rect, b: Rect): number[] {
  const [x0, y0] = [a.x + a.width / 2, a.y + a.height];
  const [x1, y1] = [b.x + b.width / 2, b.y];
  const bend = Math.max(Math.abs(y1 - y0) / 2, 12);
  return [x0, y0, x0, y0 + bend, x1, y1 - bend, x1, y1];
}
