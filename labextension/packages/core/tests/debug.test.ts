// @vitest-environment jsdom
import { beforeAll, beforeEach, describe, expect, it } from "vitest";

import { reduce } from "../src/actions";
import { Commands } from "../src/commands";
import { debugKey } from "../src/debug-commands";
import { currentLine, currentNode, debugGraph } from "../src/debugging";
import { DebugPane } from "../src/panes/debug";
import { createJobs } from "../src/panes/overlays";
import { createIrPane } from "../src/panes/ir-text";
import { SourcePane } from "../src/panes/source";
import { classesOf } from "../src/scene/paint";
import type { DebugState, DebugValue } from "../src/protocol.generated";
import { INITIAL } from "../src/state";
import { Disposables, Store } from "../src/store";
import { LiveTransport, StaticTransport, type Transport } from "../src/transport";
import { TestModel } from "../src/transport/testing";
import { readDocument, readFixture } from "./fixtures";
import { owned } from "./owning";
import { HELD, LINE, ON_LINE, own, path, POINT, shown, steppable, TANH } from "./stepped";

/** What is told of `%y`; its columns lie in `BLOB`. */
const DETAIL = {
  title: "f32[2]  -1e+10 … 0.5",
  kind: "f32[2, 150]",
  device: "cpu",
  facts: ["1.2 KiB", "contiguous"],
  count: 300,
  looked_at: 300,
  statistics: {
    ...{ least: -1, most: 1, mean: 0.25, deviation: 2, zeros: 0 },
    ...{ nans: 1, infinities: 0 },
  },
  histogram: { low: -1, high: 1, counts: [1, 0, 299] },
  least_course: { dtype: "f64", at: 0, length: 3 },
  most_course: { dtype: "f64", at: 24, length: 3 },
  picture: {
    ...{ width: 2, height: 1, words: "a matrix; black 0, white 1" },
    pixels: { dtype: "u8", at: 48, length: 6 },
  },
};
const BLOB = new Uint8Array(56);
new Float64Array(BLOB.buffer, 0, 6).set([-1, NaN, 0, 0, NaN, 1]);

const VALUE: DebugValue = {
  name: "%y",
  row: 2,
  type: "Tensor",
  text: "f32[2]  -1e+10 … 0.5  mean 0.25  1 NaN  [0.5, nan]",
  kind: "f32[2]",
  device: "cpu",
  least: -1e10,
  most: 0.5,
  mean: 0.25,
  nans: 1,
  infinities: 0,
  note: "",
  is_edited: false,
  is_changed: true,
  is_new: false,
  is_used: true,
};

let store: Store;
let pane: DebugPane;
let kernel: TestModel;
let commands: Commands;

function open(transport?: Transport): void {
  kernel = new TestModel();
  store = new Store(reduce(INITIAL, { type: "loaded", document: steppable() }));
  commands = owned(new Commands(store, transport ?? new LiveTransport(kernel, "0")));
  pane = owned(new DebugPane(store, commands, () => Promise.reject(new Error("no plots here"))));
  globalThis.document.body.replaceChildren(pane.element);
  store.dispatch({ type: "compare", compare: "off" });
  store.dispatch({ type: "drawer", drawer: "debug" });
}

const settled = () => new Promise((resolve) => setTimeout(resolve));
const all = (selector: string) => [...pane.element.querySelectorAll<HTMLElement>(selector)];
const named = (label: string) =>
  all("button").find((one) => one.textContent === label || one.ariaLabel === label)!;
const field = (label: string) => all(`input[aria-label="${label}"]`)[0] as HTMLInputElement;
const where = () => all(".tsv-debug-where")[0]!.textContent;
const asked = () => kernel.lastRequest("debug")?.["payload"] as Record<string, unknown>;
const count = (kind: string) => kernel.sent.filter((one) => one["kind"] === kind).length;

async function reply(kind: string, payload: object): Promise<void> {
  const id = kernel.lastRequest(kind)!["id"];
  kernel.receive({ type: "reply", id, revision: 0, payload, error: null, chunks: 0 });
  await settled();
}

