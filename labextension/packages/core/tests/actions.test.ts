import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { reduce, type Action } from "../src/actions";
import { INITIAL, currentGraph, type State } from "../src/state";
import { FEWEST, MOST } from "../src/layout/fold";
import { selectedNodes } from "../src/selectors";
import { besideGraph, counterparts, placeBeside } from "../src/stepping";
import { containerOf, nodeOf, readDocument } from "./fixtures";
import { twoSnapshots, withParts } from "./recorded";

const document = readDocument("detector");
const loaded = reduce(INITIAL, { type: "loaded", document });
const run = (state: State, ...actions: Action[]) => actions.reduce(reduce, state);

describe("reducers", () => {
  it("show the user's file and a view inside the budget after loading", () => {
    expect(loaded.status.kind).toBe("ready");
    expect(loaded.file).toBe(0);
    expect(loaded.open[0]!.has(0)).toBe(true);
  });

  it("select a node, go back and forward", () => {
    const [a, b] = [nodeOf(document, "aten::max"), nodeOf(document, "aten::linear")];
    const state = run(
      loaded,
      { type: "select", selection: { kind: "node", node: a } },
      { type: "select", selection: { kind: "node", node: b } },
      { type: "back" },
    );
    expect(state.place.selection).toEqual({ kind: "node", node: a });
    expect(reduce(state, { type: "forward" }).place.selection).toEqual({ kind: "node", node: b });
  });

  it("open what hides a revealed node", () => {
    const low = nodeOf(document, "aten::maximum");
    const closed = reduce(loaded, { type: "depth", depth: 1 });
    const state = reduce(closed, {
      type: "select",
      selection: { kind: "node", node: low },
      reveal: true,
    });
    for (const c of document.graphs[0]!.ancestry(document.graphs[0]!.home(low)))
      expect(state.open[0]!.has(c)).toBe(true);
  });

  it("ignore a selection that does not exist", () => {
    expect(reduce(loaded, { type: "select", selection: { kind: "node", node: 1e6 } })).toBe(loaded);
    expect(reduce(INITIAL, { type: "select", selection: { kind: "node", node: 0 } })).toBe(INITIAL);
  });

  it("toggle a container but never the whole graph", () => {
    const stem = containerOf(document, "stem");
    const open = loaded.open[0]!.has(stem);
    expect(reduce(loaded, { type: "toggle", container: stem }).open[0]!.has(stem)).toBe(!open);
    expect(reduce(loaded, { type: "toggle", container: 0 })).toBe(loaded);
  });

  it("lay what a run showed over the document", () => {
    const graph = document.graphs[0]!;
    const observed = new Int32Array(graph.valueCount).fill(1);
    const state = reduce(loaded, {
      type: "observed",
      strings: ["", "f16[2]"],
      observed,
      flops: new Float64Array(graph.nodeCount),
    });
    expect(currentGraph(state)!.observed(3)).toBe("f16[2]");
    expect(currentGraph(state)!.op(3)).toBe(graph.op(3));
  });
});

describe("any 200 actions", () => {
  const index = fc.integer({ min: -3, max: 400 });
  const action: fc.Arbitrary<Action> = fc.oneof(
    fc.record({
      type: fc.constant("select" as const),
      selection: fc.oneof(
        fc.constant(null),
        fc.record({ kind: fc.constant("node" as const), node: index }),
        fc.record({ kind: fc.constant("container" as const), container: index }),
        fc.record({ kind: fc.constant("value" as const), value: index }),
        fc.record({ kind: fc.constant("weight" as const), weight: index }),
        fc.record({ kind: fc.constant("line" as const), file: index, line: index }),
      ),
      reveal: fc.boolean(),
    }),
    fc.record({ type: fc.constantFrom("back" as const, "forward" as const) }),
    fc.record({ type: fc.constant("toggle" as const), container: index }),
    fc.record({ type: fc.constant("fold" as const), containers: fc.array(index) }),
    fc.record({
      type: fc.constant("depth" as const),
      depth: fc.constantFrom(1, 2, 5, "default" as const, "all" as const),
    }),
    fc.record({ type: fc.constantFrom("showGraph" as const), graph: index }),
    fc.record({ type: fc.constantFrom("showFile" as const), file: index }),
    fc.record({
      type: fc.constant("trace" as const),
      direction: fc.constantFrom("inputs" as const, "outputs" as const),
    }),
    fc.constant<Action>({ type: "loaded", document }),
  );

  it("leave the state consistent", () => {
    fc.assert(
      fc.property(fc.array(action, { minLength: 200, maxLength: 200 }), (actions) => {
        for (let state = loaded, i = 0; i < actions.length; i++) {
          state = reduce(state, actions[i]!);
          const graph = currentGraph(state)!;
          const { selection } = state.place;
          expect(state.open[state.place.graph]!.has(0)).toBe(true);
          for (const c of state.open[state.place.graph]!)
            expect(c).toBeLessThan(graph.containerCount);
          if (selection?.kind === "node") expect(selection.node).toBeLessThan(graph.nodeCount);
          expect(state.file).toBeGreaterThanOrEqual(0);
          expect(state.file).toBeLessThan(document.payload.files.length);
          expect(state.past.length).toBeLessThanOrEqual(200);
        }
      }),
      { numRuns: 30 },
    );
  });
});

