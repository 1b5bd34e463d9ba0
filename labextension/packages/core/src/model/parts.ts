/** The program and the parts of it that were compiled by themselves, each with its steps in order. */

import type { PassesPayload } from "../protocol.generated";

/** Number 0 is the program. A part begins at a place of its own: `-1 - number`, as a step. */
export interface Part {
  readonly number: number;
  /** The op of the node it is the subgraph of, `backward`, or "". */
  readonly kind: string;
  /** The last step of the program before it; -1 for the program. */
  readonly parent: number;
  /** Number of the part it was taken from, and the step of that part after which it was. */
  readonly within: number;
  readonly entry: number;
  /** The graph it begins with; -1 where there is none. */
  readonly graph: number;
  readonly travels: boolean;
  readonly steps: readonly number[];
  /** Parts that were taken from it, in the order of their entries. */
  readonly children: readonly Part[];
}

export const beginningOf = (part: number): number => -1 - part;

export function makeParts({ records, parts }: PassesPayload): Part[] {
  const steps = [0, ...parts].map(() => [] as number[]);
  records.forEach(({ part }, step) => steps[part]?.push(step));
  const children = steps.map(() => [] as Part[]);
  const program = { number: 0, kind: "", parent: -1, within: 0, entry: -1, graph: 0 };
  const made: Part[] = [{ ...program, travels: true, steps: steps[0]!, children: children[0]! }];
  for (const payload of parts) {
    const { number, parent, within } = payload;
    const entry = within === 0 ? parent : lastBefore(steps, within, steps[number]![0]!);
    const part = { ...payload, entry, steps: steps[number]!, children: children[number]! };
    made.push(part);
    children[within]!.push(part);
  }
  return made;
}

function lastBefore(steps: readonly number[][], part: number, step: number): number {
  return steps[part]!.findLast((one) => one < step) ?? beginningOf(part);
}
