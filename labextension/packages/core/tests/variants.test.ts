// @vitest-environment jsdom
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { reduce, type Action } from "../src/actions";
import { mountExplorer, type Explorer } from "../src/app";
import { changeWords, isBeside } from "../src/besides";
import { BeforeStore } from "../src/before-store";
import { handleKey } from "../src/keyboard";
import type { Plots } from "../src/plots/library";
import type { LayoutWorker } from "../src/layout/client";
import { alignTexts, compareVariants, pairContainers, type DocumentModel } from "../src/model";
import { aloneLines, selectedNodes } from "../src/selectors";
import { INITIAL, currentGraph, type Selection, type State } from "../src/state";
import { comparisonOf, placeBeside } from "../src/stepping";
import { Store } from "../src/store";
import { LiveTransport, StaticTransport } from "../src/transport";
import { TestModel } from "../src/transport/testing";
import { absenceWords, differencesOf } from "../src/variants";
import { readDocument, readFixture } from "./fixtures";

const gate = readDocument("gate");
const [traced, scripted] = [gate.graphs[0]!, gate.graphs[1]!];
const [SCRIPT, FREEZE] = [0, 1];

const loaded = reduce(INITIAL, { type: "loaded", document: gate });
const run = (state: State, ...actions: Action[]) => actions.reduce(reduce, state);
const node = (state: State, op: string, place = 0): Selection => {
  const graph = currentGraph(state)!;
  const nodes = Array.from({ length: graph.nodeCount }, (_, i) => i);
  return { kind: "node", node: nodes.filter((one) => graph.op(one) === op)[place]! };
};
const line = (number: number): Action => ({
  type: "select",
  selection: { kind: "line", file: 0, line: number },
});
const ops = (state: State) => {
  const graph = currentGraph(state)!;
  return selectedNodes(graph, state.place.selection).map((one) => graph.op(one));
};
/** The state as the side that is not shown sees it. */
const beside = (state: State): State => {
  const store = new Store(state);
  const seen = new BeforeStore(store);
  const { value } = seen;
  seen.dispose();
  return value;
};

describe("what only one of two variants has", () => {
  it("is found by which nodes correspond", () => {
    const comparison = compareVariants(gate, 0, 1)!;
    const names = (nodes: readonly number[], graph = scripted) => nodes.map((n) => graph.op(n));
    expect(names(comparison.left.removed, traced)).toEqual(["aten::add"]);
    expect(names(comparison.right.made)).toEqual([
      ...["aten::sum", "aten::gt", "prim::If", "aten::relu", "aten::size", "prim::Loop"],
    ]);
    expect(comparison.left.edited).toEqual([]);
  });

  it("is listed by line, and which of them are in one alone", () => {
    const shown = gate.variants[SCRIPT]!.differences.map((one) => [
      one.line,
      one.here.length,
      one.there.length,
      one.isWhole,
    ]);
    expect(shown).toEqual([
      [4, 0, 3, true],
      [7, 0, 1, true],
      [8, 0, 2, true],
      [9, 1, 0, false],
    ]);
    expect(gate.variants[FREEZE]!.differences).toEqual([]);
  });

  it("is said by what it was found", () => {
    const variant = gate.variants[SCRIPT]!;
    expect([0, 4, 5, 6, 103].map((id) => variant.matchOf(id))).toEqual([
      ...["calls", "line", "structure", null, null],
    ]);
  });

  it("leaves scopes that hold the same nodes beside each other, both ways", () => {
    const there = pairContainers(traced, scripted);
    const names = [...there].map(([one, other]) => [
      traced.label(one),
      scripted.ancestry(other).map((c) => scripted.label(c)),
    ]);
    expect(names).toEqual([
      ["graph", ["graph"]],
      ["cell", ["graph", "cell"]],
      ["cell", ["graph", "if x.sum() > 0", "then", "cell"]], // the second call is in the branch
    ]);
    const back = pairContainers(scripted, traced);
    expect([...back].map(([one, other]) => [other, one])).toEqual([...there]);
  });

  it("has rows of text to itself", () => {
    const { left, right } = alignTexts(traced, scripted);
    expect(left.length).toBe(right.length);
    const row = right.findIndex((one) => one >= 0 && scripted.text.row(one).includes("aten::relu"));
    expect(left[row]).toBe(-1);
    const shared = right.findIndex((one) => one >= 0 && scripted.text.row(one).includes("add"));
    expect(traced.text.row(left[shared]!)).toContain("aten::add");
  });
});

