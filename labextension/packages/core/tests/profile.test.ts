// @vitest-environment jsdom
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { reduce } from "../src/actions";
import { Commands } from "../src/commands";
import { heatOf } from "../src/measured";
import { levelOf, type DocumentModel } from "../src/model";
import { ProfilePane } from "../src/panes/profile";
import { SourcePane } from "../src/panes/source";
import { brief, plain, type Chart, type Palette } from "../src/plots/chart";
import type { Plots, Trace } from "../src/plots/library";
import type { Measured } from "../src/plots/naming";
import { againstChart } from "../src/plots/against";
import { sweepChart } from "../src/plots/sweep";
import { rooflineChart } from "../src/plots/roofline";
import { accountingChart, warmUpChart } from "../src/plots/runs";
import { timelineChart } from "../src/plots/timeline";
import { topChart } from "../src/plots/top";
import { treeChart } from "../src/plots/tree";
import { draft } from "../src/scene/scene";
import { heatWords, shortShare, shortTime } from "../src/scene/words";
import { visibleGraph } from "../src/layout/visible";
import { selectedNodes } from "../src/selectors";
import { INITIAL, currentGraph } from "../src/state";
import { Store } from "../src/store";
import { LiveTransport, StaticTransport, type Transport } from "../src/transport";
import { TestModel } from "../src/transport/testing";
import { nodeOf, readDocument } from "./fixtures";
import { lineOf } from "./findings";
import { owned } from "./owning";

const document_ = readDocument("profiled");
const compared = readDocument("profiles_compared");
const profile = document_.profile!;
const [program, planned] = [document_.graphs[0]!, document_.graphs[1]!];
const CONV = 4e6; // what the fixture's convolutions take, each in one run
const measured: Measured = { document: document_, profile, measure: "cpu" };
const loaded = reduce(INITIAL, { type: "loaded", document: document_ });

const PALETTE: Palette = {
  ...{ ink: "#111", faint: "#222", line: "#333", ground: "#fff", accent: "#00f", second: "#f0f" },
  several: ["#001", "#002"],
  heat: ["0", "1", "2", "3", "4", "5", "6", "7"],
  font: "sans-serif",
};
const CHARTS: Readonly<Record<string, (of: Measured) => Chart>> = {
  nodes: (of) => topChart(of, "nodes"),
  plan: (of) => topChart(of, "plan"),
  lines: (of) => topChart(of, "lines"),
  modules: (of) => topChart(of, "modules"),
  ops: (of) => topChart(of, "ops"),
  flame: (of) => treeChart(of, "icicle", "modules"),
  stacks: (of) => treeChart(of, "icicle", "stacks"),
  treemap: (of) => treeChart(of, "treemap", "modules"),
  timeline: timelineChart,
  roofline: rooflineChart,
  warmUp: warmUpChart,
  accounting: accountingChart,
  lineChanges: ({ document }) =>
    againstChart(document.payload.against ? document : compared, "lines"),
  moduleChanges: ({ document }) =>
    againstChart(document.payload.against ? document : compared, "modules"),
  sweep: ({ document }) => sweepChart((document.payload.sweep ?? compared.payload.sweep)!),
};
const cells = ({ rows }: Chart, row: number) =>
  rows[row]!.cells.map((cell) => (typeof cell === "string" ? cell : cell[0]));

/** Every text in what is drawn. */
function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return value !== null && typeof value === "object" ? Object.values(value).flatMap(textsIn) : [];
}

