import { describe, expect, it } from "vitest";
import { reduce } from "../src/actions";
import { INITIAL, type State } from "../src/state";
import {
  DocumentModel,
  Passes,
  alignTexts,
  compareSnapshots,
  stepsTouchingLine,
  stepsTouchingNodes,
} from "../src/model";
import { BeforeStore } from "../src/before-store";
import { absenceOf, baseGraph, comparisonOf, currentStep, snapshotName } from "../src/stepping";
import { Store } from "../src/store";
import { readDocument } from "./fixtures";
import { ids, step, twoSnapshots } from "./recorded";

/** 4 and 5 become 8 in the second step, 6 is dead in it; 9 is a copy of 8, made in the fourth. */
const steps = [
  step("Idle", 0),
  step("Rewrite", 1, {
    gone: ids(4, 5, 6),
    cause: Uint8Array.of(0, 0, 4),
    heirs_at: ids(0, 1, 2, 2),
    heirs: ids(8, 8),
    made: ids(8),
    action: Uint8Array.of(3),
    exact: Uint8Array.of(1),
    sources_at: ids(0, 2),
    sources: ids(4, 5),
    added: 1,
    removed: 3,
  }),
  step("Idle", 1),
  step("Unroll", 2, {
    made: ids(9),
    action: Uint8Array.of(0),
    exact: Uint8Array.of(0),
    sources_at: ids(0, 1),
    sources: ids(8),
    added: 1,
  }),
];
const passes = new Passes({ pipeline: "runtime", records: steps, runs: [], parts: [] });

describe("passes", () => {
  it("know which steps changed something, and what is next", () => {
    expect(steps.map((_, at) => passes.isChanged(at))).toEqual([false, true, false, true]);
    expect(passes.nextChange(-1, 1)).toBe(1);
    expect(passes.nextChange(1, 1)).toBe(3);
    expect(passes.nextChange(3, 1)).toBe(3);
    expect(passes.nextChange(3, -1)).toBe(1);
    expect(passes.nextChange(1, -1)).toBe(-1);
    expect(passes.stepOf(2)).toBe(3);
  });

  it("follow a node forwards to what stands for it, and back to what it was made from", () => {
    expect(passes.follow([5], -1, 3).ids).toEqual([8]);
    expect(passes.follow([4, 5], -1, 3).ids).toEqual([8]);
    expect(passes.follow([9], 3, -1).ids).toEqual([4, 5]);
    expect(passes.follow([7], -1, 3)).toEqual({ ids: [7], loss: null });
    expect(passes.birth(8)).toEqual({ step: 1, action: "merged", exact: true, sources: [4, 5] });
    expect(passes.birth(5)).toBeNull();
  });

  it("say in which step a node was lost, and why", () => {
    const loss = { id: 6, step: 1, cause: "nothing used it any more", heirs: [] };
    expect(passes.follow([6], -1, 3)).toEqual({ ids: [], loss });
    expect(passes.follow([6, 5], -1, 3)).toEqual({ ids: [8], loss: null });
  });
});

describe("two snapshots", () => {
  const { document, lost, replaced, edited, last } = twoSnapshots();

  it("are compared by the identity of their nodes, in both directions", () => {
    const { left, right } = compareSnapshots(document, 0, last)!;
    expect(left).toEqual({ made: [], removed: [lost, replaced], edited: [edited], moved: [] });
    expect(right).toEqual({ made: [lost, replaced], removed: [], edited: [edited], moved: [] });
    expect(compareSnapshots(document, last, 0)!.left).toEqual(left);
  });

  it("have texts whose rows stand beside each other by node", () => {
    const [before, after] = [document.graphs[0]!, document.graphs[last]!];
    const { left, right } = alignTexts(before, after);
    expect(left).toHaveLength(right.length);
    const rows = (shown: Int32Array) => [...shown].filter((row) => row >= 0);
    expect(rows(left)).toEqual(Array.from({ length: before.text.count }, (_, row) => row));
    expect(rows(right)).toEqual(Array.from({ length: after.text.count }, (_, row) => row));
    const at = left.indexOf(before.payload.nodes.text_line[edited]!);
    expect(right[at]).toBe(after.payload.nodes.text_line[edited]);
  });
});

