/** Two model files chosen in the file browser are laid beside each other. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ILabShell } from "@jupyterlab/application";
import { ICommandPalette } from "@jupyterlab/apputils";
import { IDocumentManager } from "@jupyterlab/docmanager";
import { FileDialog, IFileBrowserFactory } from "@jupyterlab/filebrowser";
import type { Contents } from "@jupyterlab/services";

import { CATEGORY, COMMANDS } from "./ids";
import { FACTORY, isModelFile, type FileDocument } from "./files";
import { strings } from "./strings";

type Models = readonly Contents.IModel[];

/** The files of a model that are chosen. */
function chosen({ tracker }: IFileBrowserFactory): Models {
  const items = [...(tracker.currentWidget?.selectedItems() ?? [])];
  return items.every(({ path }) => isModelFile(path)) ? items : [];
}

async function askFor(manager: IDocumentManager, count: number): Promise<Models> {
  const { button, value } = await FileDialog.getOpenFiles({
    manager,
    title: strings.chooseFiles(count),
    filter: ({ path, type }) => (type === "directory" || isModelFile(path) ? {} : null),
  });
  return button.accept ? (value ?? []) : [];
}

function activate(
  app: JupyterFrontEnd,
  _: ILabShell, // a page with one document each has no place for this
  manager: IDocumentManager,
  browsers: IFileBrowserFactory,
  palette: ICommandPalette | null,
): void {
  app.commands.addCommand(COMMANDS.compareFiles, {
    label: strings.compareFiles,
    caption: strings.compareFilesHow,
    describedBy: { args: { type: "object", properties: {} } },
    execute: async () => {
      let files = chosen(browsers).slice(0, 2);
      if (files.length < 2) files = [...files, ...(await askFor(manager, 2 - files.length))];
      const [first, second] = files;
      if (!first || !second) return;
      const widget = manager.openOrReveal(first.path, FACTORY) as FileDocument | undefined;
      await widget?.content.compareWith(second.path);
    },
  });
  palette?.addItem({ command: COMMANDS.compareFiles, category: CATEGORY });
}

export const compare: JupyterFrontEndPlugin<void> = {
  id: "tsviz:compare",
  description: "Lays two TorchScript files beside each other",
  autoStart: true,
  requires: [ILabShell, IDocumentManager, IFileBrowserFactory],
  optional: [ICommandPalette],
  activate,
};
