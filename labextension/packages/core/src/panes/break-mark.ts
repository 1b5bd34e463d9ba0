/** The margin of source and IR text while a program is stepped: breakpoints, and where it is held. */

import { h } from "../dom";
import type { DebugBreakpoint } from "../protocol.generated";
import { debugStrings as words } from "../debug-strings";

/** What a breakpoint says of itself. */
export function breakpointWords({ number, when, after, hits, failure }: DebugBreakpoint): string {
  return [
    words.breakpoint(number),
    ...(when === "" ? [] : [words.conditional(when)]),
    ...(after === 0 ? [] : [words.skips(after)]),
    words.hits(hits),
    ...(failure === "" ? [] : [words.raised(failure)]),
  ].join(", ");
}

/** The cell of a row; a click on it is for the breakpoint, not for the row. */
export function breakMark(point: DebugBreakpoint | undefined, isHere: boolean): HTMLElement {
  const said = [...(isHere ? [words.standsHere] : []), ...(point ? [breakpointWords(point)] : [])];
  const label = said.join("; ");
  return h(
    "span",
    {
      class: "tsv-break",
      role: label === "" ? null : "img",
      "aria-label": label === "" ? null : label,
      title: label === "" ? words.breakHere : label,
    },
    point ? h("span", { class: "tsv-break-point" }, point.when === "" ? "●" : "◆") : null,
    isHere ? h("span", { class: "tsv-here" }, "▶") : null,
  );
}

/** Whether an event is about the margin. */
export const isOnMark = (event: Event) => (event.target as Element).closest(".tsv-break") !== null;
