/** The lower left pane: IR text, `.code`, table and outline as tabs. Each is made when first shown. */

import type { DebugCommands } from "../debug-commands";
import type { TextTab } from "../state";
import { h } from "../dom";
import { Disposables, type Store } from "../store";
import { createCodePane, createIrPane } from "./ir-text";
import { TablePane } from "./node-table";
import { OutlinePane } from "./outline";
import { Tabs, type Tab } from "./tabs";

interface Content {
  readonly element: HTMLElement;
  dispose(): void;
}

type Maker = (store: Store, debug?: DebugCommands) => Content;

const MAKERS: Record<TextTab, Maker> = {
  ir: createIrPane,
  code: createCodePane,
  table: (store) => new TablePane(store),
  tree: (store) => new OutlinePane(store),
};

export class TextPane {
  readonly element: HTMLElement;
  private readonly tabs: Tabs;
  private readonly contents = new Map<TextTab, Content>();
  private readonly disposables = new Disposables();

  constructor(
    private readonly store: Store,
    private readonly debug?: DebugCommands,
  ) {
    this.tabs = new Tabs("Text views", (key) =>
      store.dispatch({ type: "textTab", tab: key as TextTab }),
    );
    this.element = h(
      "section",
      { class: "tsv-pane tsv-text-pane", "aria-label": "IR text" },
      this.tabs.element,
    );
    this.disposables.add(
      store.watch(
        (state) => state.document,
        (document) => {
          const tabs: Tab[] = [
            { key: "ir", label: "IR" },
            { key: "table", label: "Table" },
            { key: "tree", label: "Outline" },
          ];
          if (document && document.payload.code.length > 0)
            tabs.splice(1, 0, {
              key: "code",
              label: ".code",
              title: "TorchScript's own source view",
            });
          this.tabs.set(tabs, store.value.textTab);
        },
      ),
      store.watch(
        (state) => state.textTab,
        (tab) => this.show(tab),
      ),
    );
  }

  dispose(): void {
    this.disposables.dispose();
    for (const content of this.contents.values()) content.dispose();
  }

  private show(tab: TextTab): void {
    this.tabs.mark(tab);
    let content = this.contents.get(tab);
    if (!content) {
      content = MAKERS[tab](this.store, this.debug);
      this.contents.set(tab, content);
      this.element.append(content.element);
    }
    for (const [key, { element }] of this.contents) element.hidden = key !== tab;
  }
}