/** What is looked at is told, and its first numbers come. */
async function tell(detail: object, page: object): Promise<void> {
  const id = kernel.lastRequest("debug_detail")!["id"];
  kernel.receive({ type: "reply", id, revision: 0, payload: detail, error: null, chunks: 1 });
  kernel.receive({ type: "chunk", id, n: 0, of: 1 }, BLOB);
  await settled();
  await reply("debug_page", page);
}

async function refuse(kind: string, code: string, message: string, help = ""): Promise<void> {
  const id = kernel.lastRequest(kind)!["id"];
  const error = { code, severity: "error", message, file: -1, line: -1, notes: [], help };
  kernel.receive({ type: "reply", id, revision: 0, payload: null, error, chunks: 0 });
  await settled();
}

/** It is held, and one value is in sight. */
async function hold(state: Partial<DebugState> = {}): Promise<void> {
  await reply("debug", { ...HELD, ...state });
  const { serial } = { ...HELD, ...state };
  await reply("debug_values", { serial, first: 0, total: 3, rows: [VALUE] });
}

beforeAll(() => {
  globalThis.requestAnimationFrame = () => 0; // nothing is done with the next picture
  Element.prototype.scrollIntoView = () => undefined;
  HTMLCanvasElement.prototype.getContext = () => null; // jsdom paints nothing
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
});

beforeEach(() => open());

describe("the drawer", () => {
  it("asks whether something is stepped, and offers to start", async () => {
    expect(asked()["verb"]).toBe("state");
    await reply("debug", { ...HELD, serial: 1, status: "none", node: -1, line: 0, path: "" });
    expect(pane.element.textContent).toContain("Start runs a copy of the program");
    expect(named("Step in").closest("[hidden]")).not.toBeNull();
    named("Start").click();
    await settled();
    expect(asked()).toEqual({
      ...{ verb: "start", by: "node", target: "", node: -1, text: "", number: 0, after: 0 },
    });
  });

  it("says where it is held, selects that node, and leaves the way back alone", async () => {
    await hold();
    expect(where()).toBe(
      "held before %y : Tensor = aten::tanh(%x) · step · position 3 of 5 so far · module gate",
    );
    expect(store.value.place).toEqual({ graph: 0, selection: { kind: "node", node: TANH } });
    expect(store.value.past).toEqual([]);
    expect(currentNode(store.value)).toBe(TANH);
    expect(currentLine(store.value, own)).toBe(LINE);
  });

  it("drops what is older than what it shows", async () => {
    await hold({ serial: 9 });
    commands.debug.heard({ ...HELD, serial: 8, status: "running" });
    await settled();
    expect(where()).toContain("held");
    commands.debug.heard({ ...HELD, serial: 10, status: "running", node: -1, text: "" });
    await settled();
    expect(where()).toBe("running · after 3 positions · module gate");
    expect(named("Pause").hidden).toBe(false);
    expect(named("Step in").title).toBe("it runs: pause it first");
    expect(pane.element.textContent).toContain("values are shown when it is held");
  });

  it("steps by what was chosen, one after the other", async () => {
    await hold();
    named("line").click();
    const before = count("debug");
    for (let i = 0; i < 9; i++) commands.debug.use("step");
    await settled();
    expect(asked()).toMatchObject({ verb: "step", by: "line" });
    expect(count("debug")).toBe(before + 1);
    for (let serial = 2; serial < 9; serial++) await reply("debug", { ...HELD, serial });
    expect(count("debug")).toBe(before + 4);
  });

  it("holds it where another variant first has another value", async () => {
    await hold();
    const choice = all("[aria-label='First difference from']")[0] as HTMLSelectElement;
    choice.value = "eager";
    choice.dispatchEvent(new Event("change"));
    expect(asked()).toMatchObject({ verb: "differs", text: "eager" });
    expect(choice.value).toBe("");
    await hold({ serial: 2, status: "running" });
    expect([choice.disabled, choice.title]).toEqual([true, "it runs: pause it first"]);
  });

  it("says why a control cannot be used", async () => {
    await hold({ position: 1 });
    expect(named("Back").title).toBe("there is nothing before the first node");
    store.dispatch({ type: "select", selection: null });
    expect(named("Run to selection").title).toBe("select a node or a source line first");
    commands.debug.heard({
      ...HELD,
      serial: 5,
      status: "finished",
      node: -1,
      text: "",
      result: "f32[2]",
    });
    await settled();
    expect(where()).toContain("finished, it returned f32[2] · after 3 positions");
    expect(named("Step in").title).toBe("it has finished: go back, or restart");
    expect(named("Back").ariaDisabled).toBeNull();
    kernel.emit("comm:close");
    expect(named("Restart").title).toBe("the kernel has gone; run the cell again to ask it");
  });

  it("explains what the program raised, and what changed meanwhile", async () => {
    const one = { file: -1, line: -1, notes: ["PyTorch said: no"], help: "give it another" };
    await hold({
      status: "failed",
      fault: { ...one, code: "TSV-F01", severity: "error", message: "shapes do not fit" },
      notes: [{ ...one, code: "TSV-D37", severity: "warning", message: "x changed" }],
    });
    const [fault, note] = all('[role="alert"]');
    expect(fault!.textContent).toBe(
      "error[TSV-F01]: shapes do not fitnote: PyTorch said: nohelp: give it another",
    );
    expect(note!.textContent).toContain("warning[TSV-D37]: x changed");
  });

  it("tells what could not be, until something could", async () => {
    await hold();
    void commands.debug.do("goto", { number: 99 });
    await refuse("debug", "TSV-D30", "expected a position from 1 to 5, got 99", "go to 5");
    expect(all('[role="alert"]')[0]!.textContent).toBe(
      "TSV-D30: expected a position from 1 to 5, got 99help: go to 5",
    );
    void commands.debug.do("step");
    await hold({ serial: 3 });
    expect(all('[role="alert"]')).toEqual([]);
  });

  it("says in a saved file that nothing can be run", () => {
    open(new StaticTransport());
    const reason = "this is a saved file, no kernel is connected";
    expect(pane.element.textContent).toContain(`cannot be stepped: ${reason}`);
    expect(named("Start").title).toBe(reason);
  });
});

