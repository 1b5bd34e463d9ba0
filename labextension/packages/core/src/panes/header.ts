/** Title, method, variant, coverage, search, and the few buttons that act on the whole. */

import type { Drawer, State } from "../state";
import { button, h, setAttributes, setReason, svg } from "../dom";
import type { Commands } from "../commands";
import type { CoveragePayload } from "../protocol.generated";
import { otherGraph, variantOf } from "../besides";
import { drawerReason, holds } from "../drawers";
import { isMethod, methodWords } from "../methods";
import { HOW } from "../model";
import type { Disposables, Store } from "../store";
import { grouped, strings } from "../strings";
import type { SearchBox } from "./search-box";

export interface HeaderOptions {
  readonly store: Store;
  readonly commands: Commands;
  readonly disposables: Disposables;
  readonly search: SearchBox;
  /** Whether the theme can be chosen here: not inside Jupyter, whose theme is followed. */
  readonly ownTheme: boolean;
  /** Whether it can fill the window: not where it does already. */
  readonly canFill: boolean;
}

export function createHeader(options: HeaderOptions): HTMLElement {
  const { store, commands, disposables } = options;
  const title = h("h2", { class: "tsv-title" });
  const method = h("select", { class: "tsv-btn tsv-methods", "aria-label": "Method" });
  method.addEventListener("change", () =>
    store.dispatch({ type: "showGraph", graph: Number(method.value) }),
  );
  const variant = h("span", { class: "tsv-chip", title: "How the program was made" });
  const coverage = h("span", { class: "tsv-pill tsv-coverage", tabindex: "0", role: "note" });
  const back = button("←", () => store.dispatch({ type: "back" }), { "aria-label": "Back" });
  const forward = button("→", () => store.dispatch({ type: "forward" }), {
    "aria-label": "Forward",
  });
  const drawers = (["passes", "compare", "debug", "profile"] as const).map((name) => {
    const [label, how] = strings.drawers[name];
    return [name, drawerButton(label, name, options), how] as const;
  });
  const save = button("Save HTML", () => void commands.saveHtml());
  const theme = button(
    "◐",
    () => {
      const dark =
        store.value.theme === "dark" || (store.value.theme === "auto" && isDarkNow(theme));
      store.dispatch({ type: "theme", theme: dark ? "light" : "dark" });
    },
    { "aria-label": "Light or dark", title: "Light or dark" },
  );
  const full = button(
    "",
    () => store.dispatch({ type: "fullWindow", on: !store.value.fullWindow }),
    {
      "aria-label": "Full window",
      title: "Full window",
      "aria-pressed": "false",
    },
  );
  full.append(
    svg("svg", { viewBox: "0 0 16 16", class: "tsv-icon", "aria-hidden": "true" }, corners()),
  );
  const help = button("?", () => store.dispatch({ type: "help", open: !store.value.help }), {
    "aria-label": "Keys",
    title: "Keys (?)",
  });

  disposables.add(
    store.watch(
      (state) => state.document,
      (document) => {
        const payload = document?.payload;
        title.textContent = payload?.title ?? "tsviz";
        title.title = payload ? `${payload.title} · ${payload.source}` : "";
        variant.hidden = !payload;
        coverage.hidden = !payload;
        const graphs = [...(payload?.graphs ?? []).entries()].filter(([, { kind }]) =>
          isMethod(kind),
        );
        method.replaceChildren(
          ...graphs.map(([i, { kind, name }]) =>
            h("option", { value: i }, methodWords(kind, name)),
          ),
        );
        method.hidden = graphs.length < 2;
        method.value = String(shownMethod(store.value));
      },
    ),
    store.watch(variantWords, (words) => (variant.textContent = words)),
    store.watch(shownCoverage, (shown) => {
      if (shown) fillCoverage(coverage, shown);
    }),
    store.watch(shownMethod, (graph) => (method.value = String(graph))),
    ...drawers.map(([name, element, how]) =>
      store.watch(
        (state) => `${state.connected} ${state.document !== null} ${holds(state, name)}`,
        () => setReason(element, drawerReason(name, store.value, commands), how),
      ),
    ),
    store.watch(
      (state) => state.past.length,
      (n) => setReason(back, n > 0 ? "" : "nothing was selected before", "Back (Alt+←)"),
    ),
    store.watch(
      (state) => state.future.length,
      (n) => setReason(forward, n > 0 ? "" : "nothing to go forward to", "Forward (Alt+→)"),
    ),
    store.watch(
      (state) => `${state.connected} ${state.document !== null}`,
      () => setReason(save, commands.reason("save_html"), "One offline file with this explorer"),
    ),
    store.watch(
      (state) => state.fullWindow,
      (on) => setAttributes(full, { "aria-pressed": String(on) }),
    ),
  );
  return h(
    "div",
    { class: "tsv-header" },
    title,
    method,
    variant,
    coverage,
    options.search.element,
    h(
      "div",
      { class: "tsv-actions" },
      back,
      forward,
      ...drawers.map(([, element]) => element),
      save,
      options.ownTheme ? theme : null,
      options.canFill ? full : null,
      help,
    ),
  );
}

