// @vitest-environment jsdom
import { describe, expect, it, vi } from "vitest";

import { Commands } from "../src/commands";
import { linkedExplorers } from "../src/linking";
import { link } from "../src/linking-explorer";
import type { DocumentModel } from "../src/model";
import { INITIAL } from "../src/state";
import { Store } from "../src/store";
import { LiveTransport } from "../src/transport";
import { TestModel } from "../src/transport/testing";
import { BRANCH, withFindings } from "./findings";
import { nodeOf, readDocument } from "./fixtures";
import { owned } from "./owning";
import { twoSnapshots } from "./recorded";
import { HELD, LINE, ON_LINE, path, steppable } from "./stepped";

const detector = readDocument("detector");
const own = detector.payload.files.findIndex(({ library }) => !library);
const file = detector.payload.files[own]!;

function linked() {
  const store = new Store(INITIAL);
  const kernel = new TestModel();
  const commands = owned(new Commands(store, new LiveTransport(kernel, "0")));
  const unlink = link(document.createElement("div"), { store, commands });
  owned({ dispose: unlink });
  const found = [...linkedExplorers().all].at(-1);
  return { store, kernel, unlink, found: found! };
}

function loaded(document: DocumentModel = detector) {
  const all = linked();
  all.store.dispatch({ type: "loaded", document });
  return all;
}

describe("an explorer that the page sees", () => {
  it("is there until it is disposed, and both are told", () => {
    const told = vi.fn();
    owned({ dispose: linkedExplorers().onChange(told) });
    const { unlink } = linked();
    expect(linkedExplorers().all.size).toBe(1);
    unlink();
    unlink();
    expect(linkedExplorers().all.size).toBe(0);
    expect(told).toHaveBeenCalledTimes(2);
  });

  it("offers nothing before there is a program", () => {
    const { found } = linked();
    expect(found.title()).toBe("");
    expect(found.files()).toEqual([]);
    expect(found.scopes()).toEqual([]);
    expect(found.methods()).toEqual([]);
    expect(found.passes()).toEqual([]);
    expect(found.findings()).toEqual([]);
    expect(found.marks("x.py").counts.size).toBe(0);
    expect(found.markLine("x.py", 1)).toBe(false);
    expect(found.selected()).toBeNull();
  });

  it("gives the text of the user's own files, and how many nodes each line has", () => {
    const { found } = loaded();
    const [first] = found.files();
    expect(first!.path).toBe(file.path);
    expect(first!.text).toBe(detector.source(own).all().join("\n"));
    const { counts } = found.marks(file.path);
    const { lines } = detector.graphs[0]!;
    expect(counts.size).toBeGreaterThan(3);
    for (const [line, count] of counts) {
      const known = lines.count(own, line)!;
      expect(count).toBe(known.direct || known.through);
    }
  });

  it("lists its scopes with what they hold", () => {
    const { found } = loaded();
    const rows = found.scopes();
    const graph = detector.graphs[0]!;
    expect(rows).toHaveLength(graph.containerCount);
    expect(rows[0]).toMatchObject({ depth: 0, detail: `${graph.size(0)} nodes`, isShown: false });
    expect(rows.map(({ text }) => text)).toContain("head");
  });

  it("tells the line of what is selected in it, but not of a line that it was told", () => {
    const { found, store } = loaded();
    const node = nodeOf(detector, "aten::sigmoid");
    store.dispatch({ type: "select", selection: { kind: "node", node } });
    const place = found.selected()!;
    const text = detector.source(own).row(place.line - 1);
    expect(place.path).toBe(file.path);
    expect(text).toContain(".sigmoid()");
    expect(found.markLine(place.path, place.line)).toBe(true);
    expect(store.value.place.selection).toEqual({ kind: "line", file: own, line: place.line });
    expect(found.selected()).toBeNull();
  });

  it("marks no line without nodes", () => {
    const { found, store } = loaded();
    const before = store.value;
    expect(found.markLine(file.path, 1_000_000)).toBe(false);
    expect(store.value).toBe(before);
  });

  it("tells who listens of each change, and no longer when they stop", () => {
    const { found, store } = loaded();
    const told = vi.fn();
    const stop = found.onChange(told);
    told.mockClear();
    found.scopes()[1]!.show();
    expect(store.value.place.selection).toMatchObject({ kind: "container" });
    expect(told).toHaveBeenCalledTimes(1);
    stop();
    found.scopes()[0]!.show();
    expect(told).toHaveBeenCalledTimes(1);
  });
});

