/** Search in a graph: ops, values, scopes, `file:line` and `/patterns/`. Pure. */

import type { Selection } from "./state";
import type { GraphModel } from "./model";

export interface Match {
  readonly kind: "op" | "value" | "scope" | "line";
  readonly title: string;
  readonly where: string;
  readonly selection: Selection;
}

export interface Matches {
  readonly matches: readonly Match[];
  /** How many there are; `matches` holds the first of them. */
  readonly total: number;
  /** Why the query cannot be understood, or "". */
  readonly error: string;
}

export const MOST_MATCHES = 200;
const NOTHING: Matches = { matches: [], total: 0, error: "" };

export function search(graph: GraphModel, query: string): Matches {
  const wanted = query.trim();
  if (wanted === "") return NOTHING;
  const line = /^(.+):(\d+)$/.exec(wanted);
  if (line) {
    const found = searchLine(graph, line[1]!, Number(line[2]));
    if (found.total > 0) return found;
  }
  const test = matcher(wanted);
  return typeof test === "string" ? { ...NOTHING, error: test } : searchNames(graph, test);
}

type Test = (text: string) => boolean;

function matcher(query: string): Test | string {
  const pattern = /^\/(.+)\/([a-z]*)$/.exec(query);
  if (!pattern) {
    const wanted = query.replace(/^%/, "").toLowerCase();
    return (text) => text.toLowerCase().includes(wanted);
  }
  try {
    const expression = new RegExp(pattern[1]!, pattern[2]!.replace(/[gy]/g, ""));
    return (text) => expression.test(text);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function searchLine(graph: GraphModel, name: string, line: number): Matches {
  const matches: Match[] = [];
  graph.document.payload.files.forEach((file, index) => {
    if (!file.title.includes(name) && !file.path.includes(name)) return;
    const nodes = graph.lines.nodes(index, line, true);
    const source = graph.document.source(index);
    if (line > source.count) return;
    const text = source.row(line - 1).trim();
    matches.push({
      kind: "line",
      title: `${file.title}:${line}`,
      where: text,
      selection: { kind: "line", file: index, line },
    });
    for (const node of nodes) matches.push(nodeMatch(graph, node));
  });
  return { matches: matches.slice(0, MOST_MATCHES), total: matches.length, error: "" };
}

function searchNames(graph: GraphModel, test: Test): Matches {
  const matches: Match[] = [];
  let total = 0;
  const add = (match: () => Match) => {
    total++;
    if (matches.length < MOST_MATCHES) matches.push(match());
  };
  for (let c = 1; c < graph.containerCount; c++)
    if (test(graph.label(c)) || test(graph.path(c)) || test(graph.detail(c)))
      add(() => ({
        kind: "scope",
        title: graph.path(c) || graph.label(c),
        where: graph.detail(c),
        selection: { kind: "container", container: c },
      }));
  // Ops are few and shared by many nodes: each name is tested once.
  const known = new Map<number, boolean>();
  for (let node = 0; node < graph.nodeCount; node++) {
    const op = graph.payload.nodes.op[node]!;
    let hit = known.get(op);
    if (hit === undefined) known.set(op, (hit = test(graph.op(node))));
    if (hit) add(() => nodeMatch(graph, node));
  }
  for (let value = 0; value < graph.valueCount; value++)
    if (test(graph.valueName(value)))
      add(() => ({
        kind: "value",
        title: `%${graph.valueName(value)}`,
        where: graph.observed(value) || graph.valueType(value),
        selection: { kind: "value", value },
      }));
  return { matches, total, error: "" };
}

function nodeMatch(graph: GraphModel, node: number): Match {
  const place = graph.document.place(graph.payload.nodes.model[node]!);
  const scope = graph.path(Math.max(graph.home(node), 0));
  return {
    kind: "op",
    title: graph.op(node),
    where: [scope, place].filter((part) => part !== "").join(" · "),
    selection: { kind: "node", node },
  };
}
