/** The drawer of a stepped program: where it is held, what it does next, and what there is to see. */

import type { Commands } from "../commands";
import { isStepping, type Debug } from "../debugging";
import { h } from "../dom";
import type { Plots } from "../plots/library";
import type { DebugState, DiagnosticPayload } from "../protocol.generated";
import type { Failure, State } from "../state";
import { Disposables, type Store } from "../store";
import { debugStrings as words } from "../debug-strings";
import { drawerHead } from "./drawer";
import { DebugBar } from "./debug-bar";
import { DebugSide } from "./debug-side";
import { DebugValueCard } from "./debug-card";
import { DebugValuesTable } from "./debug-values";

export class DebugPane {
  readonly element: HTMLElement;
  private readonly disposables = new Disposables();
  private readonly summary = h("span", { class: "tsv-debug-where", role: "status" });
  private readonly alerts = h("div", { class: "tsv-debug-alerts" });
  private readonly intro = h("p", { class: "tsv-empty" });
  private readonly body: HTMLElement;

  constructor(
    private readonly store: Store,
    private readonly commands: Commands,
    loadPlots: () => Promise<Plots>,
  ) {
    const { disposables } = this;
    this.body = h(
      "div",
      { class: "tsv-drawer-body" },
      new DebugValuesTable(store, commands, disposables, loadPlots).element,
      h(
        "div",
        { class: "tsv-debug-right" },
        new DebugValueCard(store, commands, disposables).element,
        new DebugSide(store, commands, disposables).element,
      ),
    );
    this.element = h(
      "section",
      { class: "tsv-drawer tsv-debug", "aria-label": words.title },
      drawerHead(store, words.title, this.summary),
      new DebugBar(store, commands, disposables).element,
      this.alerts,
      this.intro,
      this.body,
    );
    this.watch();
  }

  dispose(): void {
    this.disposables.dispose();
  }

  private watch(): void {
    const { store } = this;
    this.disposables.add(
      store.watch(
        (state) => state.drawer === "debug",
        (isOpen) => (this.element.hidden = !isOpen),
      ),
      store.watch(isUnknown, (unknown) => {
        if (unknown && this.commands.reason("debug") === "") void this.commands.debug.do("state");
      }),
      store.watch(
        (state) => state.debug,
        (debug) => this.show(debug),
      ),
      store.watch(
        ({ document, connected }) => `${!document} ${connected}`,
        () => this.show(store.value.debug),
      ),
    );
  }

  private show({ state, failure }: Debug): void {
    const isOpen = isStepping(this.store.value);
    this.body.hidden = !isOpen;
    this.intro.hidden = isOpen;
    const reason = this.commands.reason("debug");
    this.intro.textContent =
      reason === "" ? `${words.intro} ${words.keys}` : `${words.cannot}: ${reason}`;
    this.summary.replaceChildren(...(isOpen && state ? whereOf(state) : []));
    this.summary.title = isOpen && state ? state.text : "";
    this.alerts.replaceChildren(
      ...(failure ? [failureOf(failure)] : []),
      ...(isOpen && state?.fault ? [diagnosticOf(state.fault)] : []),
      ...(isOpen && state ? state.notes.map((note) => diagnosticOf(note)) : []),
    );
  }
}

/** Whether the drawer is open and does not know yet whether something is stepped. */
function isUnknown({ drawer, document, debug, connected }: State): boolean {
  return drawer === "debug" && document !== null && connected && debug.state === null;
}

function whereOf(state: DebugState): (HTMLElement | string)[] {
  const { status, text, result } = state;
  const side = state.is_head ? words.head : state.is_after ? words.after : words.before;
  const details = [
    ...(status === "paused" ? [state.reason, words.position(state.position, state.furthest)] : []),
    ...(status !== "paused" ? [words.passed(state.position)] : []),
    ...(state.iteration > 0 ? [words.iteration(state.iteration)] : []),
    ...(state.scope === "" ? [] : [words.module(state.scope)]),
    ...(state.is_other ? [words.otherGraph] : []),
  ];
  return [
    h("b", { class: `tsv-debug-status is-${status}` }, words.status[status] ?? status),
    ...(status === "paused" ? [` ${side} `] : text === "" ? [] : [" at "]),
    ...(text === "" ? [] : [h("code", {}, text)]),
    ...(result === "" ? [] : [`, ${words.returned} `, h("code", {}, result)]),
    h("span", { class: "tsv-faint" }, ` · ${details.join(" · ")}`),
  ];
}

function failureOf({ title, detail, help }: Failure): HTMLElement {
  return h(
    "div",
    { class: "tsv-failure", role: "alert" },
    h("b", {}, title),
    ...(detail === "" ? [] : [h("div", {}, detail)]),
    ...(help === "" ? [] : [h("div", {}, `help: ${help}`)]),
  );
}

function diagnosticOf({ code, severity, message, notes, help }: DiagnosticPayload): HTMLElement {
  const head = code === "" ? severity : `${severity}[${code}]`;
  return h(
    "div",
    { class: `tsv-failure is-${severity}`, role: "alert" },
    h("b", {}, `${head}: ${message}`),
    ...notes.map((note) => h("div", {}, `note: ${note}`)),
    ...(help === "" ? [] : [h("div", {}, `help: ${help}`)]),
  );
}