describe("values", () => {
  beforeEach(() => hold());

  it("are rows with what sets them off", () => {
    const [row] = all("tbody tr");
    expect([...row!.children].map((cell) => cell.textContent)).toEqual([
      ...["~→", "%y", "f32[2]", "-1e+10 … 0.5", "0.25", "1 NaN [0.5, nan]"],
    ]);
    expect([...row!.querySelectorAll("[role=img]")].map((mark) => mark.ariaLabel)).toEqual([
      "changed since the last stop",
      "the node takes it",
    ]);
    expect(all(".tsv-debug-more")[0]!.textContent).toBe("2 made before: show more");
  });

  it("show their numbers page by page, and are selected in the graph", async () => {
    all("tbody tr")[0]!.click();
    expect(store.value.place.selection).toEqual({ kind: "value", value: 2 });
    await settled();
    expect(kernel.lastRequest("debug_detail")!["payload"]).toEqual({ text: "%y" });
    const items = Array.from({ length: 120 }, (_, i) => String(i));
    await tell(DETAIL, { title: "", first: 0, total: 300, items, shape: [2, 150] });
    expect(kernel.lastRequest("debug_page")!["payload"]).toEqual({
      ...{ text: "%y", first: 0, count: 120 },
    });
    expect(all(".tsv-debug-pages")[0]!.textContent).toBe("‹1 to 120 of 300›");
    expect(all(".tsv-card pre")[0]!.textContent.split("\n").slice(0, 2)).toEqual([
      "[0, 0]      0    1    2    3    4    5    6    7",
      "[0, 8]      8    9   10   11   12   13   14   15",
    ]);
    expect(named("Numbers before").title).toBe("these are the first");
    named("Numbers after").click();
    await settled();
    expect(kernel.lastRequest("debug_page")!["payload"]).toMatchObject({ first: 120 });
  });

  it("are told at one look: statistics, bars, course and picture", async () => {
    all("tbody tr")[0]!.click();
    await settled();
    await tell(DETAIL, { title: "", first: 0, total: 1, items: ["1"], shape: [1] });
    const card = all(".tsv-card")[0]!;
    expect(card.querySelector(".tsv-value-facts")!.textContent).toBe(
      "least -1most 1mean 0.25deviation 2NaN 1",
    );
    expect(card.querySelector(".tsv-faint")!.textContent).toContain("choose a value");
    const labels = [...card.querySelectorAll("[role=img]")].map((one) =>
      one.getAttribute("aria-label"),
    );
    expect(labels).toEqual([
      "Histogram of the finite numbers from -1 to 1",
      "Numbers in their order: -1 to 1",
      "Picture (a matrix; black 0, white 1)",
    ]);
    const titles = [...card.querySelectorAll(".tsv-bars title")].map((one) => one.textContent);
    expect(titles[0]).toBe("-1 to -0.33333: 1 number");
    // A gap where nothing is finite: two stretches.
    expect(card.querySelectorAll(".tsv-course path")).toHaveLength(2);
  });

  it("are looked at by any expression, and say in the card why they cannot be", async () => {
    field("look at").value = " y[0] ";
    field("look at").form!.requestSubmit();
    await settled();
    expect(kernel.lastRequest("debug_detail")!["payload"]).toEqual({ text: "y[0]" });
    await refuse("debug_detail", "TSV-D02", "no value is called `y` here", "say which");
    expect(all(".tsv-card [role=note]")[0]!.textContent).toBe(
      "TSV-D02: no value is called `y` herehelp: say which",
    );
    expect(all(".tsv-debug-alerts [role=alert]")).toEqual([]);
    expect(named("Pin").ariaDisabled).toBe("true");
  });

  it("stand beside the attributes of modules", async () => {
    const [, attributes] = all("[role=tab]");
    attributes!.click();
    await settled();
    expect(kernel.lastRequest("debug_attributes")!["payload"]).toEqual({ first: 0, count: 60 });
    const row = { ...VALUE, name: "self.steps", row: -1, type: "int", text: "3", kind: "" };
    await reply("debug_attributes", { serial: 1, first: 0, total: 1, rows: [row] });
    expect(all(".tsv-debug-values > .tsv-tabs [role=tab]").map((tab) => tab.textContent)).toEqual([
      "Values 3",
      "Attributes 1",
      "Records",
    ]);
    all("tbody tr")[0]!.click();
    await settled();
    expect(kernel.lastRequest("debug_detail")!["payload"]).toEqual({ text: "self.steps" });
    expect(store.value.place.selection).toEqual({ kind: "node", node: TANH });
    expect(all(".tsv-card")[0]!.textContent).toContain("only values of the graph can be replaced");
  });

  it("are recorded as a whole, and two records drift apart", async () => {
    const [, , records] = all("[role=tab]");
    records!.click();
    expect(all(".tsv-debug-records")[0]!.hidden).toBe(false);
    expect(all("table")[0]!.hidden).toBe(true);
    const variants = [...all('select[aria-label="what is recorded"] option')];
    expect(variants[0]!.textContent).toBe("this program, with its edits");
    named("Record").click();
    await settled();
    expect(kernel.lastRequest("debug_record")!["payload"]).toEqual({ variant: "" });
    expect(named("Record").title).toBe("a record is being made");
    const made = [
      { name: "1 stepped", values: 9, fault: "" },
      { name: "2 trace", values: 1, fault: "ValueError: no" },
    ];
    await reply("debug_record", { ...HELD, serial: 7, records: made });
    expect(all('select[aria-label="with"] option').map((one) => one.textContent)).toEqual([
      "1 stepped · 9 values",
      "2 trace · 1 value · ValueError: no",
    ]);
    named("Show drift").click();
    await settled();
    expect(kernel.lastRequest("debug_drift")!["payload"]).toEqual({
      ...{ one: "1 stepped", other: "2 trace" },
    });
    const id = kernel.lastRequest("debug_drift")!["id"];
    const drift = new Uint8Array(48);
    new Float64Array(drift.buffer, 0, 2).set([0, 0.5]);
    new Int32Array(drift.buffer, 16, 2).set([1, 2]);
    new Int32Array(drift.buffer, 24, 2).set([-1, TANH]);
    drift.set([1, 0], 32);
    const payload = {
      ...{ words: "1 of 2 values equal bit for bit\nfirst", first: 1, pairs: 5 },
      position: { dtype: "i32", at: 16, length: 2 },
      node: { dtype: "i32", at: 24, length: 2 },
      drift: { dtype: "f64", at: 0, length: 2 },
      equal: { dtype: "u8", at: 32, length: 2 },
      ...{ names: ["%x", "%y"], others: ["%a", "%b"], ops: ["aten::add", "aten::tanh"] },
      places: ["m.py:1", "m.py:2"],
    };
    kernel.receive({ type: "reply", id, revision: 0, payload, error: null, chunks: 1 });
    kernel.receive({ type: "chunk", id, n: 0, of: 1 }, drift);
    await settled();
    expect(all(".tsv-debug-drift p").map((one) => one.textContent)).toEqual([
      "1 of 2 values equal bit for bit · first difference: %y · aten::tanh · " +
        shown.place(shown.graphs[0]!.payload.nodes.model[TANH]!),
      "2 of 5 values are shown: those that have numbers or differ",
    ]);
    store.dispatch({ type: "select", selection: null });
    all(".tsv-debug-drift p button")[0]!.click();
    expect(store.value.place.selection).toEqual({ kind: "node", node: TANH });
  });

  it("are pinned, and held against each other", async () => {
    all("tbody tr")[0]!.click();
    await settled();
    await tell(DETAIL, { title: "", first: 0, total: 1, items: ["1"], shape: [1] });
    named("Pin").click();
    await settled();
    expect(asked()).toMatchObject({ verb: "pin", text: "%y", target: "%y @ 3" });
    const pin = { name: "%y @ 3", shown: "f32[2]", position: 3, node: TANH };
    await hold({ serial: 4, pins: [pin, { ...pin, name: "%y @ 5" }] });
    named("Pin").click();
    await settled();
    expect(asked()).toMatchObject({ verb: "pin", text: "%y", target: "%y @ 3 (2)" });
    named("Compare").click();
    await settled();
    expect(kernel.lastRequest("debug_compare")!["payload"]).toEqual({
      ...{ one: "%y @ 3", other: "%y @ 5" },
    });
    const side = { name: "%y @ 3", position: 3, node: -1, number: "0.5" };
    await reply("debug_compare", {
      ...{ words: "", differing: 1, count: 2, absolute: "0.5", relative: "1", ulps: 1200 },
      ...{ where: [1], one: side, other: { ...side, name: "%y @ 5", node: TANH, number: "1" } },
    });
    expect([...all(".tsv-debug-apart")[0]!.children].map((one) => one.textContent)).toEqual([
      "1 of 2 numbers differs",
      "largest difference 0.5relative 1ULP 1,200",
      "at [1]",
      "%y @ 3 0.5",
      "%y @ 5 1",
    ]);
    store.dispatch({ type: "select", selection: null });
    all(".tsv-debug-apart button")[0]!.click();
    expect(store.value.place.selection).toEqual({ kind: "node", node: TANH });
    named("Remove %y @ 3").click();
    await settled();
    expect(asked()).toMatchObject({ verb: "unpin", target: "%y @ 3" });
  });

  it("are replaced by an expression", async () => {
    all("tbody tr")[0]!.click();
    field("replace by").value = " y * 2 ";
    field("replace by").form!.requestSubmit();
    await settled();
    expect(asked()).toMatchObject({ verb: "set", target: "%y", text: "y * 2" });
    await hold({ serial: 4 });
    expect(field("replace by").value).toBe("");
  });

  it("are watched as expressions", async () => {
    field("Watch").value = "y.sum()";
    field("Watch").form!.requestSubmit();
    await settled();
    expect(asked()).toMatchObject({ verb: "watch", text: "y.sum()" });
    await hold({ serial: 4, watches: [{ text: "y.sum()", shown: "f32[]  [12]" }] });
    expect(all('[aria-label="Watch"] li')[0]!.textContent).toBe("y.sum() = f32[]  [12]×");
    named("Remove y.sum()").click();
    await settled();
    expect(asked()).toMatchObject({ verb: "unwatch", text: "y.sum()" });
  });
});

