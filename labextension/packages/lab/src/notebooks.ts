/** Commands that put a `%tsdebug` line below the active cell and run it. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette, InputDialog } from "@jupyterlab/apputils";
import { INotebookTracker, NotebookActions, type NotebookPanel } from "@jupyterlab/notebook";

import { addActs } from "./acting";
import { CATEGORY, COMMANDS } from "./ids";
import type { CurrentExplorer } from "./linked";
import { strings } from "./strings";
import { ICurrentExplorer } from "./tokens";

/** What is run, by its command: the options of `%tsdebug`. */
const LINES = [
  [COMMANDS.explore, ""],
  [COMMANDS.doctor, "--doctor "],
] as const;
/** The same where no explorer is current. */
const LINES_ELSE = [
  [COMMANDS.compare, "--compare "],
  [COMMANDS.profile, "--profile "],
  [COMMANDS.debug, "--debug "],
] as const;
const LOAD = 'get_ipython().extension_manager.load_extension("tsviz")';

/** What is selected in the active cell, or its last line. */
function proposed({ content }: NotebookPanel): string {
  const editor = content.activeCell?.editor;
  if (!editor) return "";
  const { start, end } = editor.getSelection();
  const text = editor.model.sharedModel.getSource();
  const selected = text.slice(editor.getOffsetAt(start), editor.getOffsetAt(end)).trim();
  const last = text.trimEnd().split("\n").at(-1) ?? "";
  return (selected || last).replace(/^%\S+\s*/, "");
}

async function runBelow({ content, sessionContext }: NotebookPanel, text: string): Promise<void> {
  // The line then works in kernels that have not loaded tsviz; where there is none it says so.
  await sessionContext.session?.kernel?.requestExecute({
    code: LOAD,
    silent: true,
    store_history: false,
  }).done;
  NotebookActions.insertBelow(content);
  content.activeCell?.model.sharedModel.setSource(text);
  await NotebookActions.run(content, sessionContext);
}

/** Asks for a target, and runs the line. */
async function ask(panel: NotebookPanel, id: string, options: string): Promise<void> {
  const { value } = await InputDialog.getText({
    title: strings.commands[id]![0],
    label: strings.targetLabel,
    placeholder: strings.targetExample,
    text: proposed(panel),
  });
  if (value) await runBelow(panel, `%tsdebug ${options}${value.trim()}`);
}

function activate(
  app: JupyterFrontEnd,
  notebooks: INotebookTracker,
  explorer: CurrentExplorer,
  palette: ICommandPalette | null,
): void {
  const { commands, shell } = app;
  const current = () => {
    const panel = notebooks.currentWidget;
    return panel !== null && panel === shell.currentWidget ? panel : null;
  };
  const isEnabled = () => current()?.content.activeCell != null;
  const add = (id: string, execute: (panel: NotebookPanel) => Promise<void>) => {
    const [label, caption] = strings.commands[id]!;
    commands.addCommand(id, {
      label,
      caption,
      describedBy: { args: { type: "object", properties: {} } },
      isEnabled,
      execute: async () => {
        const panel = current();
        if (panel) await execute(panel);
      },
    });
    palette?.addItem({ command: id, category: CATEGORY });
  };
  for (const [id, options] of LINES) add(id, (panel) => ask(panel, id, options));
  const otherwise = LINES_ELSE.map(([id, options]) => {
    const execute = async () => {
      const panel = current();
      if (panel) await ask(panel, id, options);
    };
    return [id, { isEnabled, execute }] as const;
  });
  addActs(app, explorer, palette, Object.fromEntries(otherwise));
  add(COMMANDS.explain, (panel) => runBelow(panel, "%tsdebug"));
  add(COMMANDS.exploreCell, (panel) =>
    runBelow(panel, `%%tsdebug\n${panel.content.activeCell!.model.sharedModel.getSource()}`),
  );
}

export const notebooks: JupyterFrontEndPlugin<void> = {
  id: "tsviz:notebooks",
  description: "Commands on what a notebook computes",
  autoStart: true,
  requires: [INotebookTracker, ICurrentExplorer],
  optional: [ICommandPalette],
  activate,
};
