import { Graphviz } from "@hpcc-js/wasm-graphviz";
import { describe, expect, it, vi } from "vitest";

import {
  LayoutClient,
  LayoutSuperseded,
  LayoutTimeout,
  LayoutUnavailable,
  hash,
  type LayoutWorker,
} from "../src/layout/client";
import type { LayoutAnswer, LayoutJob, WorkerScope } from "../src/layout/worker";
import { layoutBy, toDot } from "../src/layout/dot";
import { MOST, deepestOpen, defaultOpen, openToDepth, openToShow } from "../src/layout/fold";
import { layered } from "../src/layout/layered";
import { findStubs, schemaArguments, stubsOf } from "../src/layout/stubs";
import type { LayoutInput, LayoutResult, Rect } from "../src/layout/types";
import { visibleGraph } from "../src/layout/visible";
import { estimate } from "../src/scene/measure";
import { buildScene, draft, layoutInput } from "../src/scene/scene";
import { containerOf, nodeOf, readDocument } from "./fixtures";

const document = readDocument("detector");
const graph = document.graphs[0]!;
const all = openToDepth(graph, "all");
const inputFor = (open: ReadonlySet<number>) =>
  layoutInput(draft(graph, visibleGraph(graph, open), estimate));

describe("the worker", () => {
  it("has drawn a graph before it says that it is ready", async () => {
    const layout = vi.spyOn(Graphviz.prototype, "layout");
    const scope = globalThis as unknown as WorkerScope;
    const answers: LayoutAnswer[] = [];
    let heard: () => void = () => undefined;
    const next = () => new Promise<void>((resolve) => (heard = resolve));
    scope.postMessage = (answer) => {
      answers.push(answer);
      heard();
    };
    const ready = next();
    await import("../src/layout/worker");
    await ready;
    expect(answers).toEqual([{ ready: true }]);
    expect(layout).toHaveBeenCalledOnce();
    const answered = next();
    const input = inputFor(new Set());
    scope.onmessage!({ data: { id: 1, input } } as MessageEvent<LayoutJob>);
    await answered;
    expect(answers[1]).toHaveProperty("result.boxes");
    layout.mockRestore();
  });
});

describe("stubs", () => {
  const stubs = findStubs(graph);

  it("are constants, attributes and lists of those, never what depends on an input", () => {
    for (let node = 0; node < graph.nodeCount; node++) {
      if (stubs[node]) expect([1, 2, 3]).toContain(graph.role(node));
      else if (graph.role(node) === 1) expect.fail("a constant must be a stub");
    }
    expect(stubs[nodeOf(document, "aten::Bool")]).toBe(0);
  });

  it("are named by the schema and left out where they repeat its default", () => {
    const texts = (op: string) => stubsOf(graph, nodeOf(document, op), stubs).map((s) => s.text);
    expect(texts("aten::conv2d")).toEqual(["weight", "bias", "padding [1, 1]"]);
    expect(texts("aten::mean")).toEqual(["dim [2, 3]"]);
    expect(texts("aten::gt")).toEqual(["threshold"]);
    expect(texts("aten::add")).toEqual([]);
  });

  it("read schemas with nested brackets", () => {
    expect(
      schemaArguments("aten::f(Tensor(a!) self, int[2] k=[1, 1], *, str s='x') -> ()"),
    ).toEqual([
      { name: "self", fallback: undefined },
      { name: "k", fallback: "[1, 1]" },
      { name: "s", fallback: "'x'" },
    ]);
  });
});