describe("breakpoints", () => {
  it("stand in the list, and take a condition", async () => {
    await hold({ breakpoints: [ON_LINE] });
    const [one] = all(".tsv-debug-point");
    expect(one!.ariaLabel).toBe("breakpoint 4, when i > 2, met 2 times");
    const condition = field("condition of breakpoint 4");
    condition.value = "i > 3";
    condition.dispatchEvent(new Event("change"));
    await settled();
    expect(asked()).toMatchObject({ verb: "condition", number: 4, text: "i > 3" });
    named("Remove breakpoint 4").click();
    await settled();
    expect(asked()).toMatchObject({ verb: "clear", number: 4 });
  });

  it("say what their condition raised", async () => {
    await hold({ breakpoints: [{ ...ON_LINE, failure: "NameError: no `q`" }] });
    expect(all(".tsv-debug-point")[0]!.textContent).toContain(
      "the condition failed: NameError: no `q`",
    );
  });

  it("are added by what is typed, and keep it where it is wrong", async () => {
    await hold();
    field("where").value = "aten::rely";
    field("skip").value = "2";
    field("where").form!.requestSubmit();
    await settled();
    expect(asked()).toMatchObject({ verb: "break", target: "aten::rely", text: "", after: 2 });
    await refuse("debug", "TSV-D10", "no such op");
    expect(field("where").value).toBe("aten::rely");
    field("where").form!.requestSubmit();
    await hold({ serial: 2 });
    expect(field("where").value).toBe("");
  });

  it("stand in the margin of the source and of the IR, and are toggled there", async () => {
    const source = owned(new SourcePane(store, commands.debug));
    const text = owned(createIrPane(store, commands.debug));
    expect(source.element.querySelector(".tsv-break")).toBeNull();
    await hold({ breakpoints: [ON_LINE, { ...POINT, path: "", line: 0, node: TANH, when: "" }] });
    expect(source.element.querySelector(`[data-line="${LINE}"] .tsv-break`)!.ariaLabel).toBe(
      "the program is held here; breakpoint 4, when i > 2, met 2 times",
    );
    expect(source.element.querySelectorAll(".is-here")).toHaveLength(1);
    const row = shown.graphs[0]!.payload.nodes.text_line[TANH]!;
    const mark = text.element.querySelector<HTMLElement>(`[data-row="${row}"] .tsv-break`)!;
    expect(mark.ariaLabel).toBe("the program is held here; breakpoint 4, met 2 times");
    mark.click();
    await settled();
    expect(asked()).toMatchObject({ verb: "clear", number: 4 });
    source.element.querySelector<HTMLElement>(`[data-line="${LINE - 1}"] .tsv-break`)!.click();
    await settled();
    expect(asked()).toMatchObject({ verb: "break", target: `${path}:${LINE - 1}` });
    await reply("debug", { ...HELD, serial: 2, breakpoints: [ON_LINE] });
    expect(store.value.notice).toBe(
      `no node comes from line ${LINE - 1}: the breakpoint stands on line ${LINE}`,
    );
  });

  it("are set at the selection by a key", async () => {
    await hold();
    expect(debugKey("b", store, commands.debug)).toBe(true);
    await settled();
    expect(asked()).toMatchObject({ verb: "break", node: TANH });
    store.dispatch({ type: "select", selection: null });
    debugKey("b", store, commands.debug);
    expect(store.value.notice).toBe("select a node or a source line first");
  });
});

