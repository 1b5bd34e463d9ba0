/** The findings, what is proven first, what is harmless folded; and where Python can go several ways. */

import { button, h, setAttributes } from "../dom";
import type { Findings } from "../model";
import type { ComparedPayload, FindingPayload, FlowPayload } from "../protocol.generated";
import type { Disposables } from "../store";
import { counted, strings } from "../strings";
import { RovingRows } from "./roving";

/** A sign for each status, beside its word and its colour. */
export const STATUS_SIGNS: Readonly<Record<string, string>> = {
  proven: "▲",
  possible: "△",
  harmless: "·",
};

export class FindingsList {
  readonly element: HTMLElement;
  private readonly compared = h("div");
  private readonly open = h("div", { role: "listbox", "aria-label": strings.findings });
  private readonly rows: RovingRows;
  private readonly toggle = button("", () => this.unfold(this.harmless.hidden), {
    class: "tsv-finding-fold tsv-faint",
  });
  private readonly harmless = h("div", { role: "listbox", "aria-label": strings.harmlessFindings });
  private numbers: readonly number[] = [];

  /** @param choose is called with the number of a finding */
  constructor(disposables: Disposables, choose: (finding: number) => void) {
    this.element = h("div", {}, this.compared, this.open, this.toggle, this.harmless);
    this.rows = new RovingRows(this.element, disposables, (row) => choose(this.numbers[row]!));
  }

  fill(findings: Findings | null): void {
    const all = (findings?.payload.findings ?? []).map((finding, number) => ({ finding, number }));
    const isHarmless = (one: { finding: FindingPayload }) => one.finding.status === "harmless";
    const order = [...all.filter((one) => !isHarmless(one)), ...all.filter(isHarmless)];
    this.numbers = order.map(({ number }) => number);
    const made = order.map(({ finding, number }) => findingRow(finding, number, findings!));
    const open = made.length - all.filter(isHarmless).length;
    this.compared.replaceChildren(...comparedRows(findings?.payload.variants ?? []));
    this.open.replaceChildren(...made.slice(0, open));
    this.open.hidden = open === 0;
    this.harmless.replaceChildren(...made.slice(open));
    this.toggle.hidden = open === made.length;
    this.toggle.textContent = strings.harmless(made.length - open);
    this.unfold(false);
    this.rows.set(made);
  }

  mark(finding: number): void {
    const row = this.numbers.indexOf(finding);
    const element = row < 0 ? null : this.element.querySelector(`[data-finding="${finding}"]`);
    if (element && this.harmless.contains(element)) this.unfold(true);
    this.rows.mark(row);
  }

  private unfold(isOpen: boolean): void {
    this.harmless.hidden = !isOpen;
    setAttributes(this.toggle, { "aria-expanded": String(isOpen) });
  }
}

/** How much was tried of each variant, and why one could not be made. */
function comparedRows(variants: readonly ComparedPayload[]): HTMLElement[] {
  return variants.map(({ variant, words, failure }) =>
    h(
      "div",
      { class: "tsv-compared" },
      h("b", {}, variant),
      h("span", {}, words),
      failure === ""
        ? null
        : h(
            "details",
            {},
            h("summary", {}, strings.whyNotMade),
            h("pre", { class: "tsv-mono" }, failure),
          ),
    ),
  );
}

function findingRow(finding: FindingPayload, number: number, findings: Findings): HTMLElement {
  return h(
    "div",
    { class: "tsv-finding", role: "option", "data-finding": number, "aria-selected": "false" },
    statusOf(finding.status),
    h("span", { class: "tsv-faint" }, finding.variant),
    h("span", { class: "tsv-mono tsv-finding-place" }, findings.title(finding.place)),
    h("span", { class: "tsv-finding-words" }, ...ticked(finding.sentence)),
  );
}

export function statusOf(status: string): HTMLElement {
  const sign = h("span", { "aria-hidden": "true" }, STATUS_SIGNS[status] ?? "");
  return h("span", { class: `tsv-status is-${status}` }, sign, ` ${status}`);
}

/** Text in which backticks mark code. */
export function ticked(text: string): (Node | string)[] {
  const parts = text.split("`");
  if (parts.length % 2 === 0) return [text]; // a backtick of the user's own
  return parts.map((part, i) => (i % 2 === 1 ? h("code", { class: "tsv-mono" }, part) : part));
}

// ── control flow ────────────────────────────────────────────────────────────────────────────────

export class FlowTable {
  readonly element = h("div", { class: "tsv-flow" });
  private readonly rows: RovingRows;

  /** @param choose is called with the number of a row */
  constructor(disposables: Disposables, choose: (row: number) => void) {
    this.rows = new RovingRows(this.element, disposables, choose);
  }

  fill(findings: Findings | null): void {
    const flow = findings?.payload.flow ?? [];
    const hasTrace = flow.some(({ held }) => held !== "");
    const made = flow.map((row) => flowRow(row, findings!, hasTrace));
    const titles = [...strings.flowTitles, ...(hasTrace ? [strings.flowHeld] : [])];
    const head = [...titles, strings.flowFinding].map((title) => h("th", { scope: "col" }, title));
    this.element.replaceChildren(
      made.length === 0
        ? h("p", { class: "tsv-empty" }, findings ? strings.noFlow : strings.notSearched)
        : h(
            "table",
            { role: "grid", "aria-label": strings.flowHow },
            h("thead", {}, h("tr", {}, ...head)),
            h("tbody", {}, ...made),
          ),
    );
    this.rows.set(made);
  }

  mark(row: number): void {
    this.rows.mark(row);
  }
}

function flowRow(row: FlowPayload, findings: Findings, hasTrace: boolean): HTMLElement {
  const numbers = row.findings.map((finding) => finding + 1).join(", ");
  const about = row.findings.map((finding) => findings.payload.findings[finding]!.status);
  const cells = [
    h("td", { class: "tsv-mono" }, findings.title(row.place)),
    h("td", {}, row.kind),
    h("td", { class: "tsv-mono" }, row.condition),
    h("td", {}, ...ticked(row.went)),
    ...(hasTrace ? [h("td", {}, row.held)] : []),
    h("td", {}, ...(about.length > 0 ? [`${numbers} `, ...about.map(statusOf)] : [])),
  ];
  const isReached = row.went !== strings.notReached;
  return h(
    "tr",
    { role: "row", "aria-selected": "false", class: isReached ? "" : "tsv-faint" },
    ...cells,
  );
}

/** `1 proven, 2 possible`; or that nothing was found. */
export function countsOf({ payload }: Findings): string {
  const counts = Object.keys(STATUS_SIGNS).map((status) => ({
    status,
    count: payload.findings.filter((finding) => finding.status === status).length,
  }));
  const said = counts.filter(({ count }) => count > 0);
  if (said.length === 0) return strings.nothingFound;
  return said.map(({ status, count }) => counted(count, [status, status])).join(", ");
}
