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
import { twoSnapshots, withParts } from "./recorded";
import { owned } from "./owning";

const { document: recorded, lost, last } = twoSnapshots();

let store: Store;
let pane: PassesPane;

function open(shown: DocumentModel): void {
  store = new Store(reduce(INITIAL, { type: "loaded", document: shown }));
  const commands = owned(new Commands(store, new LiveTransport(new TestModel(), "0")));
  pane = owned(new PassesPane(store, commands));
  store.dispatch({ type: "drawer", drawer: "passes" });
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

describe("parts in the drawer", () => {
  const { document: partial } = withParts();
  beforeEach(() => open(partial));
  const row = (step: number) => one(`.tsv-step[data-step="${step}"]`);
  const expanded = () => all(".tsv-part").map((part) => part.getAttribute("aria-expanded"));
  const key = (name: string) =>
    one(".tsv-steps").dispatchEvent(new KeyboardEvent("keydown", { key: name }));

  it("stand folded under the step of the program before them", () => {
    expect(names()).toEqual(["as captured", "Change", "part 1", "part 2", "part 3", "Break"]);
    expect(all(".tsv-part .tsv-step-words").map((words) => words.textContent)).toEqual([
      "differentiable group · 3 steps, 1 changed something",
      "backward graph · 1 step, 1 changed something",
      "fallback · 1 step, 1 changed something · taken from part 1 · graphs not here",
    ]);
    expect(one(".tsv-drawer-head .tsv-faint:not(.tsv-why)").textContent).toBe(
      "3 steps, 1 changed something · 3 parts compiled by themselves: 5 steps, 3 changed something",
    );
  });

  it("unfold where they are chosen, by pointer and by keys", () => {
    row(-2).click();
    expect(currentStep(store.value)).toBe(-2);
    expect(expanded()).toEqual(["true", "false", "false"]);
    expect(names().slice(2, 5)).toEqual(["part 1", "Fuse", "part 2"]);
    expect(one(".tsv-card").textContent).toContain("Compiled by itself after Change (step 1).");
    key("ArrowDown");
    expect(currentStep(store.value)).toBe(3);
    expect(one(".tsv-card").textContent).toContain("step 3, 2 of 3 of part 1");
    key("ArrowLeft");
    expect(currentStep(store.value)).toBe(-2);
    key("ArrowLeft");
    expect(expanded()).toEqual(["false", "false", "false"]);
    key("Enter");
    expect(expanded()).toEqual(["true", "false", "false"]);
    row(-2).click();
    expect(expanded()).toEqual(["false", "false", "false"]);
    store.dispatch({ type: "showStep", step: 7 }); // from elsewhere
    expect(expanded()).toEqual(["false", "true", "false"]);
    one(".tsv-part .tsv-fold").click();
    expect(expanded()).toEqual(["true", "true", "false"]);
    expect(currentStep(store.value)).toBe(7);
  });

  it("say where their graphs are, if not here", () => {
    const shown = store.value.place.graph;
    row(-4).click();
    expect(row(-4).getAttribute("aria-selected")).toBe("true");
    expect(one(".tsv-card").textContent).toContain("In Python: trace[5].before");
    row(5).click();
    expect(one(".tsv-card").textContent).toContain("In Python: trace[5].after");
    expect(all(".tsv-card-pins")).toEqual([]);
    expect(store.value.place.graph).toBe(shown);
    store.dispatch({ type: "nextStep", direction: -1 });
    expect(row(-1).getAttribute("aria-selected")).toBe("true");
  });

  it("are filtered by, and by run, with how many steps that leaves", () => {
    type("Part", "1");
    expect(names()).toEqual(["as captured", "part 1", "Fuse"]);
    type("Part", "0");
    expect(names()).toEqual(["as captured", "Change", "Break"]);
    type("Part", "");
    press("run 2");
    expect(names()).toEqual(["as captured", "Change", "part 1", "Fuse", "Break"]);
    expect(one(".tsv-part .tsv-step-words").textContent).toContain("2 of 3 steps match");
  });

  it("are marked where one of their steps touched what is selected", () => {
    const { edited } = withParts();
    store.dispatch({ type: "showStep", step: -1 });
    store.dispatch({ type: "select", selection: { kind: "node", node: edited } });
    expect(one(".tsv-answer").textContent).toBe("at least 4 of 8 passes touched this node");
    const marked = all(".tsv-part").map((part) => part.querySelector(".tsv-step-touch")!);
    expect(marked.map((mark) => mark.textContent)).toEqual(["●", "●", "●"]);
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