describe("keys", () => {
  it("step while something is stepped and its drawer is open, and are others' else", async () => {
    expect(debugKey("s", store, commands.debug)).toBe(false);
    await hold();
    for (const [key, verb] of Object.entries({ c: "continue", n: "over", u: "out", r: "back" })) {
      expect(debugKey(key, store, commands.debug)).toBe(true);
      await settled();
      expect(asked()).toMatchObject({ verb });
      await hold({ serial: (store.value.debug.state?.serial ?? 0) + 1 });
    }
    expect(debugKey("f", store, commands.debug)).toBe(false);
    expect(debugKey("F5", store, commands.debug)).toBe(false);
    store.dispatch({ type: "fullWindow", on: true });
    for (const [key, verb] of Object.entries({
      ...{ F5: "continue", F10: "over", F11: "step", "Shift+F11": "out", "Shift+F10": "back" },
    })) {
      expect(debugKey(key, store, commands.debug)).toBe(true);
      await settled();
      expect(asked()).toMatchObject({ verb });
      await hold({ serial: (store.value.debug.state?.serial ?? 0) + 1 });
    }
    store.dispatch({ type: "fullWindow", on: false });
    store.dispatch({ type: "drawer", drawer: null });
    expect(debugKey("s", store, commands.debug)).toBe(false);
  });
});

