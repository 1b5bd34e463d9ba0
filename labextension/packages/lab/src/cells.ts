/** Cell ↔ node: the cursor marks nodes, what is selected in an explorer marks its line. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette, Notification } from "@jupyterlab/apputils";
import type { Cell } from "@jupyterlab/cells";
import {
  CodeMirrorEditor,
  EditorExtensionRegistry,
  IEditorExtensionRegistry,
} from "@jupyterlab/codemirror";
import { PageConfig } from "@jupyterlab/coreutils";
import { IDocumentManager } from "@jupyterlab/docmanager";
import type { IDocumentWidget } from "@jupyterlab/docregistry";
import type { FileEditor } from "@jupyterlab/fileeditor";
import { INotebookTracker, type NotebookPanel } from "@jupyterlab/notebook";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import { Debouncer } from "@lumino/polling";
import type { Linked, LinkedFile, LinkedLine } from "@tsviz/core/linking";

import { SETTINGS } from "./files";
import { CATEGORY, COMMANDS } from "./ids";
import type { CurrentExplorer } from "./linked";
import { marksExtension, NO_MARKS, showMarks, type Marks } from "./marks";
import { contentsPath } from "./paths";
import { strings } from "./strings";
import { ICurrentExplorer } from "./tokens";

const SETTLES_MS = 80;

interface Found {
  readonly panel: NotebookPanel;
  readonly index: number;
  readonly cell: Cell;
}

class CellLinks {
  private readonly cursor = new Debouncer(() => this.markNodes(), SETTLES_MS);
  private readonly marks = new Debouncer(() => this.markLines(), SETTLES_MS);
  private hooked: Cell | null = null;
  private at: { readonly cell: Cell; readonly line: number } | null = null;
  private shown = "";
  hasGutter = true;

  constructor(
    private readonly notebooks: INotebookTracker,
    private readonly current: CurrentExplorer,
  ) {
    notebooks.activeCellChanged.connect((_, cell) => void this.hook(cell), this);
    current.changed.connect(() => this.later(), this);
    void this.hook(notebooks.activeCell);
  }

  later(): void {
    void this.marks.invoke();
  }

  /** The cell that says now what a file of an explorer said when it ran. */
  find(file: LinkedFile): Found | null {
    const text = file.text.trimEnd();
    const panels: NotebookPanel[] = [];
    this.notebooks.forEach((panel) => panels.push(panel));
    for (const panel of panels)
      for (const [index, cell] of panel.content.widgets.entries())
        if (sourceOf(cell) === text) return { panel, index, cell };
    return null;
  }

  private async hook(cell: Cell | null): Promise<void> {
    this.hooked?.editor?.model.selections.changed.disconnect(this.move);
    this.hooked?.model.contentChanged.disconnect(this.edited);
    this.hooked = cell;
    await cell?.ready;
    if (cell !== this.hooked || !cell || cell.isDisposed) return;
    cell.editor?.model.selections.changed.connect(this.move);
    cell.model.contentChanged.connect(this.edited);
    this.later();
  }

  private readonly edited = (): void => this.later();

  /** Where the cursor goes through on its way to another line is marked too, if it rests there. */
  private readonly move = (): void => {
    const cell = this.hooked;
    if (!cell?.editor?.hasFocus()) return;
    this.at = { cell, line: cell.editor.getCursorPosition().line + 1 };
    void this.cursor.invoke();
  };

  private markNodes(): void {
    const { cell, line } = this.at!;
    if (cell.isDisposed) return;
    for (const linked of this.current.all) {
      const file = cellFiles(linked).find(({ text }) => text.trimEnd() === sourceOf(cell));
      if (file) linked.markLine(file.path, line);
    }
  }

  private markLines(): void {
    const linked = this.current.value;
    const place = linked?.selected() ?? null;
    const wanted = new Map<Cell, Marks>();
    for (const file of linked ? cellFiles(linked) : []) {
      const found = this.find(file);
      if (!found) continue;
      const line = file.path === place?.path ? place.line : 0;
      const counts = this.hasGutter ? linked!.counts(file.path) : NO_MARKS.counts;
      wanted.set(found.cell, { line, counts });
      if (line > 0) this.reveal(linked!, found, place!);
    }
    this.notebooks.forEach(({ content }) => {
      for (const cell of content.widgets)
        if (cell.editor instanceof CodeMirrorEditor)
          showMarks(cell.editor.editor, wanted.get(cell) ?? NO_MARKS);
    });
  }

  /** Brings the cell into sight, unless that would move what was clicked out of it. */
  private reveal(linked: Linked, { panel, index }: Found, { path, line }: LinkedLine): void {
    const place = `${path}:${line}`;
    const isNew = place !== this.shown;
    this.shown = place;
    if (isNew && panel.isVisible && !panel.node.contains(linked.element))
      void panel.content.scrollToItem(index);
  }
}