describe("words", () => {
  it("give times and shares the digits they have, and never round up to all", () => {
    expect([0, 85, 999, 1500, 12_345, 123_456, 999_700, 2.1e9].map(shortTime)).toEqual([
      ...["0 ns", "85 ns", "999 ns", "1.50 µs", "12.3 µs", "123 µs", "1.00 ms", "2.10 s"],
    ]);
    expect([0, 0.02, 0.34, 9.94, 41.2, 99.4, 99.97, 100].map((n) => shortShare(n, 100))).toEqual([
      ...["0%", "<0.1%", "0.3%", "9.9%", "41%", "99.4%", ">99.9%", "100%"],
    ]);
    expect(shortShare(1, 0)).toBe("");
  });

  it("are plain where Plotly would read markup or a formula", () => {
    expect(plain('<a href="x">&amp;</a> $x$')).toBe(
      '&lt;a href="x"&gt;&amp;amp;&lt;/a&gt; &#36;x&#36;',
    );
    expect(brief("<b>long</b>", 5)).toBe("&lt;b&gt;l…");
    expect(brief("😀😀😀", 2)).toBe("😀…");
  });
});

describe("heat", () => {
  it("has a level for what is little, and none for nothing", () => {
    expect([0, NaN, 1e-9, 2, 25, 100].map((amount) => levelOf(amount, 100))).toEqual([
      ...[0, 0, 1, 1, 4, 7],
    ]);
  });

  it("of a scope is the sum of what it holds, and of the graph what all nodes took", () => {
    const heat = profile.heatOf(program, "cpu")!;
    const sum = heat.nodes.reduce((whole, taken) => whole + (Number.isNaN(taken) ? 0 : taken), 0);
    expect(heat.containers[0]).toBeCloseTo(sum);
    const block = program.nodesIn(scope("blocks.0")).map((node) => heat.nodes[node]!);
    const own = block.reduce((whole, taken) => whole + (Number.isNaN(taken) ? 0 : taken), 0);
    expect(heat.containers[scope("blocks.0")]).toBeCloseTo(own);
    expect(heat.nodes[nodeOf(document_, "aten::conv2d")]).toBe(CONV);
    expect(heat.nodes[nodeOf(document_, "prim::GetAttr")]).toBeNaN();
  });

  it("is of each graph's own nodes, and of no other program's", () => {
    const conv = nodeOf(document_, "aten::conv2d");
    expect(program.id(conv)).not.toBe(planned.id(conv));
    expect(profile.heatOf(planned, "cpu")!.nodes[conv]).toBe(CONV);
    expect(profile.heatOf(planned, "device")).toBeNull();
  });

  it("of a line is that of its nodes, and with the calls made from it", () => {
    const conv = lineOf("torch.relu(self.norm(self.conv(x)) + x)");
    const { own, through } = profile.lineHeat(0, conv, "cpu")!;
    expect(own).toBeGreaterThan(4 * CONV);
    expect(through).toBeGreaterThanOrEqual(own);
    expect(profile.lineHeat(0, 1, "cpu")).toBeNull();
  });

  it("stands on boxes, which have room for it, and is taken off", () => {
    const on = draft(program, visibleGraph(program, new Set([0])), () => 40, heatOf(loaded));
    const off = draft(program, visibleGraph(program, new Set([0])), () => 40);
    const hot = on.boxes.find(({ level }) => level === 7)!;
    expect(hot.heat).toMatch(/^[\d.]+ ms · \d+%$/);
    const same = off.boxes.find(({ id }) => id === hot.id)!;
    expect([same.heat, same.level]).toEqual(["", 0]);
    expect(hot.height).toBe(same.height + 14);
    const state = reduce(loaded, { type: "heat", measure: null });
    expect(heatOf(state)).toBeNull();
  });

  it("is said in words", () => {
    expect(heatWords({ ...profile.heatOf(program, "cpu")!, whole: 3e7 }, 12.3e6)).toBe(
      "12.3 ms · 41%",
    );
  });
});

const scope = (path: string) => {
  for (let c = 1; c < program.containerCount; c++) if (program.path(c) === path) return c;
  throw new Error(`no scope ${path}`);
};

