/** Recorded pipelines for tests: steps by hand, over the graph of a fixture. */

import { DocumentModel } from "../src/model";
import type { PassPayload, RunPayload } from "../src/protocol.generated";
import { readDocument } from "./fixtures";

export const ids = (...numbers: number[]) => Int32Array.from(numbers);

export function step(name: string, graph: number, more: Partial<PassPayload> = {}): PassPayload {
  return {
    name,
    stage: "a stage",
    run: 1,
    graph,
    added: 0,
    removed: 0,
    changed: 0,
    moved: 0,
    summary: "",
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
      action: Uint8Array.of(1),
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
  const passes = { pipeline: "own", inside: 0, records, runs };
  const document = new DocumentModel({ ...plain.payload, graphs, passes });
  return { document, lost, replaced, edited, last };
}
