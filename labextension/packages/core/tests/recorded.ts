/** Recorded pipelines for tests: steps by hand, over the graph of a fixture. */

import { DocumentModel } from "../src/model";
import type { PartPayload, PassPayload, RunPayload } from "../src/protocol.generated";
import { readDocument } from "./fixtures";

export const ids = (...numbers: number[]) => Int32Array.from(numbers);

export function step(name: string, graph: number, more: Partial<PassPayload> = {}): PassPayload {
  return {
    name,
    stage: "a stage",
    run: 1,
    part: 0,
    graph,
    added: 0,
    removed: 0,
    changed: 0,
    moved: 0,
    summary: "",
    lesson: "",
    words: [],
    seconds: null,
    is_checked: false,
    failure: "",
    gone: ids(),
    cause: new Uint8Array(0),
    heirs_at: ids(0),
    heirs: ids(),
    made: ids(),
    action: new Uint8Array(0),
    exact: new Uint8Array(0),
    sources_at: ids(0),
    sources: ids(),
    ...more,
  };
}

export function run(number: number, more: Partial<RunPayload> = {}): RunPayload {
  return { number, seconds: 0.5, steps: 1, parts: 0, bailouts: 0, plan: -1, ...more };
}

/** The graph of a fixture, and one without a node, with another in place of a second, a third edited. */
export function twoSnapshots() {
  const plain = readDocument("detector");
  const [graph] = plain.payload.graphs;
  const [lost, replaced, edited] = [3, 8, 12];
  const number = (node: number) => graph!.nodes.id[node]!;
  const id = graph!.nodes.id.map((own, node) =>
    node === lost ? 900 : node === replaced ? 901 : own,
  );
  const change = graph!.nodes.change.map((_, node) =>
    node === edited ? 2 : node === lost || node === replaced ? 1 : 0,
  );
  const after = { ...graph!, kind: "snapshot", nodes: { ...graph!.nodes, id, change } };
  const graphs = [...plain.payload.graphs, after];
  const last = graphs.length - 1;
  const records = [
    step("Idle", 0, { summary: "Does nothing." }),
    step("Change", last, {
      run: 2,
      added: 2,
      removed: 2,
      changed: 1,
      words: ["`a` became `b`"],
      gone: ids(number(lost), number(replaced)),
      cause: Uint8Array.of(4, 0),
      heirs_at: ids(0, 0, 1),
      heirs: ids(901),
      made: ids(901),
      action: Uint8Array.of(2),
      exact: Uint8Array.of(1),
      sources_at: ids(0, 1),
      sources: ids(number(replaced)),
    }),
    step("Break", last, { run: 2, failure: "RuntimeError: no", is_checked: true, seconds: 0.0012 }),
  ];
  const runs = [
    run(1, { steps: 1 }),
    run(2, { seconds: 0.25, steps: 2, parts: 4, bailouts: 1, plan: 1 }),
    run(3, { seconds: 0.02, steps: 0, plan: 1 }),
  ];
  const passes = { pipeline: "own", records, runs, parts: [] };
  const document = new DocumentModel({ ...plain.payload, graphs, passes });
  return { document, lost, replaced, edited, last };
}

/**
 * The two snapshots, and parts of them: 1 is a group taken out after the change, in which a node
 * becomes another; 2 is its backward graph, whose only origin is that other node; 3 was taken from
 * 1 and has no graphs here.
 */
export function withParts() {
  const { document, lost, replaced, edited, last } = twoSnapshots();
  const after = document.payload.graphs[last]!;
  const own = (node: number) => after.nodes.id[node]!;
  const renamed = (...names: readonly (readonly [node: number, id: number])[]) => {
    const id = after.nodes.id.slice();
    for (const [node, to] of names) id[node] = to;
    return { ...after, nodes: { ...after.nodes, id, change: after.nodes.change.map(() => 0) } };
  };
  const heir = [edited, 910] as const;
  const backward = renamed(
    ...Array.from(after.nodes.id, (_, node) => [node, 1000 + node] as const),
  );
  const made = (id: number, action: number, ...sources: number[]) => ({
    made: ids(id),
    action: Uint8Array.of(action),
    exact: Uint8Array.of(1),
    sources_at: ids(0, sources.length),
    sources: ids(...sources),
  });
  const gone = (id: number, ...heirs: number[]) => ({
    gone: ids(id),
    cause: Uint8Array.of(heirs.length > 0 ? 0 : 4),
    heirs_at: ids(0, heirs.length),
    heirs: ids(...heirs),
  });
  const changed = { run: 2, added: 1, removed: 1 };
  const records = [
    ...document.passes!.steps.slice(0, 2),
    step("Copy", last + 1, { run: 2, part: 1 }),
    step("Fuse", last + 2, {
      ...changed,
      part: 1,
      ...gone(own(edited), 910),
      ...made(910, 2, own(edited)),
    }),
    step("Break", last, { run: 2, failure: "RuntimeError: no", is_checked: true, seconds: 0.0012 }),
    step("Cut", -1, { run: 3, removed: 1, part: 3, ...gone(910) }),
    step("Later", last + 2, { run: 3, part: 1 }),
    step("differentiate", last + 3, { run: 3, added: 9, part: 2, ...made(1005, 5, own(edited)) }),
  ];
  const part = { kind: "prim::DifferentiableGraph", parent: 1, within: 0, travels: true };
  const parts: PartPayload[] = [
    { ...part, number: 1, graph: last + 1 },
    { ...part, number: 2, kind: "backward", graph: -1 },
    { ...part, number: 3, kind: "prim::FallbackGraph", within: 1, graph: -1, travels: false },
  ];
  const graphs = [...document.payload.graphs, renamed(), renamed(heir), backward];
  const passes = { ...document.payload.passes!, records, parts };
  return {
    document: new DocumentModel({ ...document.payload, graphs, passes }),
    ...{ lost, replaced, edited, last, own },
  };
}
