/** What a line took, in its gutter; and what boxes and lines are coloured by. */

import { h } from "../dom";
import { LEVELS, levelOf, type Measure } from "../model";
import { lineTook } from "../measured";
import { shortShare } from "../scene/words";
import type { State } from "../state";
import type { Disposables, Store } from "../store";
import { strings } from "../strings";

/** A share of the whole as a bar with its number; empty where nothing was measured. */
export function heatCell(amount: number, whole: number, title = "", isFaint = false): HTMLElement {
  const level = levelOf(amount, whole);
  const cell = h("span", {
    class: `tsv-heat-cell${isFaint ? " is-through" : ""}`,
    title: title || null,
  });
  if (level === 0) return cell;
  const bar = h("span", { class: `tsv-heat-bar tsv-heat-${level}` });
  bar.style.width = `${Math.max(4, Math.min(100, (100 * amount) / whole))}%`;
  cell.append(bar, h("span", {}, shortShare(amount, whole)));
  return cell;
}

/** The cell of a source line: its own nodes, else (fainter) those in calls made from it. */
export function lineHeatCell(state: State, file: number, line: number): HTMLElement | null {
  const { heat: measure, document } = state;
  const profile = document?.profile;
  if (!measure || !profile) return null;
  const took = lineTook(profile, measure, file, line);
  if (!took) return heatCell(NaN, profile.whole(measure));
  return heatCell(took.amount, took.whole, took.words, took.isThrough);
}

/** Chooses what boxes and lines are coloured by; there only where something was measured. */
export function createHeatChoice(store: Store, disposables: Disposables): HTMLElement {
  const select = h("select", {
    class: "tsv-btn",
    "aria-label": strings.heat,
    title: strings.heatHow,
  });
  const levels = Array.from({ length: LEVELS }, (_, i) => h("i", { class: `tsv-heat-${i + 1}` }));
  const legend = h("span", { class: "tsv-heat-legend", title: strings.heatLegend }, ...levels);
  const element = h("span", { class: "tsv-heat-choice" }, select, legend);
  select.addEventListener("change", () =>
    store.dispatch({ type: "heat", measure: (select.value || null) as Measure | null }),
  );
  disposables.add(
    store.watch(
      (state) => state.document?.profile ?? null,
      (profile) => {
        element.hidden = !profile;
        const options = (profile?.measures ?? []).map((measure) =>
          h("option", { value: measure }, `${strings.heat}: ${strings.measures[measure]}`),
        );
        select.replaceChildren(h("option", { value: "" }, strings.noHeat), ...options);
        select.value = store.value.heat ?? "";
      },
    ),
    store.watch(
      (state) => state.heat,
      (heat) => {
        select.value = heat ?? "";
        legend.hidden = !heat;
      },
    ),
  );
  return element;
}