describe("two variants", () => {
  it("stand side by side as the document comes, the program on the left", () => {
    expect(isBeside(loaded)).toBe(true);
    expect(loaded.drawer).toBe("compare");
    expect(loaded.compare).toBe("graphs");
    expect(loaded.place.graph).toBe(1);
    expect(beside(loaded).place.graph).toBe(0);
    expect(changeWords(loaded)).toMatchObject({ made: "only scripted", removed: "only traced" });
  });

  it("keep what is selected when they are swapped, closed and opened again", () => {
    const selected = reduce(loaded, { type: "select", selection: node(loaded, "aten::tanh", 1) });
    const swapped = reduce(selected, { type: "swap" });
    expect(swapped.place).toEqual({ graph: 0, selection: { kind: "node", node: 3 } });
    expect(changeWords(swapped)).toMatchObject({ made: "only traced", removed: "only scripted" });
    const closed = reduce(selected, { type: "compare", compare: "off" });
    expect(isBeside(closed)).toBe(false);
    expect(closed.place).toEqual(swapped.place);
    expect(comparisonOf(closed)).toBeNull();
    const opened = run(closed, { type: "compare", compare: "text" });
    expect(opened.place.graph).toBe(0);
    expect(isBeside(opened)).toBe(true);
    expect(run(closed, { type: "beside", variant: SCRIPT }).place).toEqual(selected.place);
  });

  it("are followed from either side", () => {
    const relu = reduce(loaded, { type: "select", selection: node(loaded, "aten::relu") });
    expect(beside(relu).place.selection).toBeNull();
    expect(absenceWords(beside(relu))).toBe(
      "only in the scripted program: the trace never took this branch",
    );
    expect(absenceWords(relu)).toBe("");
    const left: Action = { type: "select", selection: { kind: "node", node: 3 }, reveal: true };
    const back = run(relu, { type: "before", action: left });
    expect(ops(back)).toEqual(["aten::tanh"]);
    expect(absenceWords(back)).toBe("");
  });

  it("say in words what a line is only in one of", () => {
    const words = (state: State) => [absenceWords(beside(state)), absenceWords(state)];
    expect(words(reduce(loaded, line(7)))).toEqual([
      "only in the scripted program: the trace never took this branch",
      "",
    ]);
    expect(ops(reduce(loaded, line(7)))).toEqual(["aten::relu"]);
    expect(words(reduce(loaded, line(4)))[0]).toBe(
      "only in the scripted program: a trace keeps the way its example took, and no condition",
    );
    expect(words(reduce(loaded, line(5)))).toEqual(["", ""]); // the branch that was taken
    expect(words(reduce(loaded, line(1)))).toEqual(["", ""]); // from which nothing comes
    const swapped = run(loaded, { type: "swap" }, line(7));
    expect(words(swapped).reverse()).toEqual(words(reduce(loaded, line(7))));
    const round = reduce(run(loaded, { type: "swap" }), {
      type: "select",
      selection: { kind: "node", node: 6 },
    });
    expect(absenceWords(beside(round))).toBe(
      "only in the trace: one round of a loop that the trace unrolled",
    );
  });

  it("are stepped through by the lines that differ, and open what hides them", () => {
    const folded = run(loaded, { type: "depth", depth: 1 });
    const next = (direction: 1 | -1): Action => ({ type: "nextDifference", direction });
    const lines = (state: State) => {
      const { selection } = state.place;
      return selection?.kind === "line" ? selection.line : 0;
    };
    const first = run(folded, next(1));
    expect(lines(first)).toBe(4);
    const second = run(first, next(1));
    expect(lines(second)).toBe(7);
    const relu = selectedNodes(scripted, second.place.selection)[0]!;
    for (const container of scripted.ancestry(scripted.home(relu)))
      expect(second.open[1]!.has(container)).toBe(true);
    expect(lines(run(second, next(-1)))).toBe(4);
    expect(lines(run(second, next(1), next(1), next(1)))).toBe(9); // and there it ends
    expect(lines(run(second, line(6), next(1)))).toBe(7); // from between two of them
    expect(lines(run(second, line(6), next(-1)))).toBe(4);
    const shut = run(second, { type: "compare", compare: "off" });
    expect(run(shut, next(1)).place).toBe(shut.place);
  });

  it("set lines off in the source by who has them", () => {
    const shaded = (state: State) =>
      [...aloneLines(state, 0)].map(([at, { left, right, isShaded }]) => [
        at,
        ...[left, right, isShaded],
      ]);
    const expected = [
      [4, 0, 3, true],
      [7, 0, 1, true],
      [8, 0, 2, true],
      [9, 1, 0, false],
    ];
    expect(shaded(loaded)).toEqual(expected);
    expect(shaded(run(loaded, { type: "swap" }))[0]).toEqual([4, 3, 0, true]);
    expect(shaded(run(loaded, { type: "compare", compare: "off" }))).toEqual([]);
  });

  it("leave the program alone where the other could not be made", () => {
    const failed = run(loaded, { type: "beside", variant: FREEZE });
    expect(isBeside(failed)).toBe(false);
    expect(failed.place.graph).toBe(0);
    expect(differencesOf(failed)).toEqual([]);
    expect(run(failed, { type: "beside", variant: 7 })).toBe(failed);
    expect(isBeside(run(failed, { type: "beside", variant: SCRIPT }))).toBe(true);
  });

  it("stay where they are when more is known of the program", () => {
    const selected = run(loaded, { type: "select", selection: node(loaded, "aten::tanh", 1) });
    const again = run(selected, { type: "reloaded", document: readDocument("gate") });
    expect(again.place).toEqual({ graph: 0, selection: { kind: "node", node: 3 } });
    expect(again.drawer).toBe("compare");
    expect(again.compare).toBe("off");
    const laid = run(again, { type: "beside", variant: SCRIPT });
    expect(laid.place).toEqual(selected.place);
  });

  it("have keys of their own", () => {
    let state = loaded;
    let left = false;
    const press = (key: string) => {
      const event = document.createElement("div");
      event.addEventListener("keydown", (pressed) =>
        handleKey(pressed, {
          dispatch: (action) => (state = reduce(state, action)),
          state: () => state,
          leave: () => (left = true),
          ...{ fit: () => undefined, zoom: () => undefined, search: () => undefined },
        }),
      );
      event.dispatchEvent(new KeyboardEvent("keydown", { key }));
    };
    press("]");
    expect(state.place.selection).toMatchObject({ kind: "line", line: 4 });
    press("x");
    expect(state.place.graph).toBe(0);
    press("s");
    expect(state.compare).toBe("text");
    press("Escape");
    expect(state.place.selection).toBeNull();
    expect(isBeside(state)).toBe(true);
    press("Escape");
    expect(isBeside(state)).toBe(false);
    expect(left).toBe(false);
    press("Escape");
    expect(left).toBe(true);
  });
});

