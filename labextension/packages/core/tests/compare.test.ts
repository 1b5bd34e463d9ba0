// @vitest-environment jsdom
import { beforeAll, beforeEach, describe, expect, it } from "vitest";

import { reduce } from "../src/actions";
import { Commands } from "../src/commands";
import { DocumentModel } from "../src/model";
import { ComparePane } from "../src/panes/compare";
import { createJobs } from "../src/panes/overlays";
import { SourcePane } from "../src/panes/source";
import { selectedNodes } from "../src/selectors";
import { INITIAL, currentGraph } from "../src/state";
import { Disposables, Store } from "../src/store";
import { LiveTransport, StaticTransport, type Transport } from "../src/transport";
import { TestModel } from "../src/transport/testing";
import { BRANCH, COMPARISON, LOOP, placeAt, withFindings, without } from "./findings";
import { owned } from "./owning";

let store: Store;
let pane: ComparePane;
let kernel: TestModel;
let commands: Commands;

function open(shown: DocumentModel, transport?: Transport): void {
  kernel = new TestModel();
  store = new Store(reduce(INITIAL, { type: "loaded", document: shown }));
  commands = owned(new Commands(store, transport ?? new LiveTransport(kernel, "0")));
  pane = owned(new ComparePane(store, commands));
  document.body.replaceChildren(pane.element);
  store.dispatch({ type: "drawer", drawer: "compare" });
}

const all = (selector: string) => [...pane.element.querySelectorAll<HTMLElement>(selector)];
const one = (selector: string) => all(selector)[0]!;
const text = (selector: string) => one(selector).textContent;
const field = (label: string) => one(`[aria-label="${label}"]`) as HTMLTextAreaElement;
const press = (target: HTMLElement, key: string) =>
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
const search = () => all(".tsv-primary")[0]!;
const chosen = () => all("[aria-selected='true'].tsv-finding").map((row) => row.dataset["finding"]);
const settled = () => new Promise((resolve) => setTimeout(resolve));

function reply(kind: string, payload: object): void {
  const id = kernel.lastRequest(kind)!["id"];
  kernel.receive({ type: "reply", id, revision: 0, payload, error: null, chunks: 0 });
}

const progress = (said: string, done: number, total: number) =>
  kernel.receive({
    ...{ type: "progress", id: kernel.lastRequest("compare")!["id"] },
    ...{ text: said, done, total },
  });