describe("steps that touched", () => {
  const { document, lost, replaced, edited, last } = twoSnapshots();
  const graph = document.graphs[0]!;
  const nodes = (at: number, ...which: number[]) =>
    stepsTouchingNodes(
      document,
      which.map((node) => document.graphs[at]!.id(node)),
      document.passes!.stepOf(at),
    );

  it("a node are those that made, changed or took away it, or what it comes from", () => {
    expect(nodes(0, lost)).toEqual([1]);
    expect(nodes(0, edited)).toEqual([1]);
    expect(nodes(0, replaced)).toEqual([1]);
    expect(nodes(last, replaced)).toEqual([1]);
    expect(nodes(0, edited + 1)).toEqual([]);
    expect(nodes(0, edited + 1, lost)).toEqual([1]);
  });

  it("a line are those that touched a node of it", () => {
    const lineOf = (node: number) => document.frame(graph.payload.nodes.model[node]!)!;
    const { file, line } = lineOf(edited);
    expect(stepsTouchingLine(document, file, line)).toEqual([1]);
    const touched = new Set([lost, replaced, edited].map((node) => lineOf(node).line));
    const other = Array.from({ length: graph.nodeCount }, (_, node) => node)
      .filter((node) => graph.payload.nodes.model[node]! >= 0)
      .map(lineOf)
      .find((frame) => !touched.has(frame.line) && frame.file === file)!;
    expect(stepsTouchingLine(document, file, other.line)).toEqual([]);
  });
});

