/**
 * Editor ↔ node: the cursor marks nodes, what is selected in an explorer marks its line, and beside
 * the lines of cells and files stands what the explorer knows of them.
 */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette, Notification } from "@jupyterlab/apputils";
import { EditorExtensionRegistry, IEditorExtensionRegistry } from "@jupyterlab/codemirror";
import { IDocumentManager } from "@jupyterlab/docmanager";
import { IEditorTracker } from "@jupyterlab/fileeditor";
import { INotebookTracker } from "@jupyterlab/notebook";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import { Debouncer } from "@lumino/polling";
import type { EditorView } from "@codemirror/view";
import type { Linked, LinkedMarks } from "@tsviz/core/linking";

import { SETTINGS } from "./files";
import { CATEGORY, COMMANDS } from "./ids";
import type { CurrentExplorer } from "./linked";
import { marksExtension, marksOf, NO_MARKS, showMarks, type Marks, type MarksOwner } from "./marks";
import { fileAt, Places, viewOf, type Place } from "./places";
import { strings } from "./strings";
import { ICurrentExplorer } from "./tokens";

const SETTLES_MS = 80;

/** Which marks are shown, by their settings. */
const SETTING_OF = {
  counts: "gutterCounts",
  times: "gutterTimes",
  found: "gutterFindings",
  breakable: "gutterBreakpoints",
} as const;
type Column = keyof typeof SETTING_OF;

class EditorLinks implements MarksOwner {
  private readonly cursor = new Debouncer(() => this.markNodes(), SETTLES_MS);
  private readonly marks = new Debouncer(() => this.markLines(), SETTLES_MS);
  private at: { readonly view: EditorView; readonly line: number } | null = null;
  private shown = "";
  hidden: ReadonlySet<Column> = new Set();

  constructor(
    private readonly places: Places,
    private readonly current: CurrentExplorer,
  ) {
    current.changed.connect(() => this.changed(), this);
  }

  changed(): void {
    void this.marks.invoke();
  }

  /** Where the cursor goes through on its way to another line is marked too, if it rests there. */
  moved(view: EditorView): void {
    this.at = { view, line: lineOf(view) };
    void this.cursor.invoke();
  }

  clicked(view: EditorView, line: number, what: "breakpoint" | "found"): void {
    const place = this.places.all().find((place) => viewOf(place) === view);
    const linked = this.current.value;
    const file = linked && place && fileAt(linked, place);
    if (!file) return;
    if (what === "found" && marksOf(view).found.has(line)) linked.showFound(file.path, line);
    if (what === "breakpoint" && marksOf(view).breakable.has(line))
      void this.toggle(linked, file.path, line);
  }

  /** Whether a breakpoint can stand where the cursor is. */
  get canBreak(): boolean {
    const at = this.atCursor();
    return at !== null && at.linked.marks(at.path).breakable.has(at.line);
  }

  toggleAtCursor(): void {
    const at = this.atCursor();
    if (at) void this.toggle(at.linked, at.path, at.line);
  }

  private atCursor() {
    const { active } = this.places;
    const linked = this.current.value;
    const [view, file] = active && linked ? [viewOf(active), fileAt(linked, active)] : [];
    return linked && view && file ? { linked, path: file.path, line: lineOf(view) } : null;
  }

  private async toggle(linked: Linked, path: string, line: number): Promise<void> {
    const reason = await linked.toggleBreakpoint(path, line);
    if (reason !== "") Notification.info(strings.noBreakpoint(reason), { autoClose: 8000 });
  }

  private markNodes(): void {
    const { view, line } = this.at!;
    const place = this.places.all().find((place) => viewOf(place) === view);
    if (!place) return;
    for (const linked of this.current.all) {
      const file = fileAt(linked, place);
      if (file) linked.markLine(file.path, line);
    }
  }

  private markLines(): void {
    const linked = this.current.value;
    const selected = linked?.selected() ?? null;
    const none = this.current.all.size > 0 ? NO_MARKS : null;
    let isRevealed = false;
    for (const place of this.places.all()) {
      const view = viewOf(place);
      const file = linked && fileAt(linked, place);
      const line = file && file.path === selected?.path ? selected.line : 0;
      if (view) showMarks(view, file ? this.chosen(linked.marks(file.path), line) : none);
      if (line > 0 && !isRevealed) this.reveal(linked!, place, `${selected!.path}:${line}`, line);
      isRevealed ||= line > 0;
    }
  }