const sourceOf = (cell: Cell): string => cell.model.sharedModel.getSource().trimEnd();

const cellFiles = (linked: Linked): readonly LinkedFile[] =>
  linked.files().filter(({ origin }) => origin === "cell");

async function openFile(
  { serviceManager }: JupyterFrontEnd,
  manager: IDocumentManager,
  file: LinkedFile,
  line: number,
): Promise<boolean> {
  const path = contentsPath(file.path, PageConfig.getOption("serverRoot"));
  if (path === "") return false;
  const now = await serviceManager.contents.get(path).catch(() => null);
  if (typeof now?.content !== "string" || now.content.trimEnd() !== file.text.trimEnd())
    return false; // another machine's, or changed since
  const widget = manager.openOrReveal(path) as IDocumentWidget<FileEditor> | undefined;
  await widget?.context.ready;
  widget?.content.editor.setCursorPosition({ line: line - 1, column: 0 });
  return true;
}

async function openCell({ panel, index, cell }: Found, line: number, app: JupyterFrontEnd) {
  app.shell.activateById(panel.id);
  panel.content.activeCellIndex = index;
  await panel.content.scrollToItem(index);
  await cell.ready;
  cell.editor?.setCursorPosition({ line: line - 1, column: 0 });
  cell.editor?.focus();
}

function activate(
  app: JupyterFrontEnd,
  notebooks: INotebookTracker,
  current: CurrentExplorer,
  editors: IEditorExtensionRegistry,
  manager: IDocumentManager,
  settings: ISettingRegistry | null,
  palette: ICommandPalette | null,
): void {
  editors.addExtension({
    name: "tsviz:marks",
    factory: () => EditorExtensionRegistry.createImmutableExtension(marksExtension),
  });
  const links = new CellLinks(notebooks, current);
  const [label, caption] = strings.commands[COMMANDS.goToLine]!;
  app.commands.addCommand(COMMANDS.goToLine, {
    label,
    caption,
    describedBy: { args: { type: "object", properties: {} } },
    execute: async () => {
      const place = current.value?.selected();
      const file = current.value?.files().find(({ path }) => path === place?.path);
      if (!place || !file) {
        Notification.info(strings.noLine, { autoClose: 5000 });
        return;
      }
      const found = file.origin === "cell" ? links.find(file) : null;
      if (found) await openCell(found, place.line, app);
      else if (!(await openFile(app, manager, file, place.line)))
        Notification.info(strings.elsewhere(file.title, place.line), { autoClose: 8000 });
    },
  });
  palette?.addItem({ command: COMMANDS.goToLine, category: CATEGORY });
  void settings?.load(SETTINGS).then((loaded) => {
    const read = () => {
      links.hasGutter = loaded.get("gutter").composite as boolean;
      links.later();
    };
    loaded.changed.connect(read);
    read();
  });
}

export const cells: JupyterFrontEndPlugin<void> = {
  id: "tsviz:cells",
  description: "Links lines of cells with nodes of explorers",
  autoStart: true,
  requires: [INotebookTracker, ICurrentExplorer, IEditorExtensionRegistry, IDocumentManager],
  optional: [ISettingRegistry, ICommandPalette],
  activate,
};
