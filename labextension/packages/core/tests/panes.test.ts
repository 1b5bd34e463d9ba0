// @vitest-environment jsdom
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Tree } from "@lezer/common";

import { reduce } from "../src/actions";
import { INITIAL, type Selection } from "../src/state";
import { Commands } from "../src/commands";
import { mountExplorer, type Explorer } from "../src/app";
import { neighbour } from "../src/keyboard";
import type { Plots } from "../src/plots/library";
import type { LayoutWorker } from "../src/layout/client";
import { openToDepth } from "../src/layout/fold";
import { layered } from "../src/layout/layered";
import { visibleGraph } from "../src/layout/visible";
import { MOST_ITEMS, createAccessibleTree } from "../src/panes/accessible-tree";
import { parsePython, tokeniseIr, tokenisePython, tokensIn } from "../src/panes/highlight";
import { EMPTY_SCENE, buildScene, draft, layoutInput } from "../src/scene/scene";
import { estimate } from "../src/scene/measure";
import { bring, fit, hitTest, hold, zoomAt } from "../src/scene/view";
import { shortBytes, shortNumber, shortShape, shorten } from "../src/scene/words";
import { search } from "../src/search";
import { emphasisOf, reachable } from "../src/selectors";
import { Store } from "../src/store";
import { LiveTransport, StaticTransport } from "../src/transport";
import { TestModel } from "../src/transport/testing";
import { containerOf, nodeOf, readDocument, readFixture } from "./fixtures";
import { owned } from "./owning";

const detector = readDocument("detector");
const graph = detector.graphs[0]!;
const visible = visibleGraph(graph, openToDepth(graph, "all"));
const drafts = draft(graph, visible, estimate);
const scene = buildScene(drafts, layered(layoutInput(drafts)));
const size = { width: 800, height: 600 };

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
});

describe("the view", () => {
  it("zooms around a point and stays inside its limits", () => {
    const view = { x: 10, y: 20, scale: 1 };
    const zoomed = zoomAt(view, 2, 110, 120);
    expect((110 - zoomed.x) / zoomed.scale).toBeCloseTo(100);
    expect(zoomAt(view, 1e9, 0, 0).scale).toBe(4);
  });

  it("fits all, and brings what is outside", () => {
    const view = fit(scene, size);
    for (const box of scene.boxes) expect(bring(view, box, size, 0)).toBe(view);
    const far = { x: 9000, y: 0, width: 10, height: 10 };
    expect(bring({ x: 0, y: 100, scale: 1 }, far, size).x).toBeLessThan(-8000);
  });

  it("holds what is seen when the picture changes around it", () => {
    const shift = (by: number) => ({
      ...scene,
      boxes: scene.boxes.map((box) => ({ ...box, x: box.x + by, y: box.y + 2 * by })),
    });
    const [chosen, other] = [scene.boxes[1]!, scene.boxes[2]!];
    const view = { x: 40 - chosen.x, y: 40 - chosen.y, scale: 1 };
    const moved = { x: view.x - 100, y: view.y - 200, scale: 1 };
    expect(hold(view, scene, shift(100), size, chosen.id)).toEqual(moved);
    const without = { ...shift(100), boxes: shift(100).boxes.filter((b) => b.id === other.id) };
    expect(hold(view, scene, { ...without, clusters: [] }, size, chosen.id)).toEqual(moved);
    expect(hold(view, scene, EMPTY_SCENE, size, chosen.id)).toBeNull();
  });

  it("finds the box, the inner cluster or the stub under a point", () => {
    const box = scene.boxes.find((b) => b.id === `n${nodeOf(detector, "aten::gt")}`)!;
    expect(hitTest(scene, box.x + 5, box.y + 5)).toMatchObject({
      kind: "box",
      box: { id: box.id },
    });
    expect(hitTest(scene, box.x - 12, box.y + box.stubs[0]!.y)).toMatchObject({ kind: "stub" });
    const then = scene.clusters.find((c) => c.title === "then")!;
    expect(hitTest(scene, then.x + 3, then.y + 3)).toMatchObject({
      kind: "cluster",
      cluster: { id: then.id },
      chevron: true,
    });
    expect(hitTest(scene, -50, -50)).toBeNull();
  });
});

describe("selectors", () => {
  it("follow all inputs, through If and Loop, and all outputs", () => {
    const output = nodeOf(detector, "prim::If");
    const inputs = reachable(graph, [output], "inputs");
    expect(inputs).toContain(nodeOf(detector, "aten::conv2d"));
    expect(inputs).toContain(nodeOf(detector, "aten::maximum"));
    const outputs = reachable(graph, [nodeOf(detector, "aten::maximum")], "outputs");
    expect(outputs).toContain(output);
    expect(outputs).not.toContain(nodeOf(detector, "aten::conv2d"));
  });

  it("set off identical scopes of a selected one", () => {
    const state = reduce(INITIAL, { type: "loaded", document: detector });
    const select = (selection: Selection) => reduce(state, { type: "select", selection });
    const block = containerOf(detector, "0");
    const emphasis = emphasisOf(
      select({ kind: "container", container: block }),
      null,
      visible,
      scene,
    );
    expect(emphasis.selected).toContain(`c${block}`);
    expect(emphasis.alike.size).toBe(3);
  });
});

