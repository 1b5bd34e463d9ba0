/** Puts the explorer together inside an element, and takes it apart again. */

import { isBeside } from "./besides";
import { Commands } from "./commands";
import { isStepping } from "./debugging";
import { h, setAttributes } from "./dom";
import { INITIAL, type NarrowTab, type State } from "./state";
import { leave } from "./keeping";
import { handleKey } from "./keyboard";
import { LayoutClient, type LayoutWorker } from "./layout/client";
import { canvasMeasure } from "./scene/measure";
import { isPageDark, onPageTheme, recall, remember } from "./page";
import { createHeader } from "./panes/header";
import { Inspector } from "./panes/inspector";
import { debugKey } from "./debug-commands";
import { ComparePane } from "./panes/compare";
import { DebugPane } from "./panes/debug";
import { PassesPane } from "./panes/passes";
import { ProfilePane } from "./panes/profile";
import { createHelp, createJobs, createNotice, createState } from "./panes/overlays";
import { createSearchBox } from "./panes/search-box";
import { SourcePane } from "./panes/source";
import { SplitPane } from "./panes/split";
import { Tabs } from "./panes/tabs";
import { TextPane } from "./panes/text";
import type { Plots } from "./plots/library";
import { Disposables, Store } from "./store";
import { strings } from "./strings";
import type { Transport } from "./transport";

export interface ExplorerOptions {
  readonly transport: Transport;
  /** Starts the layout worker; asked at once, while the data is still on its way. */
  readonly startWorker: () => Promise<LayoutWorker>;
  /** Fetches and starts what draws plots; asked when the first is to be seen. */
  readonly loadPlots: () => Promise<Plots>;
  /** Whether it is a whole page (an HTML file) and not a part of one (a notebook's cell). */
  readonly page?: boolean;
  /** So many boxes are drawn at first, at most. */
  readonly boxes?: number;
}

export interface Explorer {
  readonly store: Store;
  readonly commands: Commands;
  dispose(): void;
}

const WIDE = 1200;
const NARROW = 700;
const HEIGHT_KEY = "tsviz:height";

export function mountExplorer(host: HTMLElement, options: ExplorerOptions): Explorer {
  const page = options.page ?? false;
  const client = new LayoutClient(options.startWorker);
  const disposables = new Disposables();
  const { boxes = INITIAL.boxes } = options;
  const store = new Store({ ...INITIAL, fullWindow: page, boxes });
  const commands = new Commands(store, options.transport);
  const root = h("div", {
    class: page ? "tsv is-page" : "tsv",
    role: "region",
    "aria-label": "tsviz explorer",
    "data-lm-suppress-shortcuts": "true",
    "data-tsviz-ready": "false",
    tabindex: -1,
  });
  host.append(root);

  const split = new SplitPane({
    store,
    client,
    measure: canvasMeasure(),
    onFirstPicture: () => setAttributes(root, { "data-tsviz-ready": "true" }),
  });
  const graph = split.after;
  const source = new SourcePane(store, commands.debug);
  const text = new TextPane(store, commands.debug);
  const inspector = new Inspector(store, commands);
  const passes = new PassesPane(store, commands);
  const compare = new ComparePane(store, commands);
  const debug = new DebugPane(store, commands, options.loadPlots);
  const profile = new ProfilePane(store, commands, options.loadPlots);
  const search = createSearchBox(store, disposables, () => graph.focus());
  const banner = h("div", { class: "tsv-banner", role: "note" });
  const left = h("div", { class: "tsv-left" }, source.element, text.element);
  const switcher = createSwitch(store, disposables);
  const body = h("div", { class: "tsv-body" }, switcher, left, split.element, inspector.element);
  graph.element.append(createNotice(store, disposables));
  root.append(
    createHeader({
      store,
      commands,
      disposables,
      search,
      ownTheme: isPageDark() === null,
      canFill: !page,
    }),
    banner,
    createState(store, () => void commands.loadDocument(), disposables),
    body,
    passes.element,
    compare.element,
    debug.element,
    profile.element,
    createJobs(store, commands, disposables),
    createHelp(store, disposables),
  );

  disposables.add(
    store.watch(
      (state) => state.connected,
      () => showBanner(banner, store.value),
    ),
    store.watch(
      (state) => state.document,
      () => showBanner(banner, store.value),
    ),
    store.watch(
      (state) => state.status.kind,
      (kind) => {
        body.hidden = kind !== "ready";
        setAttributes(root, { "data-tsviz-state": kind });
        if (kind === "error") setAttributes(root, { "data-tsviz-ready": "true" });
      },
    ),
    store.watch(
      (state) => state.fullWindow,
      (on) => root.classList.toggle("is-full", on && !page),
    ),
  );
  arrange(root, store, disposables, { source, text, split, inspector, body });
  followTheme(root, store, disposables);
  if (!page) rememberHeight(root, disposables);
  disposables.listen<"keydown">(root, "keydown", (event) => {
    const side = split.sideOf(event.target);
    const handled = handleKey(event, {
      dispatch: side.store.dispatch,
      state: () => side.store.value,
      fit: () => side.graph.fit(),
      zoom: (factor) => side.graph.zoom(factor),
      search: () => search.focus(),
      debug: (key) => debugKey(key, store, commands.debug),
      leave: () => leave(root),
    });
    // Keys of the explorer are not also keys of the notebook around it.
    event.stopPropagation();
    if (handled) event.preventDefault();
  });

  return {
    store,
    commands,
    dispose() {
      disposables.dispose();
      for (const part of [
        split,
        source,
        text,
        inspector,
        passes,
        compare,
        debug,
        profile,
        commands,
        client,
      ])
        part.dispose();
      root.remove();
    },
  };
}

