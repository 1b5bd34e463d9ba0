/** What is known of one step: what such a pass does, what it did here, how long that took. */

import { button, h } from "../dom";
import type { Passes } from "../model";
import type { PassPayload } from "../protocol.generated";
import { CHANGE_WORDS, SIGNS, type Change } from "../scene/paint";
import type { Pin } from "../stepping";
import type { Store } from "../store";
import { strings } from "../strings";

export function passCard(store: Store, passes: Passes, at: number): Node[] {
  const step = passes.steps[at];
  const head = h("h4", {}, step ? step.name : strings.asCaptured);
  const pins = h(
    "div",
    { class: "tsv-card-pins" },
    pinButton(store, "a", at),
    pinButton(store, "b", at),
  );
  if (!step) return [head, h("p", {}, strings.asCapturedHow), pins];
  const band = step.run > 0 ? `run ${step.run} · ${step.stage}` : step.stage;
  return [
    head,
    h("div", { class: "tsv-faint" }, `${band} · step ${at + 1} of ${passes.steps.length}`),
    step.summary === "" ? null : h("p", {}, step.summary),
    step.failure === ""
      ? null
      : h("p", { class: "tsv-failure", role: "alert" }, `failed: ${step.failure}`),
    deltasInWords(step),
    step.words.length === 0 ? null : h("ul", {}, ...step.words.map((words) => h("li", {}, words))),
    measured(step),
    pins,
  ].filter((part) => part !== null);
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
