/** A comparison for tests: findings by hand, over the source of a fixture. */

import { DocumentModel } from "../src/model";
import type {
  ComparisonPayload,
  FindingPayload,
  FlowPayload,
  PlacePayload,
} from "../src/protocol.generated";
import { readDocument } from "./fixtures";

const plain = readDocument("detector");

/** The line of the fixture's source that holds a text. */
export function lineOf(text: string): number {
  const at = plain
    .source(0)
    .all()
    .findIndex((line) => line.includes(text));
  return at + 1;
}

export function placeAt(line: number, file = 0): PlacePayload {
  return { file, line, col: 0, end_line: line, end_col: 0 };
}

export function finding(
  status: string,
  place: PlacePayload | null,
  more: Partial<FindingPayload> = {},
): FindingPayload {
  return {
    variant: "trace",
    status,
    loss: "branch",
    place,
    sentence: "`c` was True for your input; the trace always takes that branch",
    consequence: "with other values, its result is off by 1",
    remedy: "script it",
    reason: "",
    affected: [],
    warned: true,
    script: "import torch\n",
    input: "x = torch.zeros(1)",
    expected: "tensor([0.])",
    found: "tensor([1.])",
    ...more,
  };
}

export const BRANCH = lineOf("if score.max() > self.threshold");
export const LOOP = lineOf("for i in range(order.numel())");

const flow: readonly FlowPayload[] = [
  {
    place: placeAt(BRANCH),
    kind: "if",
    condition: "score.max() > self.threshold",
    went: "True",
    held: "always True",
    findings: [1],
  },
  {
    place: placeAt(LOOP),
    kind: "for",
    condition: "range(order.numel())",
    went: "not reached",
    held: "nothing",
    findings: [],
  },
];

/** Four findings: one of another file, one of a branch, one possible and one harmless of a loop. */
export const COMPARISON: ComparisonPayload = {
  title: "Detector.forward",
  domain: "{'x': {'dims': {0: (1, 4)}}}",
  is_interrupted: false,
  noise: 0,
  runs: 12,
  variants: [
    { variant: "trace", words: "80 inputs tried; 2 proven, 1 possible, 1 harmless", failure: "" },
    { variant: "script", words: "not made", failure: "error[TSV-C01]: no" },
  ],
  findings: [
    finding("proven", placeAt(2, 1), { sentence: "elsewhere" }),
    finding("proven", placeAt(BRANCH), { affected: [placeAt(LOOP)] }),
    finding("possible", placeAt(LOOP), { reason: "none of 80 inputs changes it", script: "" }),
    finding("harmless", placeAt(LOOP), { sentence: "does no harm", input: "" }),
  ],
  flow,
  files: [plain.payload.files[0]!.path, "/elsewhere/helper.py"],
};

/** The fixture as it is, and with that comparison in it. */
export const without = plain;
export const withFindings = new DocumentModel({ ...plain.payload, comparison: COMPARISON });
