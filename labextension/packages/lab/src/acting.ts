/** Commands on the explorer that the user is at; where there is none, on what a notebook computes. */

import type { JupyterFrontEnd } from "@jupyterlab/application";
import { Notification, type ICommandPalette } from "@jupyterlab/apputils";
import type { Linked, LinkedAct } from "@tsviz/core/linking";

import { CATEGORY, COMMANDS } from "./ids";
import type { CurrentExplorer } from "./linked";
import { strings } from "./strings";

/** What else a command does. */
export interface Otherwise {
  isEnabled(): boolean;
  execute(): Promise<void>;
}

const NOTHING_ELSE: Otherwise = { isEnabled: () => false, execute: () => Promise.resolve() };
const ACTS = [
  [COMMANDS.compare, "compare"],
  [COMMANDS.profile, "profile"],
  [COMMANDS.debug, "debug"],
  [COMMANDS.exportHtml, "export"],
] as const;

/** @param otherwise what commands do where no explorer is current, by their names */
export function addActs(
  app: JupyterFrontEnd,
  current: CurrentExplorer,
  palette: ICommandPalette | null,
  otherwise: Readonly<Record<string, Otherwise>>,
): void {
  for (const [id, act] of ACTS) {
    const [label, caption] = strings.commands[id]!;
    const other = otherwise[id] ?? NOTHING_ELSE;
    const name = label.replace(/ …$/, ""); // nothing more is asked then
    app.commands.addCommand(id, {
      label: () => (current.value ? name : label),
      caption,
      describedBy: { args: { type: "object", properties: { isTab: { type: "boolean" } } } },
      isEnabled: () => current.value !== null || other.isEnabled(),
      execute: async ({ isTab }) => {
        if (isTab) chooseTab(app, current);
        if (current.value) await use(current.value, act, name);
        else await other.execute();
      },
    });
    palette?.addItem({ command: id, category: CATEGORY });
  }
}

/** The explorer of the tab that was clicked, which need not be the one in front. */
function chooseTab(app: JupyterFrontEnd, current: CurrentExplorer): void {
  const id = app.contextMenuHitTest((node) => node.dataset["id"] !== undefined)?.dataset["id"];
  const home = [...app.shell.widgets("main")].find((widget) => widget.id === id);
  if (!home) return;
  app.shell.activateById(home.id);
  current.chooseIn(home);
}

async function use(linked: Linked, act: LinkedAct, name: string): Promise<void> {
  const reason = linked.reason(act);
  if (reason !== "") {
    Notification.info(strings.cannot(name, reason), { autoClose: 8000 });
    return;
  }
  if (act !== "export") {
    linked.element.scrollIntoView({ block: "nearest" });
    linked.element.querySelector<HTMLElement>(".tsv")?.focus({ preventScroll: true });
  }
  await linked.act(act);
}
