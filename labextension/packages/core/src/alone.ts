/** What is said of a line of which one side alone has nodes. */

import { changeWords, isBeside, namesOf, otherGraph } from "./besides";
import { counted } from "./counting";
import type { AloneOnLine } from "./selectors";
import type { State } from "./state";
import { strings } from "./strings";

export function aloneWords(state: State, { left, right, isShaded }: AloneOnLine): string[] {
  const nodes = (n: number) => counted(n, strings.node);
  if (!isBeside(state)) return [strings.lostOfLine(nodes(left))];
  const [shown, other] = [state.place.graph, otherGraph(state)];
  const words = changeWords(state);
  const lacking = namesOf(state.document!, left > 0 ? shown : other)[1];
  return [
    ...(isShaded ? [strings.notIn(lacking)] : []),
    ...(left > 0 ? [`${nodes(left)} ${words.removed}`] : []),
    ...(right > 0 ? [`${nodes(right)} ${words.made}`] : []),
  ];
}