// ── what is shown ───────────────────────────────────────────────────────────────────────────────

let explorer: Explorer;
let model: TestModel;
const noPlots = () => Promise.reject<Plots>(new Error("none here"));
const noWorker = () => Promise.reject<LayoutWorker>(new Error("none here"));
const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)];
const text = (selector: string) => all(selector).map((one) => one.textContent);

function mount(shown: DocumentModel, live = false): void {
  document.body.replaceChildren();
  model = new TestModel();
  const transport = live ? new LiveTransport(model, "0") : new StaticTransport();
  explorer = mountExplorer(document.body, {
    transport,
    startWorker: noWorker,
    loadPlots: noPlots,
    page: true,
  });
  explorer.store.dispatch({ type: "loaded", document: shown });
}

describe("the explorer of two variants", () => {
  beforeAll(() => {
    globalThis.ResizeObserver = class {
      observe(): void {
        // sizes never change here
      }
      unobserve(): void {
        // as above
      }
      disconnect(): void {
        // as above
      }
    };
    globalThis.matchMedia = () =>
      Object.assign(new EventTarget(), { matches: false }) as unknown as MediaQueryList;
    HTMLCanvasElement.prototype.getContext = () => null;
    Element.prototype.scrollIntoView = () => undefined;
  });
  beforeEach(() => mount(gate));
  afterEach(() => explorer.dispose());

  const absences = () => text(".tsv-absence:not([hidden])");

  it("names both, counts what only each has, and explains the signs", () => {
    expect(text(".tsv-side-head")).toEqual(["traced −1", "scripted +6"]);
    expect(all(".tsv-half").map((half) => half.getAttribute("aria-label"))).toEqual([
      ...["traced", "scripted"],
    ]);
    expect(text(".tsv-legend li")).toEqual(["+ only scripted", "− only traced", "~ differs"]);
    expect(text(".tsv-chip")).toEqual(["trace | script"]);
    expect(text(".tsv-variants [role='status']")).toEqual([
      "6 pairs · −1 only traced · +6 only scripted",
      "4 lines differ",
    ]);
    document.querySelector<HTMLElement>("[aria-label='Swap sides']")!.click();
    expect(text(".tsv-side-head")).toEqual(["scripted −6", "traced +1"]);
    expect(text(".tsv-chip")).toEqual(["script | trace"]);
  });

  it("makes one view beside the one that is shown", () => {
    expect(all(".tsv-graph").map((graph) => graph.getAttribute("aria-label"))).toEqual([
      ...["Graph before", "Graph"],
    ]);
  });

  it("says on the side that lacks a line, and in the details, why", () => {
    explorer.store.dispatch(line(7));
    expect(absences()).toEqual(["only in the scripted program: the trace never took this branch"]);
    expect(text(".tsv-half:first-child .tsv-absence")).toEqual(absences());
    explorer.store.dispatch({ type: "swap" });
    expect(text(".tsv-half:last-child .tsv-absence")).toEqual(absences());
    expect(text(".tsv-right .tsv-muted")).toContain(absences()[0]);
    explorer.store.dispatch(line(3));
    expect(absences()).toEqual([]);
  });

  it("shows in the details what a node is in the other, and by what that was found", () => {
    const { store } = explorer;
    store.dispatch({ type: "select", selection: node(store.value, "aten::add") });
    const headings = () => text(".tsv-right h4");
    expect(headings()).toContain("In the trace");
    expect(text(".tsv-right .tsv-faint")).toContain("same place in the graph; no line says so");
    const title = all(".tsv-right h4").find((one) => one.textContent === "In the trace")!;
    title.nextElementSibling!.querySelector("button")!.click();
    expect(store.value.place).toEqual({ graph: 0, selection: { kind: "node", node: 5 } });
    store.dispatch({ type: "select", selection: { kind: "node", node: 6 } });
    expect(text(".tsv-right .tsv-muted")).toContain("none in the scripted program");
  });

  it("carries what is hovered to the other side, and from the source to both", () => {
    const { store } = explorer;
    const seen = new BeforeStore(store);
    const twin = node(store.value, "aten::tanh", 1) as { node: number };
    store.hover.set({ kind: "nodes", nodes: [twin.node], from: "graph" });
    expect(seen.hover.value).toMatchObject({ kind: "nodes", nodes: [3] });
    seen.hover.set({ kind: "nodes", nodes: [6], from: "graph" }); // only there
    expect(store.hover.value).toMatchObject({ nodes: [], frames: [expect.any(Number)] });
    store.hover.set({ kind: "nodes", nodes: [], from: "source", line: { file: 0, line: 9 } });
    expect(seen.hover.value).toMatchObject({ nodes: [4, 5, 6] });
    seen.dispose();
  });

  it("lists the lines, and shows the one that is chosen", () => {
    const list = document.querySelector(".tsv-differences")!;
    expect(list.getAttribute("aria-label")).toBe("Lines that differ");
    const rows = () => [...list.querySelectorAll<HTMLElement>("[data-row]")];
    expect(rows().map((row) => row.textContent)).toEqual([
      "gate.py:4+3if x.sum() > 0:not in the trace: sum, gt, If",
      "gate.py:7+1y = torch.relu(y)not in the trace: relu",
      "gate.py:8+2for _ in range(x.size(0)):not in the trace: size, Loop",
      "gate.py:9−1y = y + 1add",
    ]);
    rows()[1]!.click();
    expect(explorer.store.value.place.selection).toEqual({ kind: "line", file: 0, line: 7 });
    expect(rows().map((row) => row.getAttribute("aria-selected"))).toEqual([
      ...["false", "true", "false", "false"],
    ]);
    expect(text(".tsv-answer")).toContain("2 of 4 lines that differ");
    const next = document.querySelector<HTMLElement>("[aria-label='Next difference']")!;
    next.click();
    next.click();
    expect(next.title).toBe("no further line differs");
  });

  it("shows why a variant could not be made, with the way to the line", () => {
    const choice = document.querySelector<HTMLSelectElement>("[aria-label='Other variant']")!;
    expect([...choice.options].map(({ text: label }) => label)).toEqual([
      ...["choose a variant …", "scripted", "frozen"],
    ]);
    choice.value = String(FREEZE);
    choice.dispatchEvent(new Event("change"));
    const failure = document.querySelector<HTMLElement>(".tsv-variant-failure")!;
    expect(failure.hidden).toBe(false);
    expect(failure.textContent).toBe(
      "cannot be frozenerror[TSV-C03] TorchScript cannot freeze `Gate` gate.py:7" +
        "help: call model.eval() firstnote: PyTorch said: no",
    );
    expect(all(".tsv-half")[0]!.hidden).toBe(true);
    failure.querySelector<HTMLElement>(".tsv-link")!.click();
    expect(explorer.store.value.place.selection).toEqual({ kind: "line", file: 0, line: 7 });
    choice.value = "";
    choice.dispatchEvent(new Event("change"));
    expect(failure.hidden).toBe(true);
  });

  it("asks for a variant by name, and lays beside the program what comes", async () => {
    const { document: payload, blob } = readFixture("gate");
    const capabilities = {
      ...(payload["capabilities"] as object),
      variants: { script: "", freeze: "", hybrid: "there are no example inputs" },
    };
    const alone = readDocument("gate").payload;
    const variants = { script: "", hybrid: "there are no example inputs" };
    const { DocumentModel } = await import("../src/model");
    explorer.dispose();
    mount(
      new DocumentModel({
        ...alone,
        graphs: alone.graphs.slice(0, 1),
        variants: [],
        capabilities: { ...alone.capabilities, variants },
      }),
      true,
    );
    expect(explorer.store.value.compare).toBe("off");
    const choice = document.querySelector<HTMLSelectElement>("[aria-label='Other variant']")!;
    expect([...choice.options].map(({ text: label, disabled }) => [label, disabled])).toEqual([
      ["choose a variant …", false],
      ["scripted", false],
      ["hybrid", true],
    ]);
    expect(text(".tsv-variants .tsv-why")).toEqual(["hybrid: there are no example inputs"]);
    choice.value = "script";
    choice.dispatchEvent(new Event("change"));
    const asked = model.sent.at(-1)!;
    expect([asked["kind"], asked["payload"]]).toEqual(["variants", { variant: "script" }]);
    const reply = { type: "reply", id: asked["id"], revision: 0, error: null, chunks: 1 };
    model.receive({ ...reply, payload: { ...payload, capabilities } });
    model.receive({ type: "chunk", id: asked["id"], n: 0, of: 1 }, blob);
    await new Promise((resolve) => setTimeout(resolve));
    expect(isBeside(explorer.store.value)).toBe(true);
    expect(text(".tsv-side-head")).toEqual(["traced −1", "scripted +6"]);
    expect(placeBeside(gate, 0, explorer.store.value.subject).graph).toBe(0);
  });
});