/** What holds for all that is shown: first that the kernel has gone, then what the program says. */
function showBanner(banner: HTMLElement, { connected, document }: State): void {
  const gone = connected || !document ? "" : strings.kernelGoneBanner;
  const texts = [gone, document?.payload.banner ?? ""].filter((text) => text !== "");
  banner.replaceChildren(...texts.map((text) => h("div", {}, text)));
  banner.hidden = texts.length === 0;
}

interface Parts {
  readonly source: { readonly element: HTMLElement };
  readonly text: { readonly element: HTMLElement };
  readonly split: SplitPane;
  readonly inspector: { readonly element: HTMLElement };
  readonly body: HTMLElement;
}

/** Three columns, two with tabs, or one with tabs, by the width of the explorer itself. */
function arrange(root: HTMLElement, store: Store, disposables: Disposables, parts: Parts): void {
  let opened = false;
  const apply = () => {
    const width = root.clientWidth;
    const layout = width >= WIDE ? "three" : width >= NARROW ? "two" : "one";
    root.dataset["layout"] = layout;
    const { narrowTab: tab, inspector } = store.value;
    const { source, text, split, inspector: details } = parts;
    const left = source.element.parentElement!;
    const one = layout === "one";
    const chosen = layout === "two" && (tab === "graph" || tab === "inspector") ? "source" : tab;
    source.element.hidden = layout !== "three" && chosen !== "source";
    text.element.hidden = layout !== "three" && chosen !== "text";
    left.hidden = one && chosen !== "source" && chosen !== "text";
    split.element.hidden = one && chosen !== "graph";
    details.element.hidden = layout === "two" ? !inspector : one && chosen !== "inspector";
    split.after.setCovered(layout === "two" && inspector ? details.element.offsetWidth : 0);
    for (const button of root.querySelectorAll<HTMLElement>(".tsv-switch [data-tab]"))
      setAttributes(button, { "aria-selected": String(button.dataset["tab"] === chosen) });
  };
  const observer = new ResizeObserver(apply);
  observer.observe(root);
  disposables.add(
    () => observer.disconnect(),
    store.watch((state) => state.narrowTab, apply),
    store.watch((state) => state.inspector, apply),
    store.watch(
      (state) => state.place.selection,
      (selection) => {
        if (!selection || root.dataset["layout"] !== "two" || opened) return;
        if (selection.kind === "line") return; // it is marked; details are of what is in the graph
        if (isBeside(store.value)) return; // they would lie over one of the two
        if (isStepping(store.value)) return; // they would lie over where it is held
        opened = true; // once; after that the reader opens and closes it
        store.dispatch({ type: "inspector", open: true });
      },
    ),
  );
}

function createSwitch(store: Store, disposables: Disposables): HTMLElement {
  const tabs = new Tabs("Panes", (key) =>
    store.dispatch({ type: "narrowTab", tab: key as NarrowTab }),
  );
  tabs.element.classList.add("tsv-switch");
  tabs.set(
    [
      { key: "graph", label: "Graph" },
      { key: "source", label: "Source" },
      { key: "text", label: "IR" },
      { key: "inspector", label: "Details" },
    ],
    store.value.narrowTab,
  );
  disposables.add(
    store.watch(
      (state) => state.narrowTab,
      (tab) => tabs.mark(tab),
    ),
  );
  return tabs.element;
}

/** The theme of the front end where it has one, else what the reader chose, else the system's. */
function followTheme(root: HTMLElement, store: Store, disposables: Disposables): void {
  const system = globalThis.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const { theme } = store.value;
    const dark = isPageDark() ?? (theme === "auto" ? system.matches : theme === "dark");
    root.dataset["theme"] = dark ? "dark" : "light";
    root.style.colorScheme = dark ? "dark" : "light";
  };
  disposables.listen(system, "change", apply);
  disposables.add(
    onPageTheme(apply),
    store.watch((state) => state.theme, apply),
  );
}

function rememberHeight(root: HTMLElement, disposables: Disposables): void {
  const stored = Number(recall(HEIGHT_KEY));
  if (stored >= 260 && stored <= 4000) root.style.height = `${stored}px`;
  disposables.listen(root, "pointerup", () => {
    if (root.style.height !== "") remember(HEIGHT_KEY, String(Math.round(root.offsetHeight)));
  });
}
