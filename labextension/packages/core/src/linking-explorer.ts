/** An explorer, as the page around it sees it. */

import type { Explorer } from "./app";
import { isStepping } from "./debugging";
import { drawerReason } from "./drawers";
import { linkedExplorers, type LinkedAct, type LinkedLine } from "./linking";
import { filesOf, marksOf, rowOf } from "./linking-lines";
import {
  breakpointsOf,
  findingsOf,
  methodsOf,
  passesOf,
  scopesOf,
  showLine,
  watchesOf,
} from "./linking-lists";
import { memoised } from "./memoised";
import { frameOf } from "./selection";
import { currentGraph, type State } from "./state";

type Linkable = Pick<Explorer, "store" | "commands">;

/** Lets the page see an explorer; returns how to end that. */
export function link(element: HTMLElement, { store, commands }: Linkable): () => void {
  const canBreak = () => commands.reason("debug") === "";
  return linkedExplorers().add({
    element,
    title: () => titleOf(store.value),
    files: () => (store.value.document ? filesOf(store.value.document) : []),
    marks: (path) => marksOf(store.value, path, canBreak()),
    showFound(path, line) {
      const { findings } = store.value;
      const found = findings?.marks(rowOf(store.value, path)).get(line);
      if (found) store.dispatch({ type: "finding", finding: found.finding });
      else {
        store.dispatch({ type: "drawer", drawer: "compare" });
        showLine(store, { path, line });
      }
    },
    scopes: () => scopesOf(store),
    methods: () => methodsOf(store),
    passes: () => passesOf(store),
    findings: () => findingsOf(store),
    breakpoints: () => breakpointsOf(store),
    watches: () => watchesOf(store, commands),
    selected: () => selectedLine(store.value),
    markLine(path, line) {
      const file = rowOf(store.value, path);
      const graph = currentGraph(store.value);
      if (!graph || file < 0 || !graph.lines.count(file, line)) return false;
      showLine(store, { path, line });
      return true;
    },
    toggleBreakpoint: (path, line) => toggleBreakpoint({ store, commands }, { path, line }),
    reason: (act) => reasonOf({ store, commands }, act),
    async act(act) {
      if (act === "export") await commands.saveHtml();
      else store.dispatch({ type: "drawer", drawer: act });
    },
    onChange(listener) {
      const together = memoised((...parts: unknown[]) => parts);
      return store.watch((state) => together(...shownOf(state)), listener);
    },
  });
}

/** What the marks, the lists and the reasons are made of. */
const shownOf = (state: State): unknown[] => [
  ...[state.document, state.place, state.findings, state.finding, state.heat],
  ...[state.compare, state.variant, state.pins, state.debug.state, state.debug.look],
  state.connected,
];

function reasonOf({ store, commands }: Linkable, act: LinkedAct): string {
  return act === "export" ? commands.reason("save_html") : drawerReason(act, store.value, commands);
}

/** What is not stepped yet is begun for it: held before its first node, it runs no further. */
async function toggleBreakpoint(
  { store, commands }: Linkable,
  { path, line }: LinkedLine,
): Promise<string> {
  const { debug } = commands;
  if (!isStepping(store.value) && debug.reason("start") === "") {
    store.dispatch({ type: "drawer", drawer: "debug" });
    await debug.do("start");
  }
  const failed = () => store.value.debug.failure?.title ?? "";
  if (!isStepping(store.value) && failed() !== "") return failed();
  const reason = debug.reason("break");
  if (reason !== "") return reason;
  await debug.toggle({ kind: "line", path, line });
  return failed();
}

function titleOf({ document }: State): string {
  return document ? `${document.payload.title}.${document.payload.method}` : "";
}

function selectedLine(state: State): LinkedLine | null {
  const graph = currentGraph(state);
  const { selection } = state.place;
  if (!graph || !selection || selection.kind === "line") return null;
  const frame = graph.document.frame(frameOf(graph, selection));
  const file = frame && graph.document.payload.files[frame.file];
  return file ? { path: file.path, line: frame.line } : null;
}
