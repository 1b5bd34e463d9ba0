// @vitest-environment jsdom
import { beforeAll, beforeEach, describe, expect, it } from "vitest";

import { reduce } from "../src/actions";
import { Commands } from "../src/commands";
import { DocumentModel } from "../src/model";
import { PassesPane } from "../src/panes/passes";
import { INITIAL } from "../src/state";
import { currentStep } from "../src/stepping";
import { Store } from "../src/store";
import { LiveTransport } from "../src/transport";
import { TestModel } from "../src/transport/testing";
import { readDocument } from "./fixtures";
import { twoSnapshots } from "./recorded";

const { document: recorded, lost, last } = twoSnapshots();

let store: Store;
let pane: PassesPane;

function open(shown: DocumentModel): void {
  store = new Store(reduce(INITIAL, { type: "loaded", document: shown }));
  pane = new PassesPane(store, new Commands(store, new LiveTransport(new TestModel(), "0")));
  store.dispatch({ type: "drawer", open: true });
}

const all = (selector: string) => [...pane.element.querySelectorAll<HTMLElement>(selector)];
const one = (selector: string) => all(selector)[0]!;
const names = () => all(".tsv-step-name").map((name) => name.textContent);
const field = (label: string) => one(`[aria-label="${label}"]`);

function type(label: string, value: string): void {
  (field(label) as HTMLInputElement).value = value;
  field(label).dispatchEvent(new Event("input", { bubbles: true }));
}

const press = (run: string) => one(`[aria-label="${run}"] .tsv-run-filter`).click();

beforeAll(() => {
  Element.prototype.scrollIntoView = () => undefined;
});

describe("the drawer", () => {
  beforeEach(() => open(recorded));

  it("lists what changed something, folds the rest, and filters", () => {
    expect(names()).toEqual(["as captured", "Change", "Break"]);
    expect(one(".tsv-step-idle").textContent).toBe("… 1 pass changed nothing");
    type("Effect", "failed");
    expect(names()).toEqual(["as captured", "Break"]);
    type("Effect", "");
    press("run 1");
    expect(names()).toEqual(["as captured"]);
    type("Words", "does nothing");
    expect(names()).toEqual(["as captured", "Idle"]);
    press("run 2");
    expect(names()).toEqual(["as captured"]);
    type("Words", "BECAME");
    expect(names()).toEqual(["as captured", "Change"]);
  });

  it("says what each run took and did, and leads to the plan it ran", () => {
    expect(one(".tsv-runs").hidden).toBe(false);
    expect(all(".tsv-run").map((run) => run.textContent)).toEqual([
      "run 1 0.50 s · 1 step ",
      "run 2 0.25 s · 2 steps · 4 parts compiled ⚠ 1 bail-outran the plan of step 1",
      "run 3 0.02 s · nothing compiled ran the plan of step 1",
    ]);
    const bars = all(".tsv-run-bar").map((bar) => bar.style.width);
    expect(bars).toEqual(["100%", "50%", "4%"]);
    const pressed = () => all(".tsv-run-filter").map((run) => run.getAttribute("aria-pressed"));
    press("run 1");
    expect(pressed()).toEqual(["true", "false"]); // of the third there is nothing to be listed
    store.dispatch({ type: "showStep", step: -1 });
    all(".tsv-run .tsv-link")[1]!.click();
    expect(currentStep(store.value)).toBe(1);
    expect(pressed()).toEqual(["false", "false"]);
    press("run 2");
    press("run 2");
    expect(names()).toEqual(["as captured", "Change", "Break"]);
  });

  it("says of a chosen step what is known, and of a failed one why", () => {
    const card = () => one(".tsv-card").textContent;
    expect(currentStep(store.value)).toBe(1); // the largest change
    expect(card()).toContain("`a` became `b`");
    expect(card()).not.toContain("lint");
    all(".tsv-step")[2]!.click();
    expect(currentStep(store.value)).toBe(1); // what it left is what was there
    expect(card()).toContain("failed: RuntimeError: no");
    expect(card()).toContain("1.2 ms");
    expect(one(".tsv-step[aria-selected='true']").dataset["step"]).toBe("2");
    one(".tsv-steps").dispatchEvent(new KeyboardEvent("keydown", { key: "Home" }));
    expect(currentStep(store.value)).toBe(-1);
    expect(one(".tsv-steps").getAttribute("aria-activedescendant")).toBe(one(".tsv-step").id);
  });

  it("marks the steps that touched what is selected, and leads to them", () => {
    store.dispatch({ type: "showStep", step: -1 });
    expect(one(".tsv-answer").textContent).toBe("");
    store.dispatch({ type: "select", selection: { kind: "node", node: lost } });
    expect(one(".tsv-answer").textContent).toBe("1 of 3 passes touched this node");
    expect(all(".tsv-step[aria-description]").map((row) => row.dataset["step"])).toEqual(["1"]);
    const next = field("Next change of the selection");
    next.click();
    expect(currentStep(store.value)).toBe(1);
    expect(next.getAttribute("aria-disabled")).toBe("true");
  });

  it("shows the pins at their steps", () => {
    const pins = () => all(".tsv-step-pins").map((row) => row.textContent);
    store.dispatch({ type: "pin", pin: "a", step: -1 });
    expect(pins()).toEqual(["A", "", ""]);
    one(".tsv-card-pins button:nth-child(2)").click();
    expect(pins()).toEqual(["A", "B", ""]);
    expect(store.value.compare).toBe("graphs");
    expect(one(".tsv-card-pins button:nth-child(2)").textContent).toBe("Unpin B");
  });
});

describe("pipelines", () => {
  it("that cannot be recorded say why, and another is offered", () => {
    const plain = readDocument("detector");
    const reasons = { runtime: "there are no example inputs" };
    const pipelines = ["runtime", "freeze"];
    const capabilities = { ...plain.payload.capabilities, passes: true, pipelines, reasons };
    open(new DocumentModel({ ...plain.payload, capabilities }));
    const select = field("Pipeline") as HTMLSelectElement;
    expect([...select.options].map((option) => option.disabled)).toEqual([true, false]);
    expect(select.value).toBe("freeze");
    expect(one(".tsv-why").textContent).toBe("runtime: there are no example inputs");
  });

  it("without runs have no strip of them", () => {
    const passes = { ...recorded.payload.passes!, runs: [] };
    open(new DocumentModel({ ...recorded.payload, passes }));
    expect(one(".tsv-runs").hidden).toBe(true);
  });

  it("that were recorded stay named where nothing can be", () => {
    open(recorded);
    expect((field("Pipeline") as HTMLSelectElement).value).toBe("own");
    expect(recorded.passes!.graphAfter(2)).toBe(last);
  });
});
