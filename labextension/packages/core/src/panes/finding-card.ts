/** What is known of one finding: what follows, what to do, and the script that shows it. */

import { button, h } from "../dom";
import { copyText } from "../page";
import type { Findings } from "../model";
import type { FindingPayload, FlowPayload, PlacePayload } from "../protocol.generated";
import { strings } from "../strings";
import { statusOf, ticked } from "./findings-list";

/** @param show goes to another place */
export function findingCard(
  findings: Findings,
  finding: FindingPayload,
  show: (place: PlacePayload) => void,
): Node[] {
  return [
    h("div", { class: "tsv-faint" }, statusOf(finding.status), ` · ${finding.variant}`),
    h("h4", {}, ...ticked(finding.sentence)),
    detailsOf(findings, finding, show),
    ...outputsOf(finding),
    ...scriptOf(finding),
  ];
}

type Detail = readonly [label: string, content: readonly (Node | string)[]];

function detailsOf(
  findings: Findings,
  finding: FindingPayload,
  show: (place: PlacePayload) => void,
): HTMLElement {
  const link = (place: PlacePayload) =>
    button(findings.title(place), () => show(place), { class: "tsv-link tsv-mono" });
  const further = finding.affected.flatMap((place, i) =>
    i > 0 ? [", ", link(place)] : [link(place)],
  );
  const rows: readonly Detail[] = [
    [strings.where, finding.place ? [link(finding.place)] : [strings.nowhere]],
    [strings.consequence, ticked(finding.consequence)],
    [strings.affected, further],
    [strings.notProven, ticked(finding.reason)],
    [strings.remedy, ticked(finding.remedy)],
    ["PyTorch", finding.warned ? [strings.warned] : []],
  ];
  const shown = rows.filter(([, content]) => content.some((part) => part !== ""));
  return h(
    "dl",
    { class: "tsv-kv" },
    ...shown.flatMap(([label, content]) => [h("dt", {}, label), h("dd", {}, ...content)]),
  );
}

/** The input, and side by side what Python gave on it and what the variant gave. */
function outputsOf(finding: FindingPayload): HTMLElement[] {
  if (finding.input === "") return [];
  const block = (label: string, text: string) =>
    h(
      "div",
      {},
      h("div", { class: "tsv-muted tsv-block-head" }, label),
      h("pre", { class: "tsv-mono" }, text),
    );
  return [
    block(strings.onInput, finding.input),
    h(
      "div",
      { class: "tsv-outputs" },
      block(strings.pythonGives, finding.expected),
      block(strings.variantGives(finding.variant), finding.found),
    ),
  ];
}

function scriptOf({ script }: FindingPayload): HTMLElement[] {
  if (script === "") return [];
  const text = h("pre", { class: "tsv-mono tsv-script" }, script);
  const said = h("span", { class: "tsv-faint", role: "status" });
  const copy = button("Copy", () => void copied(text).then((words) => (said.textContent = words)));
  return [
    h(
      "details",
      {},
      h("summary", {}, strings.script),
      h("p", { class: "tsv-faint" }, ...ticked(strings.scriptHow)),
      copy,
      said,
      text,
    ),
  ];
}

const copied = async (element: HTMLElement): Promise<string> =>
  (await copyText(element)) ? strings.copied : strings.selectedToCopy;

/** @param choose goes to a finding */
export function flowCard(
  findings: Findings,
  flow: FlowPayload,
  choose: (finding: number) => void,
): Node[] {
  const rows: readonly (readonly [string, string])[] = [
    [strings.yourInput, flow.went],
    [strings.flowHeld, flow.held],
  ];
  const shown = rows.filter(([, words]) => words !== "");
  return [
    h("div", { class: "tsv-faint" }, `${flow.kind} · ${findings.title(flow.place)}`),
    h("h4", { class: "tsv-mono" }, flow.condition),
    h(
      "dl",
      { class: "tsv-kv" },
      ...shown.flatMap(([label, words]) => [h("dt", {}, label), h("dd", {}, ...ticked(words))]),
    ),
    ...flow.findings.map((number) => {
      const finding = findings.payload.findings[number]!;
      const link = button("", () => choose(number), { class: "tsv-link" });
      link.append(...ticked(finding.sentence));
      return h("p", {}, statusOf(finding.status), " ", link);
    }),
    ...(flow.findings.length > 0 ? [] : [h("p", { class: "tsv-faint" }, strings.noFindingHere)]),
  ];
}
