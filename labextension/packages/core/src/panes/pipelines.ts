/** Which pipeline is recorded, and why another one cannot be. */

import type { Commands } from "../commands";
import { button, h, setReason } from "../dom";
import type { Disposables, Store } from "../store";
import { strings } from "../strings";

export function createPipelines(
  store: Store,
  commands: Commands,
  disposables: Disposables,
): HTMLElement[] {
  const pipelines = h("select", { class: "tsv-btn", "aria-label": "Pipeline" });
  const record = button("Record", () => void commands.recordPasses(pipelines.value));
  const why = h("span", { class: "tsv-why tsv-faint" });
  const fill = () => {
    const { document } = store.value;
    const { pipelines: known = [], reasons = {} } = document?.payload.capabilities ?? {};
    const recorded = document?.passes?.payload.pipeline ?? "";
    const names = recorded === "" || known.includes(recorded) ? known : [recorded, ...known];
    const isOpen = (name: string) => reasons[name] === undefined;
    pipelines.replaceChildren(
      ...names.map((value) => h("option", { value, disabled: !isOpen(value) }, value)),
    );
    pipelines.value = recorded === "" ? (names.find(isOpen) ?? "") : recorded;
    why.textContent = names
      .filter((name) => !isOpen(name))
      .map((name) => `${name}: ${reasons[name]!}`)
      .join("; ");
    setReason(record, commands.reason("passes"), strings.recordHow);
  };
  disposables.add(
    store.watch((state) => state.document, fill),
    store.watch((state) => state.connected, fill),
  );
  return [pipelines, record, why];
}