describe("search", () => {
  const titles = (query: string) => search(graph, query).matches.map((m) => `${m.kind} ${m.title}`);

  it("finds ops, values, scopes, lines and patterns", () => {
    expect(titles("sigmoid")).toEqual(["op aten::sigmoid"]);
    expect(titles("%score")).toContain("value %score");
    expect(titles("blocks.2.norm")).toEqual(["scope blocks.2.norm"]);
    expect(titles("detector.py:29")[0]).toBe("line detector.py:29");
    expect(titles("/^aten::m(ax|ean)$/")).toEqual(["op aten::mean", "op aten::max"]);
  });

  it("says what is wrong with a pattern, and finds nothing quietly", () => {
    expect(search(graph, "/(/").error).toMatch(/Invalid regular expression/);
    expect(search(graph, "nothing like this")).toMatchObject({ total: 0, error: "" });
  });
});

describe("keys", () => {
  it("walk along def and use, over constants", () => {
    const at = (op: string): Selection => ({ kind: "node", node: nodeOf(detector, op) });
    expect(graph.op(neighbour(graph, at("aten::max"), "ArrowUp"))).toBe("aten::sigmoid");
    expect(graph.op(neighbour(graph, at("aten::max"), "ArrowDown"))).toBe("aten::gt");
    expect(graph.op(neighbour(graph, at("aten::max"), "ArrowRight"))).toBe("aten::gt");
    expect(neighbour(graph, null, "ArrowDown")).toBeGreaterThanOrEqual(0);
  });
});

describe("words", () => {
  it("are short and still tell what they are", () => {
    expect(shortShape("f32[1, 3, 64, 64]")).toBe("1×3×64×64");
    expect(shortShape("i64[]")).toBe("i64 scalar");
    expect(shortNumber(18_874_368)).toBe("18.9 M");
    expect([512, 1792, 1010 * 1024, 1023.6 * 1024, 102_541_312].map(shortBytes)).toEqual([
      "512 B",
      "1.8 KiB",
      "1.0 MiB",
      "1.0 MiB",
      "97.8 MiB",
    ]);
    expect(shorten("abcdefghij", 7)).toBe("abcd…ij");
  });

  it("have colours by what they are", async () => {
    const lines = ["def f(x):", '    """One', '    of two."""', "    return 1  # one"];
    const starts = lines.map((_, i) => lines.slice(0, i).join("\n").length + Math.min(i, 1));
    const tree = await new Promise<Tree>((resolve) =>
      parsePython(lines.join("\n"), () => true, resolve),
    );
    const seen = lines.map((line, i) =>
      tokensIn(tree, starts[i]!, starts[i]! + line.length).map(
        ({ name, from, to }) => `${name} ${line.slice(from, to)}`,
      ),
    );
    expect(seen).toEqual([
      ["keyword def", "function f"],
      ['literal """One'],
      ['literal     of two."""'],
      ["keyword return", "literal 1", "comment # one"],
    ]);
    expect(tokenisePython("return 1").map((t) => t.name)).toEqual(["keyword", "literal"]);
    expect(tokeniseIr('%1 : int = prim::Constant[value="a%b"]()').map((t) => t.name)).toEqual([
      "value",
      "function",
      "literal",
    ]);
  });
});

