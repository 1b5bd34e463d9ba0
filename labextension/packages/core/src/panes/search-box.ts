/** The search field of the header and its list of results. */

import { currentGraph } from "../state";
import { h, setAttributes } from "../dom";
import { search, type Match, type Matches } from "../search";
import type { Disposables, Store } from "../store";
import { shorten } from "../scene/words";
import { grouped } from "../strings";

export interface SearchBox {
  readonly element: HTMLElement;
  focus(): void;
}

export function createSearchBox(
  store: Store,
  disposables: Disposables,
  leave: () => void,
): SearchBox {
  const id = `tsv-results-${Math.random().toString(36).slice(2)}`;
  const input = h("input", {
    type: "search",
    placeholder: "op, value, scope, file:line, /regex/",
    "aria-label": "Search",
    role: "combobox",
    "aria-expanded": "false",
    "aria-controls": id,
    autocomplete: "off",
    spellcheck: "false",
  });
  const note = h("div", { class: "tsv-note", role: "status" });
  const list = h("div", { role: "listbox", id, "aria-label": "Search results" });
  const results = h("div", { class: "tsv-results", hidden: true }, note, list);
  const element = h(
    "div",
    { class: "tsv-search", role: "search" },
    input,
    h("kbd", {}, "/"),
    results,
  );
  let found: Matches = { matches: [], total: 0, error: "" };
  let at = -1;

  const mark = (next: number) => {
    at = next;
    [...list.querySelectorAll('[role="option"]')].forEach((option, i) => {
      setAttributes(option, { "aria-selected": String(i === at) });
      if (i === at) option.scrollIntoView({ block: "nearest" });
    });
    setAttributes(input, { "aria-activedescendant": at >= 0 ? `${id}-${at}` : null });
  };
  const choose = (match: Match | undefined) => {
    if (!match) return;
    store.dispatch({ type: "select", selection: match.selection, reveal: true });
  };
  const option = (match: Match, i: number) => {
    const row = h(
      "div",
      { role: "option", id: `${id}-${i}`, "aria-selected": "false" },
      h("span", { class: "tsv-faint" }, match.kind),
      h("span", { class: "tsv-main tsv-mono" }, match.title),
      h("span", { class: "tsv-where tsv-faint" }, shorten(match.where, 38)),
    );
    // Not `click`: the field would lose the focus first and close the list.
    row.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      mark(i);
      choose(match);
      store.dispatch({ type: "search", query: null });
    });
    return row;
  };
  const render = (query: string | null) => {
    const graph = currentGraph(store.value);
    const isOpen = query !== null && query.trim() !== "" && graph !== null;
    results.hidden = !isOpen;
    setAttributes(input, { "aria-expanded": String(isOpen) });
    if (query === null) return;
    if (input.value !== query) input.value = query;
    if (!isOpen) return;
    found = search(graph, query);
    const { matches, total, error } = found;
    note.textContent =
      error !== ""
        ? error
        : total === 0
          ? "nothing found"
          : total > matches.length
            ? `${grouped(total)} found, the first ${matches.length} shown`
            : `${total} found`;
    list.replaceChildren(...matches.map(option));
    mark(matches.length > 0 ? 0 : -1);
  };

  input.addEventListener("input", () => store.dispatch({ type: "search", query: input.value }));
  input.addEventListener("focus", () => {
    if (input.value !== "") store.dispatch({ type: "search", query: input.value });
  });
  input.addEventListener("blur", () => store.dispatch({ type: "search", query: null }));
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const { length } = found.matches;
      if (length > 0) mark((at + step + length) % length);
      choose(found.matches[at]);
    } else if (event.key === "Enter") {
      choose(found.matches[at]);
      store.dispatch({ type: "search", query: null });
      leave();
    } else if (event.key === "Escape") {
      input.value = "";
      store.dispatch({ type: "search", query: null });
      leave();
    }
  });
  disposables.add(store.watch((state) => state.search, render));
  return {
    element,
    focus: () => {
      input.focus();
      input.select();
    },
  };
}