describe("forks", () => {
  it("are stepped in a graph of their own, which comes with the document", async () => {
    await reply("debug", { ...HELD, is_other: true });
    const { document: raw, blob } = readFixture("gate");
    const [inlined, ...others] = raw["graphs"] as Record<string, unknown>[];
    const graphs = [inlined, ...others, { ...inlined, kind: "stepped", name: "stepped" }];
    const id = kernel.lastRequest("document")!["id"];
    const payload = { ...raw, graphs };
    kernel.receive({ type: "reply", id, revision: 0, payload, error: null, chunks: 1 });
    kernel.receive({ type: "chunk", id, n: 0, of: 1 }, blob);
    await settled();
    const graph = graphs.length - 1;
    expect(debugGraph(store.value)).toBe(graph);
    expect(store.value.place).toEqual({ graph, selection: { kind: "node", node: TANH } });
    expect(where()).toContain("what it forks is inlined in the graph that is stepped");
    store.dispatch({ type: "showGraph", graph: 0 });
    expect(currentNode(store.value)).toBe(-1);
  });
});

describe("around it", () => {
  it("marks the box where it is held", () => {
    const none: ReadonlySet<never> = new Set<never>();
    const emphasis = {
      ...{ selected: none, marked: none, hovered: none, inputs: none, outputs: none },
      ...{ alike: none, changes: new Map(), path: none, dim: false, here: new Set(["n1"]) },
    };
    expect(classesOf("n1", emphasis)).toEqual(["is-here"]);
  });

  it("shows a step that waits for a cell, and no other", async () => {
    const jobs = createJobs(store, commands, new Disposables());
    await hold();
    void commands.debug.do("step");
    const id = kernel.lastRequest("debug")!["id"];
    const said = { type: "progress", id, done: 0, total: 0 };
    kernel.receive({ ...said, text: "its turn is next" });
    expect(jobs.textContent).toBe("");
    kernel.receive({ ...said, text: "waiting for the running cell" });
    expect(jobs.textContent).toBe("stepping: waiting for the running cellCancel");
  });

  it("opens with what is stepped already", () => {
    const document = readDocument("gate");
    Object.assign(document.payload, { stepping: true });
    expect(reduce(INITIAL, { type: "loaded", document }).drawer).toBe("debug");
  });

  it("says good-bye, so that the thread is freed", () => {
    commands.dispose();
    expect(kernel.sent.at(-1)).toEqual({
      type: "bye",
      view: (kernel.sent.at(1)!["id"] as string).split("/")[0],
    });
  });
});