describe.each(Object.entries(CHARTS))("the chart of %s", (_, make) => {
  const chart = make(measured);

  it("draws rows of its table", () => {
    const { traces } = chart.draw!(PALETTE);
    const drawn = traces.flatMap(({ customdata = [] }) => customdata as number[]);
    expect(drawn.length).toBeGreaterThan(0);
    for (const row of drawn) expect(chart.rows[row]).toBeDefined();
    for (const { cells: row } of chart.rows) expect(row).toHaveLength(chart.columns.length);
  });

  it("has no name that Plotly would read as markup", () => {
    const hostile = "<a href='javascript:x'>$x$</a>";
    const strings = document_.payload.strings.map((text) =>
      text.startsWith("aten::") ? text + hostile : text,
    );
    const files = document_.payload.files.map((file) => ({ ...file, title: hostile }));
    const modules = profile.payload.modules.map((path) => path + hostile);
    const names = profile.payload.timeline.names.map((name) => name + hostile);
    const payload = {
      ...profile.payload,
      ...{ modules, timeline: { ...profile.payload.timeline, names } },
      warm_up: profile.payload.warm_up.map((run) => ({ ...run, words: hostile })),
      accounting: { ...profile.payload.accounting, unattributed: { [hostile]: 1 } },
    };
    const other = new (document_.constructor as typeof DocumentModel)({
      ...document_.payload,
      ...{ strings, files, title: hostile, profile: payload },
      against: {
        ...compared.payload.against!,
        codes: compared.payload.against!.codes.map(() => hostile),
        modules: compared.payload.against!.modules.map((path) => path + hostile),
        before: hostile,
      },
    });
    const drawn = make({ document: other, profile: other.profile!, measure: "cpu" });
    const picture = drawn.draw!(PALETTE);
    const texts = textsIn([picture.traces, picture.layout]).map((text) =>
      text.replaceAll("<br>", ""),
    );
    expect(texts.filter((text) => /[<$]/.test(text))).toEqual([]);
  });
});

describe("charts", () => {
  it("list the longest first, with share and line", () => {
    const chart = topChart(measured, "nodes");
    const [op, place, , time, share] = cells(chart, 0);
    expect([op, place]).toEqual(["aten::conv2d", `detector.py:${lineOf("self.stem(x)")}`]);
    expect([time, share]).toEqual(["4.00 ms", expect.stringMatching(/^\d+%$/)]);
    expect(cells(chart, chart.rows.length - 1)).toBeDefined();
    expect(chart.rows.map((_, row) => cells(chart, row)[0])).toContain("no node is known");
  });

  it("nest modules in modules, and functions in those that call them", () => {
    const modules = treeChart(measured, "icicle", "modules");
    const names = modules.rows.map((_, row) => cells(modules, row)[0]!);
    expect(names.map((name) => name.trim())).toContain("blocks");
    expect(names.find((name) => name.trim() === "blocks")!.startsWith("\u2003")).toBe(true);
    const stacks = treeChart(measured, "icicle", "stacks");
    expect(stacks.rows.some(({ target }) => target?.kind === "line")).toBe(true);
  });

  it("say what the executor did in each run of the warm-up, apart from those measured", () => {
    const chart = warmUpChart(measured);
    expect(cells(chart, 0)).toEqual(["1", "900 ms", "compiles and observes types"]);
    expect(cells(chart, 3)).toEqual(["m1", expect.any(String), "measured, without the profiler"]);
  });

  it("leave out of the roofline what no operations are known of, and say how much", () => {
    const chart = rooflineChart(measured);
    expect(chart.label).toBe("this machine at best, 2 threads: 80.0 GFLOP/s, 10.0 GB/s");
    expect(chart.note).toMatch(/^of \d+ nodes no operations are known$/);
  });

  it("hold profiles against each other, the noise with them", () => {
    const chart = againstChart(compared, "lines");
    expect(chart.label).toBe("a run: 5.00 ms before, 10.0 ms after, +5.00 ms: slower");
    expect(chart.note).toBe(
      "before: Detector.forward · trace · cpu · 2 runs; 2 of 3 differ beyond the noise (95% for all rows together)",
    );
    expect(cells(chart, 0).slice(2)).toEqual([
      ...["4.00 ms", "8.00 ms", "+4.00 ms", "+3.50 ms – +4.50 ms", "slower"],
    ]);
    expect(cells(chart, 1).slice(2)).toEqual([
      ...["2.00 ms", "", "−2.00 ms", "−2.20 ms – −1.80 ms", "gone"],
    ]);
    expect(chart.rows.map(({ target }) => target?.kind ?? "none")).toEqual([
      "line",
      "none",
      "line",
    ]);
    const [bars] = chart.draw!(PALETTE).traces;
    expect(bars).toMatchObject({
      x: [4, -2, 0.01],
      error_x: { array: [0.5, expect.closeTo(0.2), 0.05] },
    });
    expect(cells(againstChart(compared, "modules"), 0)[0]).toBe("the program");
  });

  it("draw a line of a sweep for each number of threads, and say what failed", () => {
    const chart = sweepChart(compared.payload.sweep!);
    expect(chart.note).toContain("1 failed: the table says why · it was ended before all points");
    expect(cells(chart, 1)).toEqual([
      ...["2", "1", "7.00 ms", "6.30 ms – 8.40 ms", "3.50 ms", "285.7/s", ""],
    ]);
    expect(cells(chart, 3).at(-1)).toBe("<b>no</b> room");
    const { traces } = chart.draw!(PALETTE);
    expect(traces.map(({ name, x }) => [name, x])).toEqual([
      ["1 thread", [1, 2]],
      ["2 threads", [1]],
    ]);
  });

  it("add up in the accounting", () => {
    const chart = accountingChart(measured);
    const { accounting } = profile.payload;
    const parts = accounting.attributed + 80_000 + accounting.interpreter;
    expect(parts).toBe(accounting.wall);
    expect(cells(chart, 1)[0]).toBe("aten::fill_, no node is known");
  });
});

