/** Fields of the drawer of a stepped program, and what is typed into them. */

import { h } from "../dom";
import { isFunctionKey } from "../keyboard";
import type { Disposables } from "../store";
import { debugStrings as words } from "../debug-strings";

/** Letters typed into a field are nobody's commands. */
export const keepKeys = (event: KeyboardEvent): void => {
  if (!isFunctionKey(event)) event.stopPropagation();
};

export function field(label: string, how: string): HTMLInputElement {
  return h("input", {
    class: "tsv-field tsv-mono",
    spellcheck: "false",
    placeholder: label,
    "aria-label": label,
    title: how,
  });
}

/** Fields with a button; Enter in any of them is a click on it. */
export function form(
  disposables: Disposables,
  label: string,
  fields: readonly HTMLInputElement[],
  act: () => void,
  verb: string = words.add,
): HTMLFormElement {
  const made = h(
    "form",
    { class: "tsv-debug-form", "aria-label": label, novalidate: true },
    ...fields,
    h("button", { type: "submit", class: "tsv-btn" }, verb),
  );
  disposables.listen<"keydown">(made, "keydown", keepKeys);
  disposables.listen(made, "submit", (event) => {
    event.preventDefault();
    act();
  });
  return made;
}
