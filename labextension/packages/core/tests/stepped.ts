/** A program that is held, for tests: what is told of it, by hand, over the source of a fixture. */

import type { DocumentModel } from "../src/model";
import type { DebugState } from "../src/protocol.generated";
import { nodeOf, readDocument } from "./fixtures";

export const shown = readDocument("gate");
export const own = shown.firstFile();
export const { path } = shown.payload.files[own]!;
export const TANH = nodeOf(shown, "aten::tanh");
export const LINE = shown.frame(shown.graphs[0]!.payload.nodes.model[TANH]!)!.line;

export const HELD: DebugState = {
  serial: 1,
  status: "paused",
  is_other: false,
  position: 3,
  furthest: 5,
  node: TANH,
  text: "%y : Tensor = aten::tanh(%x)",
  is_head: false,
  is_after: false,
  reason: "step",
  scope: "gate",
  iteration: 0,
  path,
  line: LINE,
  frames: [{ path, line: LINE, col: 0, end_line: LINE, end_col: 1, function: "Gate.forward" }],
  result: "",
  fault: null,
  notes: [],
  breakpoints: [],
  watches: [],
  pins: [],
  records: [],
};
export const POINT = {
  number: 4,
  text: `${path}:${LINE}`,
  when: "i > 2",
  after: 0,
  hits: 2,
  failure: "",
};
export const ON_LINE = { ...POINT, path, line: LINE, node: -1 };

/** The fixture as one that can be stepped. */
export function steppable(): DocumentModel {
  const document = readDocument("gate");
  const capabilities = { ...document.payload.capabilities, debug: true };
  Object.assign(document.payload, { capabilities });
  return document;
}
