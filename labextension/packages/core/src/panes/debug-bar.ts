/** The controls of a stepped program: each says what it does, or why it cannot now. */

import type { Commands } from "../commands";
import { UNITS, isStepping } from "../debugging";
import { button, h, setAttributes, setReason } from "../dom";
import type { Disposables, Store } from "../store";
import { debugStrings as words } from "../debug-strings";

type Control = keyof typeof words.verbs;

const GROUPS: readonly (readonly Control[])[] = [
  ["continue", "pause"],
  ["step", "over", "out", "back"],
  ["odd", "run_to"],
  ["restart", "close"],
];

export class DebugBar {
  readonly element: HTMLElement;
  private readonly buttons = new Map<Control, HTMLButtonElement>();
  private readonly start = this.control("start", "tsv-btn tsv-primary");
  private readonly units = UNITS.map((unit) =>
    button(unit, () => this.store.dispatch({ type: "debug", action: { what: "by", by: unit } }), {
      "data-unit": unit,
    }),
  );
  private readonly differs = h(
    "select",
    { class: "tsv-btn", "aria-label": words.differs },
    h("option", { value: "", hidden: true }, words.differsFrom),
    ...words.variants.map((name) => h("option", { value: name }, name)),
  );
  private readonly groups: HTMLElement[];

  constructor(
    private readonly store: Store,
    private readonly commands: Commands,
    disposables: Disposables,
  ) {
    this.groups = GROUPS.map((group) =>
      h("div", { class: "tsv-debug-group" }, ...group.map((verb) => this.control(verb))),
    );
    const by = h(
      "div",
      { class: "tsv-debug-group tsv-debug-by", role: "group", "aria-label": words.by },
      h("span", { class: "tsv-faint" }, words.by),
      ...this.units,
    );
    this.groups.splice(2, 0, by);
    this.groups[3]!.append(this.differs);
    disposables.listen(this.differs, "change", () => {
      const text = this.differs.value;
      this.differs.value = "";
      void this.commands.debug.do("differs", { text });
    });
    this.element = h(
      "div",
      { class: "tsv-debug-bar", role: "toolbar", "aria-label": words.title },
      this.start,
      ...this.groups,
    );
    disposables.add(
      store.watch(
        ({ debug, connected, document, place }) =>
          `${debug.state?.serial} ${debug.state?.status} ${connected} ${!document} ` +
          JSON.stringify(place),
        () => this.enable(),
      ),
      store.watch(
        (state) => state.document?.payload.capabilities ?? null,
        () => this.enable(),
      ),
      store.watch(
        (state) => state.debug.by,
        (by) => {
          for (const unit of this.units)
            setAttributes(unit, { "aria-pressed": String(unit.dataset["unit"] === by) });
        },
      ),
    );
  }

  private control(verb: Control, className = "tsv-btn"): HTMLButtonElement {
    const [label] = words.verbs[verb];
    const made = button(label, () => this.commands.debug.use(verb), { class: className });
    this.buttons.set(verb, made);
    return made;
  }

  private enable(): void {
    const isOpen = isStepping(this.store.value);
    this.start.hidden = isOpen;
    for (const group of this.groups) group.hidden = !isOpen;
    for (const [verb, element] of this.buttons) {
      const [, how] = words.verbs[verb];
      setReason(element, this.commands.debug.reason(verb), how);
    }
    const why = this.commands.debug.reason("differs");
    setReason(this.differs, why, words.differsHow);
    this.differs.disabled = why !== "";
    const runs = this.store.value.debug.state?.status === "running";
    this.buttons.get("pause")!.hidden = !runs;
    this.buttons.get("continue")!.hidden = runs;
  }
}