describe("stepping", () => {
  const plain = readDocument("detector");
  const [graph] = plain.payload.graphs;
  const lost = plain.graphs[0]!.id(3);
  const snapshot = { ...graph!, kind: "snapshot", name: "after Cut" };
  const cut = step("Cut", plain.payload.graphs.length, {
    gone: ids(lost),
    cause: Uint8Array.of(4),
    heirs_at: ids(0, 0),
    removed: 1,
  });
  const withPasses = new DocumentModel({
    ...plain.payload,
    graphs: [...plain.payload.graphs, snapshot],
    passes: { pipeline: "runtime", records: [cut], runs: [], parts: [] },
  });
  const recorded = (document: DocumentModel): State =>
    reduce(reduce(INITIAL, { type: "loaded", document: plain }), { type: "reloaded", document });
  const start = (document = withPasses) =>
    reduce(recorded(document), { type: "showStep", step: -1 });

  it("shows the largest change first, once", () => {
    expect(currentStep(recorded(withPasses))).toBe(0);
    const closed = reduce(start(), { type: "drawer", drawer: null });
    expect(currentStep(reduce(closed, { type: "drawer", drawer: "passes" }))).toBe(-1);
  });

  it("keeps what is selected, and what is open", () => {
    const before = reduce(start(), { type: "select", selection: { kind: "node", node: 5 } });
    const after = reduce(before, { type: "nextStep", direction: 1 });
    expect(currentStep(after)).toBe(0);
    expect(after.place.selection).toEqual({ kind: "node", node: 5 });
    // and the scope of what is selected, so that it is in view
    expect([...after.open[after.place.graph]!]).toEqual(
      expect.arrayContaining([...before.open[0]!]),
    );
    expect(currentStep(reduce(after, { type: "nextStep", direction: -1 }))).toBe(-1);
    expect(reduce(after, { type: "back" }).place).toEqual(before.place);
  });

  const split = () => {
    const on = reduce(start(), { type: "compare", compare: "graphs" });
    return new Store(reduce(on, { type: "showStep", step: 0 }));
  };

  it("keeps what is open in step on both sides", () => {
    const store = split();
    const beside = new BeforeStore(store);
    const container = 1;
    const [shown, other] = [store.value.place.graph, beside.value.place.graph];
    expect(other).toBe(0);
    const was = store.value.open[shown]!.has(container);
    beside.dispatch({ type: "toggle", container });
    expect(store.value.open[other]!.has(container)).toBe(!was);
    expect(store.value.open[shown]!.has(container)).toBe(!was);
    store.dispatch({ type: "toggle", container });
    expect(beside.value.open[other]!.has(container)).toBe(was);
    beside.dispose();
  });

  it("marks on the other side what is selected or hovered on one", () => {
    const store = split();
    const beside = new BeforeStore(store);
    beside.dispatch({ type: "select", selection: { kind: "node", node: 5 } });
    expect(store.value.place.selection).toEqual({ kind: "node", node: 5 });
    store.dispatch({ type: "select", selection: { kind: "node", node: 7 } });
    expect(beside.value.place.selection).toEqual({ kind: "node", node: 7 });
    store.hover.set({ kind: "nodes", nodes: [9], from: "graph" });
    expect(beside.hover.value).toMatchObject({ kind: "nodes", nodes: [9] });
    beside.hover.set(null);
    expect(store.hover.value).toBeNull();
    const before = beside.value.place;
    store.dispatch({ type: "notice", text: "not of the places" });
    expect(beside.value.place).toBe(before);
    beside.dispatch({ type: "nextStep", direction: -1 });
    expect(currentStep(store.value)).toBe(-1);
    expect(beside.value.place.graph).toBe(-1);
    beside.dispose();
  });

  it("opens the scope of what is shown in another snapshot, where it was closed", () => {
    const graph = withPasses.graphs.at(-1)!;
    const node = Array.from({ length: graph.nodeCount }, (_, i) => i).findLast(
      (other) => graph.home(other) > 0,
    )!;
    let state = reduce(start(), { type: "depth", depth: 1 });
    state = reduce(state, { type: "select", selection: { kind: "node", node } });
    expect(state.open[0]!.has(graph.home(node))).toBe(false);
    state = reduce(state, { type: "showStep", step: 0 });
    expect(state.open[state.place.graph]!.has(graph.home(node))).toBe(true);
  });

  it("compares what is shown with pin A, and goes to pin B", () => {
    let state = reduce(start(), { type: "pin", pin: "b", step: 0 });
    expect(baseGraph(state)).toBe(-1);
    expect(state.compare).toBe("off");
    state = reduce(state, { type: "pin", pin: "a", step: -1 });
    expect(state.compare).toBe("graphs");
    expect(currentStep(state)).toBe(0);
    expect(baseGraph(state)).toBe(0);
    expect(snapshotName(state, 0)).toBe("A · as captured");
    state = reduce(state, { type: "showStep", step: -1 });
    expect(baseGraph(state)).toBe(0);
    expect(comparisonOf(state)!.right.made).toEqual([]);
    expect(reduce(state, { type: "pin", pin: "a", step: -1 }).pins.a).toBeNull();
  });

  it("says what became of a node that is gone", () => {
    const gone = { ...withPasses.payload.passes!.records[0]! };
    expect(gone.name).toBe("Cut");
    const hidden = new DocumentModel({
      ...withPasses.payload,
      graphs: withPasses.payload.graphs.map((one) =>
        one.kind === "snapshot"
          ? {
              ...one,
              nodes: { ...one.nodes, id: one.nodes.id.map((id) => (id === lost ? -2 : id)) },
            }
          : one,
      ),
    });
    let state = reduce(start(hidden), { type: "select", selection: { kind: "node", node: 3 } });
    state = reduce(state, { type: "showStep", step: 0 });
    expect(state.place.selection).toBeNull();
    expect(absenceOf(state)).toMatchObject({ step: 0, cause: "nothing used it any more" });
    state = reduce(state, { type: "showStep", step: -1 });
    expect(state.place.selection).toEqual({ kind: "node", node: 3 });
  });
});
