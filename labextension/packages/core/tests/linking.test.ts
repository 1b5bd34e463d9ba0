// @vitest-environment jsdom
import { describe, expect, it, vi } from "vitest";

import { link, linkedExplorers } from "../src/linking";
import { INITIAL } from "../src/state";
import { Store } from "../src/store";
import { nodeOf, readDocument } from "./fixtures";
import { owned } from "./owning";

const detector = readDocument("detector");
const own = detector.payload.files.findIndex(({ library }) => !library);
const file = detector.payload.files[own]!;

function linked() {
  const store = new Store(INITIAL);
  const unlink = link(document.createElement("div"), { store });
  owned({ dispose: unlink });
  const [found] = [...linkedExplorers().all];
  return { store, unlink, found: found! };
}

function loaded() {
  const all = linked();
  all.store.dispatch({ type: "loaded", document: detector });
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
    expect(found.outline()).toEqual([]);
    expect(found.findings()).toEqual([]);
    expect(found.counts("x.py").size).toBe(0);
    expect(found.markLine("x.py", 1)).toBe(false);
    expect(found.selected()).toBeNull();
  });

  it("gives the text of the user's own files, and how many nodes each line has", () => {
    const { found } = loaded();
    const [first] = found.files();
    expect(first!.path).toBe(file.path);
    expect(first!.text).toBe(detector.source(own).all().join("\n"));
    const counts = found.counts(file.path);
    const { lines } = detector.graphs[0]!;
    expect(counts.size).toBeGreaterThan(3);
    for (const [line, count] of counts) {
      const known = lines.count(own, line)!;
      expect(count).toBe(known.direct || known.through);
    }
  });

  it("lists its scopes with what they hold", () => {
    const { found } = loaded();
    const rows = found.outline();
    const graph = detector.graphs[0]!;
    expect(rows).toHaveLength(graph.containerCount);
    expect(rows[0]).toMatchObject({ container: 0, depth: 0, nodes: graph.size(0) });
    expect(rows.map(({ label }) => label)).toContain("head");
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
    found.showScope(1);
    expect(store.value.place.selection).toEqual({ kind: "container", container: 1 });
    expect(told).toHaveBeenCalledTimes(1);
    stop();
    found.showScope(0);
    expect(told).toHaveBeenCalledTimes(1);
  });
});