describe("marks of lines", () => {
  it("are the same objects while nothing changes them", () => {
    const { found, store } = loaded();
    const before = found.marks(file.path);
    store.dispatch({ type: "select", selection: { kind: "container", container: 1 } });
    expect(found.marks(file.path).counts).toBe(before.counts);
    expect(before.times.size + before.found.size + before.breakpoints.size).toBe(0);
  });

  it("say what each line took once that was measured", () => {
    const { found } = loaded(readDocument("profiled"));
    const times = found.files().flatMap(({ path }) => [...found.marks(path).times.values()]);
    expect(times.length).toBeGreaterThan(0);
    for (const { amount, share, percent, words } of times) {
      expect(amount).toMatch(/^[\d.]+ (ns|µs|ms|s)$/);
      expect(share).toMatch(/%$/);
      expect(percent).toBeGreaterThan(0);
      expect(words).toContain("CPU time in one run");
    }
  });

  it("say what a comparison found, and lead to it", () => {
    const { found, store } = loaded(withFindings);
    const mark = found.marks(file.path).found.get(BRANCH)!;
    expect(mark).toMatchObject({ sign: "▲", status: "proven" });
    expect(mark.words).toContain("the trace always takes that branch");
    found.showFound(file.path, BRANCH);
    expect(store.value).toMatchObject({ drawer: "compare", finding: 1 });
  });

  it("say where breakpoints can stand, where the program can be stepped", () => {
    expect(loaded().found.marks(file.path).breakable.size).toBe(0);
    linkedExplorers().all.forEach((one) => expect(one.reason("debug")).not.toBe(""));
  });
});

describe("a breakpoint by its line", () => {
  const reply = (kernel: TestModel, kind: string, payload: object) => {
    const id = kernel.lastRequest(kind)!["id"];
    kernel.receive({ type: "reply", id, revision: 0, payload, error: null, chunks: 0 });
    return new Promise((resolve) => setTimeout(resolve));
  };
  const asked = (kernel: TestModel) =>
    kernel.lastRequest("debug")!["payload"] as Record<string, unknown>;

  it("has the program begun first, and is set then", async () => {
    const { found, store, kernel } = loaded(steppable());
    expect(found.marks(path).breakable.has(LINE)).toBe(true);
    const done = found.toggleBreakpoint(path, LINE);
    expect(asked(kernel)["verb"]).toBe("start");
    await reply(kernel, "debug", HELD);
    await reply(kernel, "debug_values", { serial: 1, first: 0, total: 0, rows: [] });
    expect(asked(kernel)).toMatchObject({ verb: "break", target: `${path}:${LINE}` });
    await reply(kernel, "debug", { ...HELD, serial: 2, breakpoints: [ON_LINE] });
    expect(await done).toBe("");
    expect(store.value.drawer).toBe("debug");
    const mark = found.marks(path).breakpoints.get(LINE)!;
    expect(mark.isConditional).toBe(true);
    expect(mark.words).toContain("when i > 2");
    void found.toggleBreakpoint(path, LINE);
    expect(asked(kernel)).toMatchObject({ verb: "clear", number: ON_LINE.number });
  });

  it("says why it cannot be set", async () => {
    const { found, store, kernel } = loaded(steppable());
    store.dispatch({
      type: "debug",
      action: { what: "state", state: { ...HELD, status: "running" } },
    });
    const before = kernel.sent.length;
    expect(await found.toggleBreakpoint(path, LINE)).toBe("it runs: pause it first");
    expect(kernel.sent.length).toBe(before);
  });
});

describe("lists of what is in it", () => {
  it("lead to methods and to what passes left", () => {
    const { document, last } = twoSnapshots();
    const { found, store } = loaded(document);
    expect(found.methods().filter(({ isShown }) => isShown)).toHaveLength(1);
    const rows = found.passes();
    expect(rows.map(({ text, detail }) => `${text} ${detail}`.trim())).toEqual([
      "as captured",
      "Change +2 −2 ~1",
    ]);
    rows[1]!.show();
    expect(store.value.place.graph).toBe(last);
    expect(found.passes().map(({ isShown }) => isShown)).toEqual([false, true]);
  });

  it("lead to findings, with their lines", () => {
    const { found, store } = loaded(withFindings);
    const rows = found.findings();
    const branch = rows.find(({ place }) => place?.line === BRANCH)!;
    expect(branch.text).toMatch(/^proven, trace: /);
    branch.show();
    expect(store.value.finding).toBe(1);
  });

  it("lead to breakpoints and watches", () => {
    const { found, store, kernel } = loaded(steppable());
    const watches = [{ text: "y.max()", shown: "0.5" }];
    const held = { ...HELD, breakpoints: [ON_LINE], watches };
    store.dispatch({ type: "debug", action: { what: "state", state: held } });
    const [point] = found.breakpoints();
    expect(point).toMatchObject({ detail: "if i > 2, met 2 times", place: { path, line: LINE } });
    point!.show();
    expect(store.value.drawer).toBe("debug");
    expect(store.value.place.selection).toMatchObject({ kind: "line", line: LINE });
    const [watch] = found.watches();
    expect(watch).toMatchObject({ text: "y.max()", detail: "0.5", place: null });
    watch!.show();
    expect(kernel.lastRequest("debug_detail")!["payload"]).toEqual({ text: "y.max()" });
  });
});

describe("what the page does with it", () => {
  it("opens drawers, or says why not", async () => {
    const { found, store } = loaded();
    expect(found.reason("debug")).not.toBe("");
    const steps = loaded(steppable());
    const other = [...linkedExplorers().all].at(-1)!;
    expect(other.reason("debug")).toBe("");
    await other.act("debug");
    expect(steps.store.value.drawer).toBe("debug");
    expect(store.value.drawer).not.toBe("debug");
  });
});