describe("the folded graph", () => {
  const find = (open: ReadonlySet<number>) => visibleGraph(graph, open);
  const edge = (visible: ReturnType<typeof find>, from: string, to: string) =>
    visible.edges.some((e) => !e.hidden && e.from === from && e.to === to);

  it("is one box a top-level scope when all is folded", () => {
    const visible = find(new Set([0]));
    expect(visible.clusters).toEqual([]);
    expect(visible.boxes.filter((box) => box.kind === "container")).toHaveLength(4);
    expect(visible.boxes.map((box) => box.id)).not.toContain("p0"); // self
    const stem = containerOf(document, "stem");
    expect(edge(visible, "p1", `c${stem}`)).toBe(true);
  });

  it("ends every edge at a box that is drawn, whatever is open", () => {
    for (const open of [new Set([0]), defaultOpen(graph), openToDepth(graph, 2), all]) {
      const visible = find(open);
      const ids = new Set(visible.boxes.map((box) => box.id));
      expect(ids.size).toBe(visible.boxes.length);
      for (const { from, to } of visible.edges) {
        expect(ids).toContain(from);
        expect(ids).toContain(to);
        expect(from).not.toBe(to);
      }
    }
  });

  it("leads the condition into an If and its results out of the branches", () => {
    const visible = find(all);
    const branch = nodeOf(document, "prim::If");
    const [then, otherwise] = graph.blocksOf(branch);
    const container = graph.containerOf(branch);
    expect(edge(visible, `n${nodeOf(document, "aten::Bool")}`, `h${container}`)).toBe(true);
    expect(edge(visible, `r${then}`, "o0")).toBe(true);
    expect(edge(visible, `r${otherwise}`, "o0")).toBe(true);
  });

  it("leads carried values into a Loop by its params and the next ones to its return", () => {
    const visible = find(all);
    const loop = nodeOf(document, "prim::Loop");
    const [body] = graph.blocksOf(loop);
    const carried = graph.params(body!)[1]!;
    expect(edge(visible, `n${nodeOf(document, "aten::argsort")}`, `p${carried}`)).toBe(true);
    expect(visible.boxes.find((box) => box.id === `r${body}`)?.kind).toBe("return");
  });

  it("draws a list that is filled, and its readers after what fills it", () => {
    const filled = readDocument("filled_list");
    const [fill, read] = [nodeOf(filled, "aten::append"), nodeOf(filled, "aten::cat")];
    const list = nodeOf(filled, "prim::ListConstruct");
    const { edges } = visibleGraph(filled.graphs[0]!, openToDepth(filled.graphs[0]!, "all"));
    expect(edges).toContainEqual({ from: `n${fill}`, to: `n${read}`, values: [], hidden: true });
    expect(edges.some((e) => e.from === `n${list}` && e.to === `n${read}` && !e.hidden)).toBe(true);
  });

  it("tells which box stands for a node", () => {
    const sigmoid = nodeOf(document, "aten::sigmoid");
    const conv = nodeOf(document, "aten::conv2d");
    const stem = containerOf(document, "stem");
    const visible = find(new Set([0]));
    expect(visible.nodeBox(sigmoid)).toBe(`n${sigmoid}`);
    expect(visible.nodeBox(conv)).toBe(`c${stem}`);
    expect(visible.nodeBox(graph.producer(graph.inputs(conv)[1]!))).toBe("");
  });
});

describe("folding", () => {
  it("keeps the default view inside its budget", () => {
    expect(visibleGraph(graph, defaultOpen(graph)).boxes.length).toBeLessThanOrEqual(MOST);
  });

  it("folds more where fewer boxes are asked for", () => {
    const few = visibleGraph(graph, defaultOpen(graph, 12)).boxes.length;
    expect(few).toBeLessThan(visibleGraph(graph, defaultOpen(graph)).boxes.length);
    expect(defaultOpen(graph, 1)).toEqual(new Set([0]));
  });

  it("opens all that hides a container", () => {
    const low = graph.home(nodeOf(document, "aten::maximum"));
    const open = openToShow(graph, new Set([0]), low);
    expect(graph.ancestry(low).every((c) => open.has(c))).toBe(true);
    expect(openToShow(graph, open, low)).toBe(open);
  });

  it("folds the deepest first", () => {
    expect(deepestOpen(graph, new Set([0]))).toEqual([]);
    const deepest = deepestOpen(graph, all);
    const depth = graph.depth(deepest[0]!);
    for (const c of all) expect(graph.depth(c)).toBeLessThanOrEqual(depth);
  });
});

function checkPlaces(input: LayoutInput, result: LayoutResult): void {
  const inside = (inner: Rect, outer: Rect) =>
    inner.x >= outer.x - 1 &&
    inner.y >= outer.y - 1 &&
    inner.x + inner.width <= outer.x + outer.width + 1 &&
    inner.y + inner.height <= outer.y + outer.height + 1;
  const whole = { x: 0, y: 0, width: result.width, height: result.height };
  for (const box of input.boxes) {
    const rect = result.boxes[box.id]!;
    expect(Math.abs(rect.width - box.width)).toBeLessThan(1.5);
    expect(inside(rect, box.parent === "" ? whole : result.clusters[box.parent]!)).toBe(true);
  }
  for (const cluster of input.clusters)
    expect(
      inside(
        result.clusters[cluster.id]!,
        cluster.parent === "" ? whole : result.clusters[cluster.parent]!,
      ),
    ).toBe(true);
  const rects = Object.values(result.boxes);
  rects.forEach((a, i) =>
    rects.slice(i + 1).forEach((b) => {
      const apart =
        a.x + a.width <= b.x + 0.5 ||
        b.x + b.width <= a.x + 0.5 ||
        a.y + a.height <= b.y + 0.5 ||
        b.y + b.height <= a.y + 0.5;
      expect(apart).toBe(true);
    }),
  );
  input.edges.forEach((edge, i) => {
    const points = result.edges[i]!;
    if (edge.hidden) expect(points).toEqual([]);
    else expect(points.length % 6).toBe(2);
  });
}

