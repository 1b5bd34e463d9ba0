/** What lists around the explorer hold: each row leads to something in it. */

import type { Commands } from "./commands";
import { counted } from "./counting";
import { debugStrings } from "./debug-strings";
import { breakpointPlace } from "./debugging";
import type { LinkedItem, LinkedLine, LinkedScope } from "./linking";
import { rowOf } from "./linking-lines";
import { isMethod, methodWords } from "./methods";
import type { DebugBreakpoint, DiagnosticPayload, PassPayload } from "./protocol.generated";
import { SIGNS } from "./scene/paint";
import { currentGraph, type Selection, type State } from "./state";
import { currentStep, isSnapshot } from "./stepping";
import type { Store } from "./store";
import { strings } from "./strings";

export function scopesOf(store: Store): readonly LinkedScope[] {
  const graph = currentGraph(store.value);
  if (!graph) return [];
  const { selection } = store.value.place;
  const rows: LinkedScope[] = [];
  const visit = (container: number) => {
    rows.push({
      text: container === 0 ? graph.payload.name : graph.label(container),
      detail: counted(graph.size(container), strings.node),
      depth: graph.depth(container),
      place: null,
      isShown: selection?.kind === "container" && selection.container === container,
      show: () => select(store, { kind: "container", container }),
    });
    graph.children(container).forEach(visit);
  };
  visit(0);
  return rows;
}

export function methodsOf(store: Store): readonly LinkedItem[] {
  const { document, place } = store.value;
  return (document?.payload.graphs ?? []).flatMap(({ kind, name }, graph) =>
    isMethod(kind)
      ? [
          item(methodWords(kind, name), "", null, place.graph === graph, () =>
            store.dispatch({ type: "showGraph", graph }),
          ),
        ]
      : [],
  );
}

/** Passes of the program itself that changed something, after what they began with. */
export function passesOf(store: Store): readonly LinkedItem[] {
  const { document, place } = store.value;
  const passes = document?.passes;
  if (!passes) return [];
  const shown = isSnapshot(document, place.graph) ? currentStep(store.value) : null;
  const row = (step: number, text: string, detail: string) =>
    item(text, detail, null, shown === step, () => store.dispatch({ type: "showStep", step }));
  const steps = passes.parts[0]!.steps.filter(
    (step) => passes.isChanged(step) && passes.graphAfter(step) >= 0,
  );
  return [
    row(-1, strings.asCaptured, ""),
    ...steps.map((step) => row(step, passes.steps[step]!.name, changesOf(passes.steps[step]!))),
  ];
}

const changesOf = ({ added, removed, changed }: PassPayload): string =>
  [
    added > 0 ? `${SIGNS.made}${added}` : "",
    removed > 0 ? `${SIGNS.removed}${removed}` : "",
    changed > 0 ? `${SIGNS.edited}${changed}` : "",
  ]
    .filter(Boolean)
    .join(" ");

/** What was said of the program, of its profile and of the run that is stepped; what a search found. */
export function findingsOf(store: Store): readonly LinkedItem[] {
  const { document, debug, findings, finding: chosen } = store.value;
  const said = [
    ...(document?.payload.diagnostics ?? []),
    ...(document?.profile?.payload.diagnostics ?? []),
    ...(debug.state?.fault ? [debug.state.fault] : []),
  ];
  const found = (findings?.payload.findings ?? []).map(
    ({ status, variant, sentence, place }, finding) =>
      item(
        `${status}, ${variant}: ${sentence}`,
        findings!.title(place),
        place ? lineAt(store.value, findings!.fileOf(place), place.line) : null,
        finding === chosen,
        () => store.dispatch({ type: "finding", finding }),
      ),
  );
  return [...said.map((one) => diagnostic(store, one)), ...found];
}

function diagnostic(store: Store, one: DiagnosticPayload): LinkedItem {
  const { code, severity, message, file, line } = one;
  const place = lineAt(store.value, file, line);
  const title = store.value.document?.payload.files[file]?.title;
  const where = place && title ? `${title}:${line}` : "";
  return item(`${severity}[${code}] ${message}`, where, place, false, () => showLine(store, place));
}

export function breakpointsOf(store: Store): readonly LinkedItem[] {
  const { document, debug } = store.value;
  return (debug.state?.breakpoints ?? []).map((point) => {
    const { when, hits, path, line } = point;
    const detail = [when && `if ${when}`, debugStrings.hits(hits)].filter(Boolean).join(", ");
    const place = path === "" ? null : { path, line };
    const isAt = debug.state?.path === path && debug.state.line === line && path !== "";
    return item(breakpointPlace(document, point), detail, place, isAt, () =>
      showPoint(store, point),
    );
  });
}

function showPoint(store: Store, { node, path, line }: DebugBreakpoint): void {
  store.dispatch({ type: "drawer", drawer: "debug" });
  if (path !== "") showLine(store, { path, line });
  else if (node >= 0) select(store, { kind: "node", node });
}

export function watchesOf(store: Store, { debug }: Commands): readonly LinkedItem[] {
  const { state, look } = store.value.debug;
  return (state?.watches ?? []).map(({ text, shown }) =>
    item(text, shown, null, look === text, () => {
      store.dispatch({ type: "drawer", drawer: "debug" });
      void debug.lookAt(text);
    }),
  );
}

function lineAt({ document }: State, file: number, line: number): LinkedLine | null {
  const path = document?.payload.files[file]?.path;
  return path !== undefined && line > 0 ? { path, line } : null;
}

export function showLine(store: Store, place: LinkedLine | null): void {
  const file = place ? rowOf(store.value, place.path) : -1;
  if (place && file >= 0) select(store, { kind: "line", file, line: place.line });
}

const select = (store: Store, selection: Selection) =>
  store.dispatch({ type: "select", selection, reveal: true });

const item = (
  text: string,
  detail: string,
  place: LinkedLine | null,
  isShown: boolean,
  show: () => void,
): LinkedItem => ({ text, detail, place, isShown, show });