/** Opens a drawer, or closes it where it is open. */
function drawerButton(
  label: string,
  drawer: Drawer,
  { store, disposables }: HeaderOptions,
): HTMLElement {
  const isOpen = () => store.value.drawer === drawer;
  const toggle = () => store.dispatch({ type: "drawer", drawer: isOpen() ? null : drawer });
  const element = button(label, toggle);
  disposables.add(
    store.watch(isOpen, (open) => setAttributes(element, { "aria-pressed": String(open) })),
  );
  return element;
}

/** The row of the method that is shown, as compiled, after a pass, or of another variant. */
function shownMethod({ document, place }: State): number {
  return isMethod(document?.graphs[place.graph]?.payload.kind ?? "") ? place.graph : 0;
}

/** The variant that is shown, or the two that stand beside each other, as they stand. */
function variantWords(state: State): string {
  const { document, place } = state;
  if (!document) return "";
  const other = otherGraph(state);
  const shown = variantOf(document, place.graph);
  return other < 0 ? shown : `${variantOf(document, other)} | ${shown}`;
}

/** How surely the nodes of the variant that is shown are linked. */
function shownCoverage({ document, place }: State): CoveragePayload | null {
  const variant = document?.variants.find(({ graph }) => graph > 0 && graph === place.graph);
  return variant?.payload.coverage ?? document?.payload.coverage ?? null;
}

/** Four corners. Drawn, because many fonts have no such character. */
function corners(): SVGPathElement {
  return svg("path", { d: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4" });
}

function isDarkNow(element: Element): boolean {
  return element.closest<HTMLElement>(".tsv")?.dataset["theme"] === "dark";
}

/** The four shares, always apart: how surely nodes are linked matters more than that they are. */
function fillCoverage(element: HTMLElement, coverage: CoveragePayload): void {
  const linked = coverage.nodes === 0 ? 0 : (coverage.nodes - coverage.none) / coverage.nodes;
  // Never rounded up to all.
  const percent = linked === 1 ? 100 : Math.min(99, Math.floor(linked * 100));
  element.title = coverage.summary;
  element.setAttribute("aria-label", coverage.summary);
  const shares = h("span", { class: "tsv-shares" });
  for (const how of HOW) {
    if (shares.childNodes.length > 0) shares.append(" · ");
    shares.append(
      h("b", { class: `tsv-how-${how}`, title: how }, grouped(coverage[how])),
      h("span", { class: "tsv-word" }, ` ${how}`),
    );
  }
  const summary = coverage.nodes === 0 ? "no nodes" : `${percent}% linked`;
  element.replaceChildren(
    h("b", { class: percent === 100 ? "tsv-how-exact" : "" }, summary),
    ...(coverage.nodes === 0 ? [] : [shares]),
  );
}