describe("layouts", () => {
  it("by Graphviz put boxes into their clusters and apart", async () => {
    const graphviz = await Graphviz.load();
    const run = (dot: string) => graphviz.layout(dot, "json0" as "json", "dot");
    for (const open of [defaultOpen(graph), all]) {
      const input = inputFor(open);
      const result = layoutBy(run, input);
      checkPlaces(input, result);
      checkPlaces({ ...input, sides: [] }, layoutBy(run, { ...input, sides: [] }));
      expect(input.sides.length).toBeGreaterThan(0);
      for (const [left, right] of input.sides)
        expect(result.clusters[left]!.x).toBeLessThan(result.clusters[right]!.x);
    }
  });

  it("without an engine do so too", () => {
    const input = inputFor(all);
    checkPlaces(input, layered(input));
  });

  it("never contain a label", () => {
    const dot = toDot(inputFor(all));
    expect(dot).not.toMatch(/sigmoid|threshold|Detector/);
    const hostile = readDocument("hostile").graphs[0]!;
    const open = openToDepth(hostile, "all");
    expect(toDot(layoutInput(draft(hostile, visibleGraph(hostile, open), estimate)))).not.toContain(
      "script",
    );
  });

  it("become a scene in which boxes have words", () => {
    const drafts = draft(graph, visibleGraph(graph, all), estimate);
    const scene = buildScene(drafts, layered(layoutInput(drafts)));
    const max = scene.boxes.find((box) => box.id === `n${nodeOf(document, "aten::max")}`)!;
    expect(max.title).toBe("max");
    expect(scene.edges.find((e) => e.to === max.id)!.label).toBe("1×8");
    expect(scene.clusters.map((c) => c.title)).toContain("if score.max() > self.threshold");
  });
});

describe("the layout client", () => {
  const input = (id: string): LayoutInput => ({
    boxes: [{ id, parent: "", width: 10, height: 10, margin: 0 }],
    clusters: [],
    edges: [],
    sides: [],
  });
  const result: LayoutResult = { width: 1, height: 1, boxes: {}, clusters: {}, edges: [] };

  class FakeWorker implements LayoutWorker {
    jobs: { id: number; input: LayoutInput }[] = [];
    terminated = false;
    onmessage: LayoutWorker["onmessage"] = null;
    onerror: LayoutWorker["onerror"] = null;
    postMessage(job: { id: number; input: LayoutInput }): void {
      this.jobs.push(job);
    }
    terminate(): void {
      this.terminated = true;
    }
    answer(): void {
      const { id } = this.jobs.at(-1)!;
      this.onmessage?.({ data: { id, result } } as MessageEvent<LayoutAnswer>);
    }
  }

  const open = async () => {
    const workers: FakeWorker[] = [];
    const client = new LayoutClient(() => {
      const worker = new FakeWorker();
      workers.push(worker);
      return Promise.resolve(worker);
    });
    await Promise.resolve();
    await Promise.resolve();
    return { client, workers };
  };

  it("keeps results, and tells inputs apart", async () => {
    const { client, workers } = await open();
    const first = client.layout(input("a"));
    workers[0]!.answer();
    await expect(first).resolves.toBe(result);
    await expect(client.layout(input("a"))).resolves.toBe(result);
    expect(workers[0]!.jobs).toHaveLength(1);
    expect(client.known(input("b"))).toBeNull();
    expect(hash(input("a"))).not.toBe(hash(input("b")));
  });

  it("runs one job at a time, and of those that wait only the newest", async () => {
    const { client, workers } = await open();
    const first = client.layout(input("a"));
    const second = client.layout(input("b"));
    const third = client.layout(input("c"));
    await expect(second).rejects.toBeInstanceOf(LayoutSuperseded);
    workers[0]!.answer();
    await first;
    expect(workers[0]!.jobs.map((job) => job.input.boxes[0]!.id)).toEqual(["a", "c"]);
    workers[0]!.answer();
    await third;
  });

  it("lets the newest of each view wait", async () => {
    const { client, workers } = await open();
    const [left, right] = [{}, {}];
    const jobs = [client.layout(input("a"), left), client.layout(input("b"), left)];
    jobs.push(client.layout(input("c"), right), client.layout(input("b"), right));
    await expect(jobs[2]).rejects.toBeInstanceOf(LayoutSuperseded);
    for (const job of [jobs[0], jobs[1]]) {
      workers[0]!.answer();
      await job;
    }
    await jobs[3]; // the same as the other view's: it is known by now
    expect(workers[0]!.jobs.map((job) => job.input.boxes[0]!.id)).toEqual(["a", "b"]);
  });

  it("gives up after the limit and starts another worker", async () => {
    vi.useFakeTimers();
    const { client, workers } = await open();
    const slow = client.layout(input("a"));
    vi.advanceTimersByTime(2000);
    await expect(slow).rejects.toBeInstanceOf(LayoutTimeout);
    expect(workers[0]!.terminated).toBe(true);
    expect(workers).toHaveLength(2);
    vi.useRealTimers();
  });

  it("says when no worker can start", async () => {
    const client = new LayoutClient(() => Promise.reject(new Error("blocked")));
    const waiting = client.layout(input("a"));
    await expect(waiting).rejects.toBeInstanceOf(LayoutUnavailable);
    await expect(client.layout(input("a"))).rejects.toBeInstanceOf(LayoutUnavailable);
  });
});
