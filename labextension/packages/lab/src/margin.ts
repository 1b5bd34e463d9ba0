/** What stands beside a line in the margin of an editor. */

import { GutterMarker } from "@codemirror/view";
import type { LinkedBreakpoint, LinkedFound, LinkedTime } from "@tsviz/core/linking";

import { strings } from "./strings";

/** A mark of what `of` says; marks of the same are not drawn anew. */
abstract class Mark<T> extends GutterMarker {
  constructor(protected readonly of: T) {
    super();
  }
  override eq(other: Mark<T>): boolean {
    return JSON.stringify(other.of) === JSON.stringify(this.of);
  }
}

function span(className: string, text: string, title: string): HTMLElement {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  element.title = title;
  return element;
}

export class CountMark extends Mark<number> {
  override toDOM(): Node {
    return span("tsv-cell-count", String(this.of), strings.nodes(this.of));
  }
}

export class TimeMark extends Mark<LinkedTime> {
  override toDOM(): Node {
    const { amount, share, percent, isThrough, words } = this.of;
    const element = span("tsv-cell-time", `${amount} `, words);
    element.classList.toggle("is-through", isThrough);
    const part = span("tsv-cell-share", share, "");
    part.style.setProperty("--tsv-share", `${Math.max(2, Math.round(percent))}%`);
    element.append(part);
    return element;
  }
}

export class FoundMark extends Mark<LinkedFound> {
  override toDOM(): Node {
    const { sign, status, words } = this.of;
    return span(`tsv-cell-finding is-${status}`, sign, `${words}\n${strings.showFound}`);
  }
}

export class BreakMark extends Mark<LinkedBreakpoint | null> {
  override toDOM(): Node {
    const { of } = this;
    if (!of) return span("tsv-cell-break", "●", strings.setBreakpoint);
    return span("tsv-cell-break is-set", of.isConditional ? "◆" : "●", of.words);
  }
}
