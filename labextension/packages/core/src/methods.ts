/** The graphs among which the reader chooses a method. */

import { strings } from "./strings";

export const isMethod = (kind: string) => ["inlined", "method", "plan"].includes(kind);

export function methodWords(kind: string, name: string): string {
  if (kind === "plan") return strings.thePlan;
  return kind === "inlined" ? name : `${name} (as compiled)`;
}