beforeAll(() => {
  globalThis.requestAnimationFrame = () => 0; // nothing is done with the next picture
  Element.prototype.scrollIntoView = () => undefined;
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

describe("a search", () => {
  beforeEach(() => open(without));

  it("is offered the inputs that count, and leaves what was edited", async () => {
    const domain = field("inputs that count");
    expect(domain.value).toBe("");
    reply("domain", { text: "{'x': {}}" });
    await settled();
    expect(domain.value).toBe("{'x': {}}");
    domain.value = "{'x': {'range': (0, 1)}}";
    store.dispatch({ type: "domain", text: "{}" });
    expect(domain.value).toBe("{'x': {'range': (0, 1)}}");
  });

  it("asks for what was chosen", () => {
    field("inputs that count").value = "{}";
    one("input[value='script']").click();
    one("input[value='freeze']").click();
    const [tries, seconds] = all("input[type='number']") as HTMLInputElement[];
    tries!.value = "7";
    seconds!.value = "";
    press(tries!, "Enter");
    expect(kernel.lastRequest("compare")!["payload"]).toEqual({
      variants: ["trace", "freeze"],
      domain: "{}",
      tries: 7,
      seconds: 0,
    });
  });

  it("says how far it is, and is ended twice: what was found by then is waited for", async () => {
    search().click();
    const bar = one("progress");
    progress("searching for inputs on which it differs", 0, 0);
    expect(text(".tsv-compare-progress span")).toBe("searching for inputs on which it differs");
    expect(bar.hasAttribute("value")).toBe(false);
    progress("trace: 1 found", 31, 160);
    expect(text(".tsv-compare-progress span")).toBe("trace: 1 found · 31 of 160 inputs tried");
    expect([bar.getAttribute("value"), bar.getAttribute("max")]).toEqual(["31", "160"]);
    expect(one(".tsv-compare-fields").hidden).toBe(true);
    const cancel = one(".tsv-compare-progress button");
    expect(cancel.textContent).toBe("Cancel");
    cancel.click();
    expect(kernel.sent.at(-1)).toEqual({
      type: "cancel",
      id: kernel.lastRequest("compare")!["id"],
    });
    expect(text(".tsv-compare-progress span")).toContain("Ending, and showing what was found.");
    expect(cancel.textContent).toBe("Stop now");
    cancel.click();
    expect(kernel.sent.filter(({ type }) => type === "cancel")).toHaveLength(2);
    reply("compare", { comparison: { ...COMPARISON, is_interrupted: true }, files: [] });
    await settled();
    expect(one(".tsv-compare-progress").hidden).toBe(true);
    expect(text(".tsv-drawer-head .tsv-faint")).toBe(
      "2 proven, 1 possible, 1 harmless · cancelled: what was found by then",
    );
    expect(store.value.document!.payload.comparison).not.toBeNull();
  });

  it("that has not begun is forgotten at once", async () => {
    search().click();
    commands.cancel({ ...store.value.jobs.find(({ kind }) => kind === "compare")!, waiting: true });
    await settled();
    expect(store.value.jobs.filter(({ kind }) => kind === "compare")).toEqual([]);
    expect(text(".tsv-failure")).toBe("cancelled");
  });

  it("that fails says why, and stays with what was found before", async () => {
    store.dispatch({ type: "compared", found: { comparison: COMPARISON, files: [] } });
    search().click();
    kernel.receive({
      ...{ type: "reply", id: kernel.lastRequest("compare")!["id"], revision: 0, payload: null },
      error: {
        ...{ code: "TSV-V21", severity: "error", message: "expected a literal", file: -1 },
        ...{ line: -1, notes: ["Python says: no"], help: "write {}" },
      },
      chunks: 0,
    });
    await settled();
    expect(one(".tsv-failure").getAttribute("role")).toBe("alert");
    expect(text(".tsv-failure")).toBe("TSV-V21: expected a literalPython says: nohelp: write {}");
    expect(all(".tsv-finding")).toHaveLength(4);
    search().click();
    expect(one(".tsv-failure").hidden).toBe(true);
  });

  it("shows itself among the jobs only where its drawer is closed", () => {
    const jobs = createJobs(store, commands, new Disposables());
    search().click();
    progress("trace: 0 found", 1, 80);
    expect(jobs.textContent).toBe("");
    store.dispatch({ type: "drawer", drawer: null });
    expect(jobs.textContent).toBe("comparing: trace: 0 found 1/80Cancel");
    jobs.querySelector("button")!.click();
    expect(kernel.sent.at(-1)!["type"]).toBe("cancel");
    expect(store.value.jobs).not.toEqual([]);
  });

  it("brings files that no node points at", () => {
    const [file] = without.payload.files;
    const further = { ...file!, path: "/elsewhere/helper.py", title: "helper.py" };
    const files = [{ ...file!, title: "known already" }, further];
    store.dispatch({ type: "compared", found: { comparison: COMPARISON, files } });
    const titles = store.value.document!.payload.files.map(({ title }) => title);
    expect(titles).toEqual([...without.payload.files.map(({ title }) => title), "helper.py"]);
    store.dispatch({ type: "finding", finding: 0 });
    expect(store.value.place.selection).toEqual({
      kind: "line",
      file: titles.length - 1,
      line: 2,
    });
  });
});

describe("without a kernel", () => {
  it("the controls say why, and what was found is shown", () => {
    open(withFindings, new StaticTransport());
    const reason = "this is a saved file, no kernel is connected";
    expect(search().getAttribute("aria-disabled")).toBe("true");
    expect(search().title).toBe(reason);
    expect(text(".tsv-why")).toBe(`cannot search: ${reason}`);
    expect(field("inputs that count").disabled).toBe(true);
    expect(field("inputs that count").value).toBe(COMPARISON.domain);
    expect(all(".tsv-finding")).toHaveLength(4);
  });

  it("that went they say so", () => {
    open(without);
    kernel.emit("comm:close");
    expect(text(".tsv-why")).toContain("the kernel has gone");
  });

  it("a program that cannot be compared says why, and nothing is asked", () => {
    const { payload } = without;
    const capabilities = { ...payload.capabilities, compare: false, reasons: { compare: "no" } };
    open(new DocumentModel({ ...payload, capabilities }));
    expect(text(".tsv-why")).toBe("cannot search: no");
    expect(kernel.lastRequest("domain")).toBeUndefined();
  });
});

describe("the findings", () => {
  beforeEach(() => open(withFindings));

  it("come proven first, the harmless folded", () => {
    expect(all(".tsv-finding .tsv-status").map((row) => row.textContent)).toEqual([
      "▲ proven",
      "▲ proven",
      "△ possible",
      "· harmless",
    ]);
    const [shown, harmless] = all("[role='listbox']");
    expect(shown!.querySelectorAll("[role='option']")).toHaveLength(3);
    expect(harmless!.hidden).toBe(true);
    one(".tsv-finding-fold").click();
    expect(harmless!.hidden).toBe(false);
    expect(all(".tsv-compared").map((row) => row.textContent)).toEqual([
      "trace80 inputs tried; 2 proven, 1 possible, 1 harmless",
      "scriptnot madewhy it could not be madeerror[TSV-C01]: no",
    ]);
  });

  it("lead to their line and its nodes, by pointer", () => {
    all(".tsv-finding")[1]!.click();
    const { selection } = store.value.place;
    expect(selection).toEqual({ kind: "line", file: 0, line: BRANCH });
    const graph = currentGraph(store.value)!;
    const ops = selectedNodes(graph, selection).map((node) => graph.op(node));
    expect(ops).toContain("prim::If");
    expect(chosen()).toEqual(["1"]);
    const card = text(".tsv-card");
    expect(card).toContain("so" + COMPARISON.findings[1]!.consequence);
    expect(card).toContain("on the inputx = torch.zeros(1)");
    expect(card).toContain("Python givestensor([0.])");
    expect(card).toContain("trace givestensor([1.])");
    expect(one(".tsv-card details").hasAttribute("open")).toBe(false);
    expect(text(".tsv-card .tsv-script")).toBe("import torch\n");
    const links = all(".tsv-card .tsv-link");
    links[1]!.click(); // with it
    expect(store.value.place.selection).toMatchObject({ line: LOOP });
  });

  it("and by keys, of which none is the explorer's", () => {
    const heard: string[] = [];
    document.body.addEventListener("keydown", (event) => heard.push(event.key));
    const rows = all(".tsv-finding");
    expect(rows.map((row) => row.tabIndex)).toEqual([0, -1, -1, -1]);
    rows[0]!.focus();
    const focused = () => document.activeElement as HTMLElement;
    press(focused(), "ArrowDown");
    expect(focused()).toBe(rows[1]);
    expect(chosen()).toEqual([]);
    press(focused(), "End"); // not one that is folded
    expect(focused()).toBe(rows[2]);
    expect(rows.map((row) => row.tabIndex)).toEqual([-1, -1, 0, -1]);
    press(focused(), "Enter");
    expect(chosen()).toEqual(["2"]);
    expect(heard).toEqual([]);
    press(focused(), "x");
    expect(heard).toEqual(["x"]);
  });

  it("say why they are not proven, and unfold where a harmless one is chosen elsewhere", () => {
    store.dispatch({ type: "finding", finding: 2 });
    expect(text(".tsv-card")).toContain("not provennone of 80 inputs changes it");
    expect(all(".tsv-card .tsv-script")).toEqual([]);
    store.dispatch({ type: "finding", finding: 3 });
    expect(all("[role='listbox']")[1]!.hidden).toBe(false);
    expect(text(".tsv-card")).not.toContain("on the input");
  });

  it("stand beside where Python can go more than one way", () => {
    all("[role='tab']")[1]!.click();
    const rows = all("tbody tr");
    expect(rows.map((row) => row.textContent)).toEqual([
      `detector.py:${BRANCH}ifscore.max() > self.thresholdTruealways True2 ▲ proven`,
      `detector.py:${LOOP}forrange(order.numel())not reachednothing`,
    ]);
    press(rows[1]!, "Enter");
    expect(store.value.place.selection).toMatchObject({ line: LOOP });
    expect(text(".tsv-card")).toContain("nothing was found about it");
    for (let times = 0; times < 2; times++) {
      rows[0]!.click();
      expect(chosen()).toEqual([]);
      store.dispatch({ type: "finding", finding: 1 }); // in the source
      expect(chosen()).toEqual(["1"]);
    }
    rows[0]!.click();
    one(".tsv-card .tsv-link").click();
    expect(chosen()).toEqual(["1"]);
    expect(all("[role='tab']")[0]!.getAttribute("aria-selected")).toBe("true");
  });

  it("of a place that is not here are shown all the same", () => {
    const before = store.value.place;
    store.dispatch({ type: "finding", finding: 0 });
    expect(text(".tsv-card")).toContain("elsewhere");
    expect(store.value.place).toBe(before);
    store.dispatch({ type: "place", place: placeAt(1, 7) });
    expect(store.value.place).toBe(before);
  });
});

describe("the source", () => {
  it("marks the lines of findings, with their words", () => {
    const { findings } = reduce(INITIAL, { type: "loaded", document: withFindings });
    const marks = findings!.marks(0);
    expect([...marks.keys()].sort((a, b) => a - b)).toEqual([BRANCH, LOOP].sort((a, b) => a - b));
    expect(marks.get(BRANCH)).toMatchObject({ finding: 1, status: "proven" });
    expect(marks.get(LOOP)!.words.split("\n")).toEqual([
      "proven, trace: `c` was True for your input; the trace always takes that branch",
      "possible, trace: `c` was True for your input; the trace always takes that branch",
      "harmless, trace: does no harm",
    ]);
  });

  it("has a legend where there are such", () => {
    open(withFindings);
    const source = owned(new SourcePane(store));
    expect(source.element.querySelector(".tsv-source-legend")!.textContent).toBe(
      "found by the comparison: ▲ proven  △ possible  · harmless",
    );
    open(without);
    const plain = owned(new SourcePane(store));
    expect(plain.element.querySelector<HTMLElement>(".tsv-source-legend")!.hidden).toBe(true);
  });
});
