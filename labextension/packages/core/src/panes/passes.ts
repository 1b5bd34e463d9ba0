/** The drawer of passes: every step of a pipeline, and the way from one snapshot to the next. */

import { currentStep } from "../stepping";
import type { Commands } from "../commands";
import { button, h, setAttributes, setReason } from "../dom";
import type { Passes } from "../model";
import type { PassPayload } from "../protocol.generated";
import { CHANGE_WORDS, SIGNS } from "../scene/paint";
import { Disposables, type Store } from "../store";
import { counted, strings } from "../strings";

const PIPELINES = ["runtime", "freeze", "optimize"] as const;

export class PassesPane {
  readonly element: HTMLElement;
  private readonly list = h("div", { class: "tsv-steps", role: "listbox", tabindex: "0" });
  private readonly summary = h("span", { class: "tsv-faint" });
  private readonly disposables = new Disposables();
  private rows = new Map<number, HTMLElement>();

  constructor(
    private readonly store: Store,
    commands: Commands,
  ) {
    const pipeline = h("select", { class: "tsv-btn", "aria-label": "Pipeline" });
    pipeline.append(...PIPELINES.map((name) => h("option", { value: name }, name)));
    const record = button("Record", () => void commands.recordPasses(pipeline.value));
    const step = (label: string, direction: 1 | -1, name: string) =>
      button(label, () => store.dispatch({ type: "nextStep", direction }), {
        "aria-label": name,
        title: name,
      });
    const split = button(
      "Split",
      () => {
        const compare = store.value.compare === "off" ? "graphs" : "off";
        store.dispatch({ type: "compare", compare });
      },
      { title: strings.splitHow, "aria-pressed": "false" },
    );
    setAttributes(this.list, { "aria-label": "Steps" });
    this.element = h(
      "section",
      { class: "tsv-drawer", "aria-label": "Passes" },
      h(
        "div",
        { class: "tsv-drawer-head" },
        h("h3", {}, "Passes"),
        pipeline,
        record,
        step("[", -1, "Change before"),
        step("]", 1, "Next change"),
        split,
        this.summary,
        button("×", () => store.dispatch({ type: "drawer", open: false }), {
          class: "tsv-btn tsv-close",
          "aria-label": "Close passes",
        }),
      ),
      this.list,
    );
    this.disposables.listen<"keydown">(this.list, "keydown", (event) => this.walk(event));
    this.disposables.add(
      store.watch(
        (state) => state.drawer,
        (open) => (this.element.hidden = !open),
      ),
      store.watch(
        (state) => state.document,
        (document) => {
          if (document?.passes) pipeline.value = document.passes.payload.pipeline;
          this.fill(document?.passes ?? null);
        },
      ),
      store.watch(
        (state) => `${state.connected} ${state.document !== null}`,
        () => setReason(record, commands.reason("passes"), strings.recordHow),
      ),
      store.watch(
        (state) => state.place.graph,
        () => this.mark(),
      ),
      store.watch(
        (state) => state.compare,
        (compare) => setAttributes(split, { "aria-pressed": String(compare !== "off") }),
      ),
    );
  }

  dispose(): void {
    this.disposables.dispose();
  }

  private fill(passes: Passes | null): void {
    this.rows = new Map();
    if (!passes) {
      this.summary.textContent = strings.noPasses;
      this.list.replaceChildren();
      return;
    }
    const { steps, payload } = passes;
    const changed = steps.filter((_, step) => passes.isChanged(step)).length;
    const inside = payload.inside > 0 ? ` · ${counted(payload.inside, strings.inside)}` : "";
    this.summary.textContent = `${counted(steps.length, strings.step)}, ${changed} changed something${inside}`;
    const rows: HTMLElement[] = [this.row(-1, strings.asCaptured, null)];
    let [stage, idle] = ["", 0];
    const flush = () => {
      if (idle > 0)
        rows.push(h("div", { class: "tsv-step-idle tsv-faint" }, strings.unchanged(idle)));
      idle = 0;
    };
    steps.forEach((step, at) => {
      const band = step.run > 0 ? `run ${step.run} · ${step.stage}` : step.stage;
      if (band !== stage) {
        flush();
        rows.push(h("div", { class: "tsv-step-stage" }, band));
        stage = band;
      }
      if (!passes.isChanged(at) && step.failure === "") idle += 1;
      else {
        flush();
        rows.push(this.row(at, step.name, step));
      }
    });
    flush();
    this.list.replaceChildren(...rows);
    this.mark();
  }

  private row(at: number, name: string, step: PassPayload | null): HTMLElement {
    const row = h(
      "div",
      { class: "tsv-step", role: "option", "data-step": at, "aria-selected": "false" },
      h("span", { class: "tsv-step-name" }, name),
      ...(step ? badges(step) : []),
      h("span", { class: "tsv-step-words tsv-faint" }, wordsOf(step)),
    );
    if (step) row.title = [step.failure, ...step.words].filter((text) => text !== "").join("\n");
    row.addEventListener("click", () => this.store.dispatch({ type: "showStep", step: at }));
    this.rows.set(at, row);
    return row;
  }

  /** The step whose snapshot is shown. */
  private mark(): void {
    const chosen = currentStep(this.store.value);
    for (const [at, row] of this.rows) {
      setAttributes(row, { "aria-selected": String(at === chosen) });
      if (at === chosen) requestAnimationFrame(() => row.scrollIntoView({ block: "nearest" }));
    }
  }

  private walk(event: KeyboardEvent): void {
    const direction = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (direction === 0) return;
    event.preventDefault();
    event.stopPropagation();
    this.store.dispatch({ type: "nextStep", direction });
  }
}

function badges(step: PassPayload): HTMLElement[] {
  const kinds = [
    ["made", step.added],
    ["removed", step.removed],
    ["edited", step.changed],
    ["moved", step.moved],
  ] as const;
  return kinds
    .filter(([, count]) => count > 0)
    .map(([change, count]) =>
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