const RECORDED = [
  ["passes", twoSnapshots().document],
  ["passes with parts", withParts().document],
  ["variants", readDocument("gate")],
] as const;

describe.each(RECORDED)("any 200 actions on recorded %s", (_, recorded) => {
  const index = fc.integer({ min: -2, max: 200 });
  const local: fc.Arbitrary<Action> = fc.oneof(
    fc.record({
      type: fc.constant("select" as const),
      selection: fc.oneof(
        fc.constant(null),
        fc.record({ kind: fc.constant("node" as const), node: index }),
        fc.record({ kind: fc.constant("container" as const), container: index }),
        fc.record({ kind: fc.constant("value" as const), value: index }),
      ),
      reveal: fc.boolean(),
    }),
    fc.record({ type: fc.constant("toggle" as const), container: index }),
    fc.record({ type: fc.constant("depth" as const), depth: fc.constantFrom(1, 3) }),
  );
  const step = fc.integer({ min: -5, max: 8 });
  const action: fc.Arbitrary<Action> = fc.oneof(
    local,
    fc.record({ type: fc.constant("before" as const), action: local }),
    fc.record({ type: fc.constantFrom("back" as const, "forward" as const) }),
    fc.record({ type: fc.constant("showGraph" as const), graph: index }),
    fc.record({ type: fc.constant("showStep" as const), step }),
    fc.record({
      type: fc.constantFrom("nextStep" as const, "nextTouch" as const),
      direction: fc.constantFrom(1 as const, -1 as const),
    }),
    fc.record({
      type: fc.constant("compare" as const),
      compare: fc.constantFrom("off" as const, "graphs" as const, "text" as const),
    }),
    fc.record({
      type: fc.constant("pin" as const),
      pin: fc.constantFrom("a" as const, "b" as const),
      step,
    }),
    fc.record({ type: fc.constant("beside" as const), variant: fc.integer({ min: -1, max: 2 }) }),
    fc.constant<Action>({ type: "swap" }),
    fc.record({
      type: fc.constant("nextDifference" as const),
      direction: fc.constantFrom(1 as const, -1 as const),
    }),
  );

  it("keep both sides in step", () => {
    fc.assert(
      fc.property(fc.array(action, { minLength: 200, maxLength: 200 }), (actions) => {
        let state = reduce(INITIAL, { type: "loaded", document: recorded });
        for (const one of actions) {
          state = reduce(state, one);
          const graph = currentGraph(state)!;
          const beside = recorded.graphs[besideGraph(state)];
          if (!beside) continue;
          const open = [state.open[state.place.graph]!, state.open[besideGraph(state)]!] as const;
          const apart = [...counterparts(graph, beside)].filter(
            ([here, there]) => open[0].has(here) !== open[1].has(there),
          );
          expect(apart).toEqual([]);
          const { selection } = placeBeside(recorded, besideGraph(state), state.subject);
          expect(Math.max(...selectedNodes(beside, selection), 0)).toBeLessThan(beside.nodeCount);
          expect(state.past.length).toBeLessThanOrEqual(200);
        }
      }),
      { numRuns: 10 },
    );
  });
});

describe("the default fold", () => {
  it("stays inside its budget", () => {
    expect(FEWEST).toBeLessThan(MOST);
    const all = reduce(loaded, { type: "depth", depth: "all" });
    expect(all.open[0]!.size).toBe(document.graphs[0]!.containerCount);
  });
});
