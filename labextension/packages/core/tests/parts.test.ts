import { describe, expect, it } from "vitest";
import { reduce } from "../src/actions";
import { INITIAL } from "../src/state";
import { compareSnapshots, stepsTouchingLine, stepsTouchingNodes } from "../src/model";
import {
  absenceOf,
  baseGraph,
  currentStep,
  nextTouch,
  snapshotName,
  whyAlone,
} from "../src/stepping";
import { withParts } from "./recorded";

const [COPY, FUSE, BREAK, CUT, LATER, DIFFERENTIATE] = [2, 3, 4, 5, 6, 7] as const;
const [GROUP, BACKWARD, UNSENT] = [-2, -3, -4] as const;

const { document, edited, last, own } = withParts();
const passes = document.passes!;
const start = () => {
  const loaded = reduce(INITIAL, { type: "loaded", document });
  return reduce(loaded, { type: "select", selection: { kind: "node", node: edited } });
};
const at = (step: number, state = start()) => reduce(state, { type: "showStep", step });

describe("parts", () => {
  it("have steps of their own, and begin where they were taken out", () => {
    expect(passes.parts.map(({ steps }) => steps)).toEqual([
      [0, 1, BREAK],
      [COPY, FUSE, LATER],
      [DIFFERENTIATE],
      [CUT],
    ]);
    expect(passes.parts.map(({ entry }) => entry)).toEqual([-1, 1, 1, FUSE]);
    expect(passes.before(FUSE)).toBe(COPY);
    expect(passes.before(COPY)).toBe(GROUP);
    expect(passes.before(BREAK)).toBe(1);
    expect(passes.stepOf(last + 1)).toBe(GROUP);
    expect(passes.stepOf(last + 3)).toBe(DIFFERENTIATE);
    expect(passes.largest).toBe(1); // of the program
    expect([UNSENT, UNSENT - 1, LATER + 2].map((step) => passes.has(step))).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("are stepped through by themselves", () => {
    expect(passes.nextChange(GROUP, 1)).toBe(FUSE);
    expect(passes.nextChange(FUSE, 1)).toBe(FUSE);
    expect(passes.nextChange(FUSE, -1)).toBe(GROUP);
    expect(passes.nextChange(DIFFERENTIATE, -1)).toBe(DIFFERENTIATE);
    expect(passes.nextChange(1, 1)).toBe(1);
    const inPart = reduce(at(GROUP), { type: "nextStep", direction: 1 });
    expect(currentStep(inPart)).toBe(FUSE);
    expect(snapshotName(inPart, inPart.place.graph)).toBe("part 1 · after Fuse");
    expect(snapshotName(inPart, baseGraph(inPart))).toBe("part 1 · as taken out");
  });

  it("are on the way of a node from the program into one and out of another", () => {
    const id = own(edited);
    expect(passes.way(-1, FUSE)).toEqual([
      [0, 1],
      [1, 1],
      [COPY, 1],
      [FUSE, 1],
    ]);
    expect(passes.way(FUSE, DIFFERENTIATE)).toEqual([
      [FUSE, -1],
      [COPY, -1],
      [DIFFERENTIATE, 1],
    ]);
    expect(passes.way(CUT, LATER)).toEqual([
      [CUT, -1],
      [LATER, 1],
    ]);
    expect(passes.follow([id], -1, FUSE).ids).toEqual([910]);
    expect(passes.follow([910], FUSE, -1).ids).toEqual([id]);
    expect(passes.follow([910], FUSE, DIFFERENTIATE).ids).toEqual([1005]);
    expect(passes.follow([1005], DIFFERENTIATE, -1).ids).toEqual([id]);
    expect(passes.birth(1005)).toMatchObject({ step: DIFFERENTIATE, action: "gradient" });
  });

  it("keep what is selected, or say that they have nothing of it", () => {
    expect(at(FUSE).place.selection).toEqual({ kind: "node", node: edited });
    expect(at(DIFFERENTIATE, at(FUSE)).place.selection).toEqual({ kind: "node", node: 5 });
    const other = reduce(start(), { type: "select", selection: { kind: "node", node: 20 } });
    const outside = absenceOf(at(DIFFERENTIATE, other));
    expect(outside).toEqual({ part: passes.parts[2], step: -1 });
  });

  it("are compared within themselves, and with what is pinned outside", () => {
    expect(baseGraph(at(FUSE))).toBe(last + 1);
    expect(baseGraph(at(DIFFERENTIATE))).toBe(-1);
    expect(whyAlone(at(DIFFERENTIATE))).toContain("comes from nothing");
    expect(whyAlone(at(GROUP))).toContain("a part as it was taken out");
    const { left, right } = compareSnapshots(document, last + 1, last + 2)!;
    expect([left.removed, right.made]).toEqual([[edited], [edited]]);
    expect(baseGraph(reduce(at(FUSE), { type: "pin", pin: "a", step: 1 }))).toBe(last);
  });

  it("without graphs here cannot be shown or pinned", () => {
    expect(at(CUT).place).toEqual(start().place);
    expect(reduce(start(), { type: "pin", pin: "a", step: UNSENT }).pins.a).toBeNull();
    expect(at(BACKWARD).place).toEqual(start().place);
  });

  it("count among the steps that touched a node or a line", () => {
    const touching = (graph: number, id: number) =>
      stepsTouchingNodes(document, [id], passes.stepOf(graph));
    expect(touching(0, own(edited))).toEqual([1, FUSE, CUT, DIFFERENTIATE]);
    expect(touching(last + 2, 910)).toEqual([1, FUSE, CUT]);
    expect(touching(last + 3, 1005)).toEqual([1, DIFFERENTIATE]);
    const { file, line } = document.frame(document.payload.graphs[0]!.nodes.model[edited]!)!;
    expect(stepsTouchingLine(document, file, line)).toContain(FUSE);
    expect(nextTouch(start(), 1)).toBe(1);
    expect(nextTouch(at(GROUP), 1)).toBe(FUSE);
    expect(nextTouch(at(FUSE), 1)).toBe(DIFFERENTIATE); // the cut cannot be shown
  });
});