describe("what is chosen", () => {
  const chosen = (state = loaded) => {
    const graph = currentGraph(state)!;
    return selectedNodes(graph, state.place.selection).map((node) => graph.op(node));
  };

  it("is the node, with its line and file; in the plan that of the plan", () => {
    const chart = topChart(measured, "plan");
    const row = chart.rows.find(({ cells: [op] }) => op === "aten::linear")!;
    const state = reduce(loaded, { type: "measured", target: row.target! });
    expect([state.place.graph, ...chosen(state)]).toEqual([0, "aten::linear"]);
    const plan = reduce(loaded, { type: "showGraph", graph: 1 });
    const there = reduce(plan, { type: "measured", target: row.target! });
    expect([there.place.graph, ...chosen(there)]).toEqual([1, "aten::linear"]);
  });

  it("leads back to the program where the graph that is shown has no such node", () => {
    const plan = reduce(loaded, { type: "showGraph", graph: 1 });
    const conv = program.id(nodeOf(document_, "aten::conv2d"));
    const target = { kind: "nodes", plan: -1, numbers: [conv] } as const;
    const state = reduce(plan, { type: "measured", target });
    expect([state.place.graph, ...chosen(state)]).toEqual([0, "aten::conv2d"]);
  });

  it("is a scope or a line, and nothing for what is not there", () => {
    const of = (target: Parameters<typeof reduce>[1] & { type: "measured" }) =>
      reduce(loaded, target).place.selection;
    expect(of({ type: "measured", target: { kind: "module", path: "blocks.0" } })).toEqual({
      ...{ kind: "container", container: scope("blocks.0") },
    });
    const line = { kind: "line", file: 0, line: 15 } as const;
    expect(of({ type: "measured", target: line })).toEqual(line);
    expect(of({ type: "measured", target: { kind: "module", path: "no such" } })).toBeNull();
  });
});