  private chosen(marks: LinkedMarks, line: number): Marks {
    const shown = (column: Column) => (this.hidden.has(column) ? NO_MARKS : marks);
    return {
      line,
      counts: shown("counts").counts,
      times: shown("times").times,
      found: shown("found").found,
      breakable: shown("breakable").breakable,
      breakpoints: shown("breakable").breakpoints,
    };
  }

  /** Brings a line into sight, unless that would move what was clicked out of it. */
  private reveal(linked: Linked, place: Place, name: string, line: number): void {
    const isNew = name !== this.shown;
    this.shown = name;
    if (isNew && !place.node.contains(linked.element)) place.reveal(line);
  }
}

const lineOf = ({ state }: EditorView): number =>
  state.doc.lineAt(state.selection.main.head).number;

function addCommands(
  { commands }: JupyterFrontEnd,
  current: CurrentExplorer,
  places: Places,
  links: EditorLinks,
): void {
  const [label, caption] = strings.commands[COMMANDS.goToLine]!;
  commands.addCommand(COMMANDS.goToLine, {
    label,
    caption,
    describedBy: {
      args: {
        type: "object",
        properties: {
          path: { type: "string" },
          line: { type: "integer", description: "counted from 1" },
          isQuiet: { type: "boolean", description: "says nothing where there is no such line" },
        },
      },
    },
    execute: async (asked) => {
      const { path, line, isQuiet } = asked as { path?: string; line?: number; isQuiet?: boolean };
      const place = path && line ? { path, line } : current.value?.selected();
      const file = [current.value, ...current.all]
        .flatMap((linked) => linked?.files() ?? [])
        .find(({ path }) => path === place?.path);
      if (!place || !file) Notification.info(strings.noLine, { autoClose: 5000 });
      else if (!(await places.open(file, place.line)) && !isQuiet)
        Notification.info(strings.elsewhere(file.title, place.line), { autoClose: 8000 });
    },
  });
  const [toggle, how] = strings.commands[COMMANDS.toggleBreakpoint]!;
  commands.addCommand(COMMANDS.toggleBreakpoint, {
    label: toggle,
    caption: how,
    describedBy: { args: { type: "object", properties: {} } },
    isEnabled: () => links.canBreak,
    execute: () => links.toggleAtCursor(),
  });
}

function activate(
  app: JupyterFrontEnd,
  notebooks: INotebookTracker,
  current: CurrentExplorer,
  registry: IEditorExtensionRegistry,
  manager: IDocumentManager,
  editors: IEditorTracker | null,
  settings: ISettingRegistry | null,
  palette: ICommandPalette | null,
): void {
  const places = new Places(app, manager, notebooks, editors);
  const links = new EditorLinks(places, current);
  const extension = marksExtension(links);
  registry.addExtension({
    name: "tsviz:marks",
    factory: () => EditorExtensionRegistry.createImmutableExtension(extension),
  });
  addCommands(app, current, places, links);
  for (const command of [COMMANDS.goToLine, COMMANDS.toggleBreakpoint])
    palette?.addItem({ command, category: CATEGORY });
  void settings?.load(SETTINGS).then((loaded) => {
    const read = () => {
      const columns = Object.entries(SETTING_OF) as [Column, string][];
      const hidden = columns.filter(([, setting]) => loaded.get(setting).composite === false);
      links.hidden = new Set(hidden.map(([column]) => column));
      links.changed();
    };
    loaded.changed.connect(read);
    read();
  });
}

export const cells: JupyterFrontEndPlugin<void> = {
  id: "tsviz:cells",
  description: "Links lines of cells and files with nodes of explorers",
  autoStart: true,
  requires: [INotebookTracker, ICurrentExplorer, IEditorExtensionRegistry, IDocumentManager],
  optional: [IEditorTracker, ISettingRegistry, ICommandPalette],
  activate,
};