describe("the explorer", () => {
  const noPlots = () => Promise.reject<Plots>(new Error("none here"));
  const noWorker = (): Promise<LayoutWorker> => Promise.reject(new Error("no worker in this test"));
  let explorer: Explorer;
  let host: HTMLElement;

  beforeEach(() => {
    host = document.createElement("div");
    document.body.replaceChildren(host);
    explorer = mountExplorer(host, {
      transport: new StaticTransport(),
      startWorker: noWorker,
      loadPlots: noPlots,
    });
  });
  const show = async (name: string) => {
    const { document: payload, blob } = readFixture(name);
    explorer.commands.show(payload, blob);
    await vi.waitFor(() => expect(root().dataset["tsvizReady"]).toBe("true"));
  };
  const root = () => host.querySelector<HTMLElement>(".tsv")!;

  it("draws, selects from the tree, and marks line and text", async () => {
    await show("detector");
    expect(root().dataset["tsvizReady"]).toBe("true");
    host.querySelector<HTMLElement>('[role="treeitem"][aria-label="aten::max"]')!.click();
    const { selection } = explorer.store.value.place;
    expect(selection).toEqual({ kind: "node", node: nodeOf(detector, "aten::max") });
    expect(host.querySelector(".tsv-right h3")!.textContent).toBe("aten::max");
    expect(host.querySelector(".tsv-right")!.textContent).toContain("detector.py:30forward");
  });

  it("shows hostile names as text only", async () => {
    await show("hostile");
    explorer.store.dispatch({ type: "select", selection: { kind: "node", node: 0 } });
    expect(host.querySelector("script, img")).toBeNull();
    expect(host.textContent).toContain("<script>document.title='owned'</script>");
  });

  it("says that a graph is empty", async () => {
    await show("empty");
    expect(explorer.store.value.status.kind).toBe("ready");
    expect(host.querySelector(".tsv-right")!.textContent).toContain("Identity");
  });

  it("shows what is wrong with damaged data and with another version", () => {
    explorer.commands.show({ schema: 1 }, new Uint8Array());
    expect(host.querySelector('[role="alert"]')!.textContent).toContain(
      "document.title: expected a string, got nothing",
    );
    explorer.commands.show({ schema: 9 }, new Uint8Array());
    expect(host.querySelector('[role="alert"]')!.textContent).toContain("different versions");
  });

  it("gives the reason of a disabled control", async () => {
    await show("detector");
    const save = [...host.querySelectorAll("button")].find((b) => b.textContent === "Save HTML")!;
    expect(save.getAttribute("aria-disabled")).toBe("true");
    expect(save.title).toBe("this is a saved file, no kernel is connected");
  });

  it("keeps its keys to itself and does not act while one types", async () => {
    await show("detector");
    const outside = vi.fn();
    document.body.addEventListener("keydown", outside);
    const press = (target: Element, key: string) =>
      target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    for (const key of ["d", "d", "x", "0", "0", "?"]) press(root(), key);
    expect(outside).not.toHaveBeenCalled();
    expect(explorer.store.value.help).toBe(true);
    press(root(), "Escape");
    press(host.querySelector("input")!, "?");
    expect(explorer.store.value.help).toBe(false);
  });

  it("gives the focus back when the help is closed", async () => {
    await show("detector");
    const stage = host.querySelector<HTMLElement>(".tsv-stage")!;
    stage.focus();
    explorer.store.dispatch({ type: "help", open: true });
    expect(document.activeElement!.textContent).toBe("Close");
    explorer.store.dispatch({ type: "help", open: false });
    expect(document.activeElement).toBe(stage);
  });

  it("says where shapes are from, and in a file without any how to get them", async () => {
    await show("detector");
    const details = () => host.querySelector(".tsv-right")!.textContent;
    expect(details()).toContain("from one run with the example inputs");
    await show("filled_list");
    expect(details()).toContain("capture it with example inputs");
    expect(details()).not.toContain("Run once");
  });

  it("holds part of a large picture in the tree, and leads to the rest", () => {
    const tree = createAccessibleTree(explorer.store);
    const many = Array.from({ length: 1000 }, (_, i) => ({ ...visible.boxes[0]!, id: `n${i}` }));
    const boxes = many.map((box, index) => ({ ...box, kind: "op" as const, parent: 0, index }));
    tree.update({ graph, open: new Set([0]), visible: { ...visible, clusters: [], boxes }, scene });
    const rows = () => [...tree.element.children].map((row) => row.getAttribute("aria-label"));
    expect(rows()).toHaveLength(MOST_ITEMS + 1);
    expect(rows().at(-1)).toBe("600 boxes after these: show them");
    (tree.element.lastElementChild as HTMLElement).click();
    expect(rows()[0]).toBe("400 boxes before these: show them");
    expect(rows().at(-1)).toBe("200 boxes after these: show them");
    tree.dispose();
  });

  it("leaves nothing behind", () => {
    explorer.dispose();
    expect(host.childNodes).toHaveLength(0);
  });
});

describe("a busy kernel", () => {
  it("is waited for visibly, and the wait can be cancelled", () => {
    vi.useFakeTimers();
    const model = new TestModel();
    const store = new Store(INITIAL);
    const commands = owned(new Commands(store, new LiveTransport(model, "0")));
    void commands.weight("w");
    expect(store.value.jobs[0]).toMatchObject({ kind: "weight", waiting: false });
    vi.advanceTimersByTime(310);
    expect(store.value.jobs[0]!.waiting).toBe(true);
    commands.transport.cancel(store.value.jobs[0]!.id);
    expect(store.value.jobs).toEqual([]);
    vi.useRealTimers();
  });

  it("that dies disables what needs it", () => {
    const model = new TestModel();
    const store = new Store(INITIAL);
    const commands = owned(new Commands(store, new LiveTransport(model, "0")));
    store.dispatch({ type: "loaded", document: detector });
    expect(commands.reason("observe")).toBe("");
    model.emit("comm:close");
    expect(commands.reason("observe")).toContain("the kernel has gone");
  });
});
