/** Rows of the tree of steps: a step, a part that is unfolded from its row, headings. */

import { h } from "../dom";
import { type Part, type Passes, beginningOf } from "../model";
import type { PassPayload } from "../protocol.generated";
import { CHANGE_WORDS, SIGNS } from "../scene/paint";
import { strings } from "../strings";
import { bandOf, deltas } from "./pass-card";
import type { PassFilters } from "./pass-filters";

/** What is listed: a step or a beginning has a row that can be chosen, the rest is told. */
export type Row =
  | { readonly kind: "step"; readonly step: number; readonly level: number }
  | { readonly kind: "part"; readonly part: Part; readonly listed: number }
  | { readonly kind: "band" | "idle"; readonly words: string; readonly level: number };

export interface Shown {
  readonly passes: Passes;
  readonly filters: PassFilters;
  readonly touched: ReadonlySet<number>;
  readonly unfolded: ReadonlySet<number>;
}

/** The rows of a pipeline: parts stand folded after the step under which they were compiled. */
export function listRows(shown: Shown): Row[] {
  const { passes } = shown;
  const under = new Map<number, Part[]>();
  for (const part of passes.parts.slice(1))
    under.set(part.parent, [...(under.get(part.parent) ?? []), part]);
  const partRows = (step: number) => (under.get(step) ?? []).flatMap((part) => rowsOf(shown, part));
  const program = listSteps(shown, passes.parts[0]!, 1, partRows);
  return [{ kind: "step", step: -1, level: 1 }, ...program];
}

function rowsOf(shown: Shown, part: Part): Row[] {
  const listed = part.steps.filter((step) => holds(shown, step)).length;
  if (listed === 0) return [];
  const inside = shown.unfolded.has(part.number) ? listSteps(shown, part, 2, () => []) : [];
  return [{ kind: "part", part, listed }, ...inside];
}

function listSteps(
  shown: Shown,
  part: Part,
  level: number,
  after: (step: number) => readonly Row[],
): Row[] {
  const { passes, filters } = shown;
  const rows: Row[] = [];
  let [stage, idle] = ["", 0];
  const flush = () => {
    if (idle > 0) rows.push({ kind: "idle", words: strings.unchanged(idle), level });
    idle = 0;
  };
  for (const at of part.steps) {
    const step = passes.steps[at]!;
    if (holds(shown, at)) {
      const band = bandOf(step);
      if (band !== stage) {
        flush();
        rows.push({ kind: "band", words: band, level });
        stage = band;
      }
      const isIdle = !passes.isChanged(at) && step.failure === "";
      if (isIdle && !filters.wantsIdle) idle += 1;
      else {
        flush();
        rows.push({ kind: "step", step: at, level });
      }
    }
    const more = after(at);
    if (more.length > 0) flush();
    rows.push(...more);
  }
  flush();
  return rows;
}

const holds = ({ passes, filters, touched }: Shown, step: number) =>
  filters.holds(passes.steps[step]!, touched.has(step));

/** The step or beginning that a row stands for; `null` for what cannot be chosen. */
export function stepOfRow(row: Row): number | null {
  if (row.kind === "step") return row.step;
  return row.kind === "part" ? beginningOf(row.part.number) : null;
}

export function makeRow(row: Row, { passes, unfolded }: Shown): HTMLElement {
  switch (row.kind) {
    case "band":
      return h("div", { class: "tsv-step-stage", "data-level": row.level }, row.words);
    case "idle":
      return h("div", { class: "tsv-step-idle tsv-faint", "data-level": row.level }, row.words);
    case "step":
      return stepRow(passes.steps[row.step] ?? null, row.step, row.level);
    case "part":
      return partRow(passes, row.part, row.listed, unfolded.has(row.part.number));
  }
}

function stepRow(step: PassPayload | null, at: number, level: number): HTMLElement {
  return item(
    at,
    level,
    h("span", { class: "tsv-step-name" }, step ? step.name : strings.asCaptured),
    ...(step ? badges(step) : []),
    pins(),
    h("span", { class: "tsv-step-words tsv-faint" }, wordsOf(step)),
  );
}

function partRow(passes: Passes, part: Part, listed: number, isOpen: boolean): HTMLElement {
  const changed = part.steps.filter((step) => passes.isChanged(step)).length;
  const words = [
    strings.partKind(part.kind),
    strings.partSteps(listed, part.steps.length, changed),
    ...(part.within > 0 ? [strings.partIn(part.within)] : []),
    ...(part.travels ? [] : [strings.partTravels]),
  ];
  const row = item(
    beginningOf(part.number),
    1,
    h("span", { class: "tsv-fold", "aria-hidden": "true" }, isOpen ? "▾" : "▸"),
    h("span", { class: "tsv-step-name" }, strings.partOf(part.number)),
    pins(),
    h("span", { class: "tsv-step-words tsv-faint" }, words.join(" · ")),
  );
  row.classList.add("tsv-part");
  row.setAttribute("aria-expanded", String(isOpen));
  return row;
}

function item(step: number, level: number, ...content: HTMLElement[]): HTMLElement {
  return h(
    "div",
    {
      class: "tsv-step",
      role: "treeitem",
      "data-step": step,
      "data-level": level,
      "aria-level": level,
      "aria-selected": "false",
    },
    h("span", { class: "tsv-step-touch", "aria-hidden": "true" }),
    ...content,
  );
}

const pins = () => h("span", { class: "tsv-step-pins" });

function badges(step: PassPayload): HTMLElement[] {
  return deltas(step).map(([change, count]) =>
    h(
      "span",
      {
        class: `tsv-delta tsv-sign-${change}`,
        title: strings.changed(count, CHANGE_WORDS[change]),
      },
      `${SIGNS[change]}${count}`,
    ),
  );
}

function wordsOf(step: PassPayload | null): string {
  if (!step) return "";
  return step.failure === "" ? (step.words[0] ?? "") : `failed: ${step.failure}`;
}