describe("the drawer", () => {
  let store: Store;
  let kernel: TestModel;
  let pane: ProfilePane;
  const drawn: (readonly Trace[])[] = [];
  let listeners: Record<string, (event: { points?: { customdata?: unknown }[] }) => unknown> = {};
  /** What stands at the border to the library: what it is given is what is looked at here. */
  const plots: Plots = {
    react: (element, traces) => {
      drawn.push(traces);
      const on = (event: string, listener: (typeof listeners)[string]) => {
        listeners[event] = listener;
      };
      return Promise.resolve(Object.assign(element, { on }));
    },
    purge: () => undefined,
  };

  function open(shown: DocumentModel, live = true): void {
    kernel = new TestModel();
    drawn.length = 0;
    listeners = {};
    const transport: Transport = live ? new LiveTransport(kernel, "0") : new StaticTransport();
    store = new Store(reduce(INITIAL, { type: "loaded", document: shown }));
    const commands = owned(new Commands(store, transport));
    pane = owned(new ProfilePane(store, commands, () => Promise.resolve(plots)));
    document.body.replaceChildren(pane.element);
    store.dispatch({ type: "drawer", drawer: "profile" });
  }

  const one = (selector: string) => pane.element.querySelector<HTMLElement>(selector)!;
  const tab = (name: string) =>
    [...pane.element.querySelectorAll<HTMLElement>("[role=tab]")].find(
      ({ textContent }) => textContent === name,
    )!;
  const press = (target: HTMLElement, key: string) =>
    target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));

  beforeAll(() => {
    Element.prototype.scrollIntoView = () => undefined;
    globalThis.ResizeObserver = class {
      constructor(private readonly call: (entries: unknown[]) => void) {}
      observe(): void {
        this.call([{ contentRect: { height: 400 } }]);
      }
      unobserve(): void {
        // sizes never change here
      }
      disconnect(): void {
        // as above
      }
    } as unknown as typeof ResizeObserver;
  });
  beforeEach(() => open(document_));

  it("says the median run, its spread, what measuring cost, and how the times add up", () => {
    expect(one(".tsv-profile-facts").textContent).toMatch(
      /^[\d.]+ ms a run \[[\d.]+ ms – [\d.]+ ms\]2 runs1\.0\d × with the profiler99\.\d% of op time on nodestorch 2\.13\.0, cpu, 2 threads/,
    );
    expect(one(".tsv-profile-warnings").textContent).toContain("warning[TSV-T06]");
  });

  it("selects what is clicked in a plot", async () => {
    await vi.waitFor(() => expect(listeners["plotly_click"]).toBeDefined());
    listeners["plotly_click"]!({ points: [{ customdata: 0 }] });
    const graph = currentGraph(store.value)!;
    const [node] = selectedNodes(graph, store.value.place.selection);
    expect(graph.op(node!)).toBe("aten::conv2d");
  });

  it("draws the view that was chosen last, whatever the library took its time with", async () => {
    for (const name of ["Flame graph", "Timeline", "Warm-up"]) tab(name).click();
    await vi.waitFor(() => expect(one(".tsv-plot").dataset["drawn"]).toBe("true"));
    expect(drawn.at(-1)!.map(({ name }) => name)).toEqual([
      ...["warm-up", "measured, without the profiler"],
    ]);
  });

  it("has tabs for a comparison and a sweep where there are any, and opens with the first", () => {
    expect(tab("Compare")).toBeUndefined();
    open(compared);
    expect(tab("Compare").getAttribute("aria-selected")).toBe("true");
    expect(tab("Sweep")).toBeDefined();
    store.dispatch({ type: "reloaded", document: document_ });
    expect(tab("Compare")).toBeUndefined();
    expect(tab("Top").getAttribute("aria-selected")).toBe("true");
    store.dispatch({ type: "reloaded", document: compared });
    expect(tab("Top").getAttribute("aria-selected"), "nobody asked for these").toBe("true");
  });

  it("leads from a difference to its line and its module", async () => {
    open(compared);
    await vi.waitFor(() => expect(listeners["plotly_click"]).toBeDefined());
    listeners["plotly_click"]!({ points: [{ customdata: 0 }] });
    const { file, line } = compared.payload.against!;
    expect(store.value.place.selection).toEqual({ kind: "line", file: file[0], line: line[0] });
  });

  it("asks for a sweep, and says which field holds no number", () => {
    const [sizes, threads] = pane.element.querySelectorAll<HTMLInputElement>("input[type=text]");
    sizes!.value = "1, 16";
    threads!.value = "2 x";
    press(threads!, "Enter");
    expect(kernel.lastRequest("sweep")!["payload"]).toEqual({
      ...{ batch_sizes: [1, 16], threads: [2, 0], runs: 5 },
    });
    expect(kernel.lastRequest("profile")).toBeUndefined();
    store.dispatch({ type: "reloaded", document: compared });
    expect(tab("Sweep").getAttribute("aria-selected")).toBe("true");
  });

  it("goes through a plot by keys", () => {
    const plot = one(".tsv-plot");
    press(plot, "ArrowRight");
    expect(plot.querySelector("[aria-live]")!.textContent).toMatch(/^1 of \d+: aten::conv2d, /);
    press(plot, "Enter");
    expect(store.value.place.selection?.kind).toBe("node");
  });

  it("goes through a table by keys, sorts it, and marks what is selected", () => {
    tab("Table").click();
    const table = one("[role=grid]");
    press(table, "ArrowDown");
    press(table, "Enter");
    expect(one("[role=row][aria-selected=true]").textContent).toContain("aten::conv2d");
    const id = table.getAttribute("aria-activedescendant")!;
    expect(document.getElementById(id)!.textContent).toContain("aten::conv2d");
    const line = [...table.querySelectorAll<HTMLElement>("[role=columnheader] button")][1]!;
    line.click();
    const first = table.querySelector("[role=columnheader][aria-sort]")!;
    expect([first.textContent, first.getAttribute("aria-sort")]).toEqual(["line", "ascending"]);
  });

  it("asks for what was chosen, says how far it is, and keeps what was measured by then", () => {
    const [runs] = pane.element.querySelectorAll<HTMLInputElement>("input");
    runs!.value = "7";
    one("input[type=checkbox]").click();
    press(runs!, "Enter");
    const request = kernel.lastRequest("profile")!;
    expect(request["payload"]).toEqual({ runs: 7, nodes: "all", against: "" });
    kernel.receive({
      ...{ type: "progress", id: request["id"], done: 4, total: 14, text: "measuring" },
    });
    expect(one("[role=status].tsv-faint").textContent).toBe("measuring · 4 of 14 runs");
    one(".tsv-compare-progress button").click();
    expect(kernel.sent.at(-1)).toEqual({ type: "cancel", id: request["id"] });
    expect(store.value.jobs).toHaveLength(1); // its answer is waited for
  });

  it("says why nothing can be measured, and of a saved profile nothing of that", () => {
    open(readDocument("detector"), false);
    expect(one(".tsv-why").textContent).toBe(
      "cannot measure: this is a saved file, no kernel is connected",
    );
    expect(one(".tsv-empty").hidden).toBe(false);
    open(document_, false);
    expect(one("form").hidden).toBe(true);
  });

  it("shows heat in the source's gutter, with what it means", () => {
    const source = owned(new SourcePane(store));
    document.body.append(source.element);
    const line = lineOf("torch.relu(self.norm(self.conv(x)) + x)");
    const cell = source.element.querySelector(`[data-line="${line}"] .tsv-heat-cell`)!;
    expect(cell.textContent).toMatch(/^\d+%$/);
    expect(cell.getAttribute("title")).toMatch(/^CPU time in one run: [\d.]+ ms, \d+% by nodes/);
  });

  it("colours no source that is gone", async () => {
    const [kept, gone] = [owned(new SourcePane(store)), new SourcePane(store)];
    const keywords = (pane: SourcePane) => pane.element.querySelectorAll(".tsv-tk-keyword").length;
    document.body.append(kept.element, gone.element);
    gone.dispose();
    await vi.waitFor(() => expect(keywords(kept)).toBeGreaterThan(0));
    expect(keywords(gone)).toBe(0);
  });
});
