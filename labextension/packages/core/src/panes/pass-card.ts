/** What is known of one step: what such a pass does, what it did here, how long that took. */

import { button, h } from "../dom";
import type { Passes } from "../model";
import type { PassPayload } from "../protocol.generated";
import { CHANGE_WORDS, SIGNS, type Change } from "../scene/paint";
import type { Pin } from "../stepping";
import type { Store } from "../store";
import { strings } from "../strings";

/** @param choose goes to a step */
export function passCard(
  store: Store,
  passes: Passes,
  at: number,
  choose: (step: number) => void,
): Node[] {
  const step = passes.steps[at];
  const content = step ? stepContent(passes, step, at) : beginningContent(passes, at, choose);
  const here = passes.graphAfter(at) >= 0;
  const pins = h(
    "div",
    { class: "tsv-card-pins" },
    pinButton(store, "a", at),
    pinButton(store, "b", at),
  );
  return [...content, here ? pins : notHere(passes, at)].filter((part) => part !== null);
}

function stepContent(passes: Passes, step: PassPayload, at: number): (Node | null)[] {
  const { number, steps } = passes.partOf(at);
  const of = number > 0 ? strings.partOf(number) : strings.theProgram;
  const place = strings.stepPlace(at, passes.placeOf(at) + 1, steps.length, of);
  return [
    h("h4", {}, step.name),
    h("div", { class: "tsv-faint" }, `${bandOf(step)} · ${place}`),
    step.summary === "" ? null : h("p", {}, step.summary),
    step.lesson === "" ? null : lessonOf(step.lesson),
    step.failure === ""
      ? null
      : h("p", { class: "tsv-failure", role: "alert" }, `failed: ${step.failure}`),
    deltasInWords(step),
    step.words.length === 0 ? null : h("ul", {}, ...step.words.map((words) => h("li", {}, words))),
    measured(step),
  ];
}

/** How to see such a pass at work on a few lines: a command, selected by a click to be copied. */
function lessonOf(name: string): HTMLElement {
  const command = h("code", { class: "tsv-command" }, `tsviz passes ${name}`);
  return h("p", { class: "tsv-faint" }, `${strings.lesson} `, command);
}

/** What is known of the program as it was captured, or of a part that was compiled by itself. */
function beginningContent(
  passes: Passes,
  at: number,
  choose: (step: number) => void,
): (Node | null)[] {
  const part = passes.partOf(at);
  if (part.number === 0)
    return [h("h4", {}, strings.asCaptured), h("p", {}, strings.asCapturedHow)];
  const changed = part.steps.filter((step) => passes.isChanged(step)).length;
  const all = part.steps.length;
  const words = [
    strings.partSteps(all, all, changed),
    ...(part.within > 0 ? [strings.partIn(part.within)] : []),
  ];
  const how = strings.partHow(part.kind);
  const parent = passes.steps[part.parent];
  const name = parent ? `${parent.name} (step ${part.parent})` : strings.asCaptured;
  return [
    h("h4", {}, `${strings.partOf(part.number)} · ${strings.partKind(part.kind)}`),
    h("div", { class: "tsv-faint" }, words.join(" · ")),
    how === "" ? null : h("p", {}, how),
    h(
      "p",
      {},
      strings.partAfter,
      link(name, () => choose(part.parent)),
      ".",
    ),
  ];
}

/** How to get at the graph of a step that has none here; a backward graph begins with none. */
function notHere(passes: Passes, at: number): Node | null {
  const part = passes.partOf(at);
  if (part.travels) return null;
  const expression = at < 0 ? `trace[${part.steps[0]!}].before` : `trace[${at}].after`;
  return h("p", {}, strings.partNotHere, h("code", {}, expression));
}

function link(label: string, act: () => void): HTMLElement {
  const element = h("button", { type: "button", class: "tsv-link" }, label);
  element.addEventListener("click", act);
  return element;
}

export function bandOf({ run, stage }: PassPayload): string {
  return run > 0 ? `run ${run} · ${stage}` : stage;
}

/** How many nodes a step touched, with the sign of each effect. */
export function deltas(step: PassPayload): (readonly [Change, number])[] {
  const counts = [
    ["made", step.added],
    ["removed", step.removed],
    ["edited", step.changed],
    ["moved", step.moved],
  ] as const;
  return counts.filter(([, count]) => count > 0);
}

function deltasInWords(step: PassPayload): HTMLElement {
  const parts = deltas(step).map(([change, count]) =>
    h("span", { class: `tsv-sign-${change}` }, `${SIGNS[change]}${count} ${CHANGE_WORDS[change]}`),
  );
  const nothing = step.failure === "" ? strings.changedNothing : "";
  return h("div", { class: "tsv-card-deltas" }, ...(parts.length > 0 ? parts : [nothing]));
}

function measured({ seconds, is_checked, failure }: PassPayload): HTMLElement | null {
  const parts = [
    seconds === null ? "" : inMilliseconds(seconds),
    is_checked && failure === "" ? strings.lintFine : "",
  ].filter((part) => part !== "");
  return parts.length > 0 ? h("div", { class: "tsv-faint" }, parts.join(" · ")) : null;
}

function inMilliseconds(seconds: number): string {
  return `${(seconds * 1000).toPrecision(2).replace(/\.0$/, "")} ms`;
}

function pinButton(store: Store, pin: Pin, step: number): HTMLElement {
  const isOn = store.value.pins[pin] === step;
  const label = isOn ? `Unpin ${pin.toUpperCase()}` : `Pin as ${pin.toUpperCase()}`;
  return button(label, () => store.dispatch({ type: "pin", pin, step }), {
    "aria-pressed": String(isOn),
    title: strings.pinHow,
  });
}
