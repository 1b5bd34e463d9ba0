/** What stands beside the values of a stepped program: frames, breakpoints and watched expressions. */

import type { Commands } from "../commands";
import { button, h } from "../dom";
import type { DebugBreakpoint, DebugFrame, DebugState } from "../protocol.generated";
import type { Disposables, Store } from "../store";
import { debugStrings as words } from "../debug-strings";
import { breakpointPlace } from "../debugging";
import { breakpointWords } from "./break-mark";
import { field, form, keepKeys } from "./debug-fields";
import { DebugPins } from "./debug-pins";

export class DebugSide {
  readonly element: HTMLElement;
  private readonly frames = h("ol", { class: "tsv-debug-list", "aria-label": words.frames });
  private readonly points = h("ul", { class: "tsv-debug-list", "aria-label": words.breakpoints });
  private readonly watches = h("ul", { class: "tsv-debug-list", "aria-label": words.watch });
  private shown: DebugState | null = null;

  constructor(
    private readonly store: Store,
    private readonly commands: Commands,
    disposables: Disposables,
  ) {
    this.element = h(
      "div",
      { class: "tsv-debug-side" },
      h("h4", {}, words.watch),
      this.watches,
      this.watchForm(disposables),
      h("h4", {}, words.breakpoints),
      this.points,
      this.breakpointForm(disposables),
      h("h4", {}, words.frames),
      this.frames,
      new DebugPins(store, commands, disposables).element,
    );
    disposables.add(
      store.watch(
        (state) => state.debug.state,
        (state) => this.fill(state),
      ),
    );
  }

  private fill(state: DebugState | null): void {
    const before = this.shown;
    this.shown = state;
    const { frames = [], breakpoints = [], watches = [] } = state ?? {};
    this.frames.replaceChildren(
      ...(frames.length > 0 ? frames.map((frame) => this.frame(frame)) : [nothing(words.noFrames)]),
    );
    // A condition that is being typed is not taken away from under the hands.
    if (JSON.stringify(before?.breakpoints) !== JSON.stringify(breakpoints))
      this.points.replaceChildren(
        ...(breakpoints.length > 0
          ? breakpoints.map((one) => this.point(one))
          : [nothing(words.noBreakpoints)]),
      );
    this.watches.replaceChildren(
      ...(watches.length > 0
        ? watches.map(({ text, shown }) =>
            h(
              "li",
              { class: "tsv-mono" },
              h("b", {}, text),
              ` = ${shown}`,
              this.remover(text, () => void this.commands.debug.do("unwatch", { text })),
            ),
          )
        : [nothing(words.noWatches)]),
    );
  }

  private frame({ path, line, function: name }: DebugFrame): HTMLElement {
    const file = this.fileOf(path);
    const title = this.store.value.document?.payload.files[file]?.title ?? path;
    const words = `${name.split(".").at(-1) || "?"}  ${title}:${line}`;
    if (file < 0) return h("li", { class: "tsv-mono", title: path }, words);
    const show = () => {
      const selection = { kind: "line", file, line } as const;
      this.store.dispatch({ type: "select", selection, reveal: true });
    };
    return h("li", {}, button(words, show, { class: "tsv-link tsv-mono", title: path }));
  }

  private fileOf(path: string): number {
    return this.store.value.document?.payload.files.findIndex((file) => file.path === path) ?? -1;
  }

  private point(one: DebugBreakpoint): HTMLElement {
    const { number, text, when, hits, failure } = one;
    const condition = h("input", {
      class: "tsv-field tsv-mono",
      value: when,
      placeholder: words.always,
      spellcheck: "false",
      "aria-label": `${words.condition} of ${words.breakpoint(number)}`,
      title: words.conditionHow,
    });
    condition.addEventListener("change", () => {
      const text = condition.value.trim();
      void this.commands.debug.do("condition", { number, text, after: one.after });
    });
    condition.addEventListener("keydown", keepKeys);
    return h(
      "li",
      { class: "tsv-debug-point", "aria-label": breakpointWords(one) },
      h("span", { class: "tsv-break-point", "aria-hidden": "true" }, when === "" ? "●" : "◆"),
      h(
        "span",
        { class: "tsv-mono", title: text },
        breakpointPlace(this.store.value.document, one),
      ),
      condition,
      h("span", { class: "tsv-faint" }, words.hits(hits)),
      this.remover(
        words.breakpoint(number),
        () => void this.commands.debug.do("clear", { number }),
      ),
      failure === "" ? null : h("p", { class: "tsv-debug-odd" }, words.raised(failure)),
    );
  }

  private remover(what: string, act: () => void): HTMLElement {
    return button("×", act, {
      class: "tsv-link",
      "aria-label": words.remove(what),
      title: words.remove(what),
    });
  }

  private watchForm(disposables: Disposables): HTMLElement {
    const text = field(words.watch, words.watchHow);
    return form(disposables, words.watch, [text], () => {
      const expression = text.value.trim();
      if (expression === "") return;
      text.value = "";
      void this.commands.debug.do("watch", { text: expression });
    });
  }

  private breakpointForm(disposables: Disposables): HTMLElement {
    const where = field(words.breakpointWhere, words.breakpointHow);
    const when = field(words.condition, words.conditionHow);
    const after = h("input", {
      class: "tsv-field tsv-number-field",
      type: "number",
      min: 0,
      placeholder: words.after_,
      "aria-label": words.after_,
      title: words.afterHow,
    });
    return form(disposables, words.breakpoints, [where, when, after], () => {
      const target = where.value.trim();
      if (target === "") return;
      const passes = Math.max(0, Math.floor(after.valueAsNumber || 0));
      void this.commands.debug
        .do("break", { target, text: when.value.trim(), after: passes })
        .then(() => {
          if (this.store.value.debug.failure) return; // it can be mended where it was typed
          where.value = when.value = after.value = "";
        });
    });
  }
}

const nothing = (text: string) => h("li", { class: "tsv-faint" }, text);
