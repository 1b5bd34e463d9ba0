/** Where Jupyter has what an explorer knows as a file: a cell, or an opened file, with the same text. */

import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { Cell } from "@jupyterlab/cells";
import { CodeMirrorEditor } from "@jupyterlab/codemirror";
import { PageConfig } from "@jupyterlab/coreutils";
import type { IDocumentManager } from "@jupyterlab/docmanager";
import type { IDocumentWidget } from "@jupyterlab/docregistry";
import type { FileEditor, IEditorTracker } from "@jupyterlab/fileeditor";
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import type { EditorView } from "@codemirror/view";
import type { Linked, LinkedFile } from "@tsviz/core/linking";

import { contentsPath } from "./paths";

type Document = IDocumentWidget<FileEditor>;

/** A text that stands in a page, and can be marked where its editor has been made. */
export interface Place {
  readonly text: string;
  /** Of a file, as Jupyter's contents have it; "" of a cell. */
  readonly path: string;
  readonly editor: Cell["editor"];
  readonly node: HTMLElement;
  /** Brings it into sight, as far as its tab is. */
  reveal(line: number): void;
  /** Puts the cursor there. */
  go(line: number): Promise<void>;
}

/** CodeMirror's own editor of a place. */
export const viewOf = ({ editor }: Place): EditorView | null =>
  editor instanceof CodeMirrorEditor ? editor.editor : null;

export class Places {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly manager: IDocumentManager,
    private readonly notebooks: INotebookTracker,
    private readonly editors: IEditorTracker | null,
  ) {}

  /** All that is open. */
  all(): Place[] {
    const places: Place[] = [];
    this.notebooks.forEach((panel) =>
      panel.content.widgets.forEach((cell, index) => places.push(this.ofCell(panel, cell, index))),
    );
    this.editors?.forEach((document) => places.push(this.ofDocument(document)));
    return places;
  }

  /** The one that the user is at. */
  get active(): Place | null {
    const { currentWidget } = this.app.shell;
    const panel = this.notebooks.currentWidget;
    if (panel !== null && panel === currentWidget) {
      const { activeCell, activeCellIndex } = panel.content;
      return activeCell && this.ofCell(panel, activeCell, activeCellIndex);
    }
    const document = this.editors?.currentWidget ?? null;
    return document !== null && document === currentWidget ? this.ofDocument(document) : null;
  }

  /** Shows a line of a file of an explorer; false where Jupyter has no such text. */
  async open(file: LinkedFile, line: number): Promise<boolean> {
    const there = this.all().find((place) => isOf(file, place));
    if (there) await there.go(line);
    return there !== undefined || (file.origin !== "cell" && (await this.openFile(file, line)));
  }

  private async openFile(file: LinkedFile, line: number): Promise<boolean> {
    const path = pathOf(file);
    if (path === "") return false;
    const { contents } = this.app.serviceManager;
    const now = await contents.get(path).catch(() => null);
    if (typeof now?.content !== "string" || now.content.trimEnd() !== file.text.trimEnd())
      return false; // another machine's, or changed since
    const document = this.manager.openOrReveal(path) as Document | undefined;
    await document?.context.ready;
    document?.content.editor.setCursorPosition({ line: line - 1, column: 0 });
    return true;
  }

  private ofCell(panel: NotebookPanel, cell: Cell, index: number): Place {
    return {
      text: cell.model.sharedModel.getSource(),
      path: "",
      editor: cell.editor,
      node: panel.node,
      reveal: () => void (panel.isVisible && panel.content.scrollToItem(index)),
      go: async (line) => {
        this.app.shell.activateById(panel.id);
        panel.content.activeCellIndex = index;
        await panel.content.scrollToItem(index);
        await cell.ready;
        cell.editor?.setCursorPosition({ line: line - 1, column: 0 });
        cell.editor?.focus();
      },
    };
  }

  private ofDocument(document: Document): Place {
    const { content, context, node } = document;
    const { editor } = content;
    return {
      text: editor.model.sharedModel.getSource(),
      path: context.path,
      editor,
      node,
      reveal: (line) => {
        if (document.isVisible) editor.revealPosition({ line: line - 1, column: 0 });
      },
      go: async (line) => {
        this.app.shell.activateById(document.id);
        await context.ready;
        editor.setCursorPosition({ line: line - 1, column: 0 });
        editor.focus();
      },
    };
  }
}

/** Whether a place says now what a file of an explorer said when it was read. */
export const isOf = (file: LinkedFile, { path, text }: Place): boolean =>
  (file.origin === "cell" ? path === "" : path !== "" && path === pathOf(file)) &&
  text.trimEnd() === file.text.trimEnd();

/** The file of an explorer that a place shows. */
export const fileAt = (linked: Linked, place: Place): LinkedFile | undefined =>
  linked.files().find((file) => isOf(file, place));

const pathOf = ({ path }: LinkedFile): string =>
  contentsPath(path, PageConfig.getOption("serverRoot"));
