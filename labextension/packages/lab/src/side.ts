/** The panel beside the page: what is in the notebook or the document that the user is at. */

import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin,
} from "@jupyterlab/application";
import { ICommandPalette } from "@jupyterlab/apputils";
import { INotebookTracker } from "@jupyterlab/notebook";
import type { Linked } from "@tsviz/core/linking";
import type { Message } from "@lumino/messaging";
import { Widget } from "@lumino/widgets";

import { button } from "./bars";
import { IFileTracker } from "./files";
import { icon } from "./icon";
import { CATEGORY, COMMANDS } from "./ids";
import { CurrentExplorer } from "./linked";
import { element, Rows, type Item } from "./rows";
import { ICurrentExplorer } from "./tokens";
import { strings } from "./strings";

const MOST_ROWS = 400;

class SidePanel extends Widget {
  private readonly title_ = element("h2", "", "");
  private readonly empty = element("p", "", "");
  private readonly body = document.createElement("div");
  private readonly methods = this.rows(strings.methods, "");
  private readonly scopes = this.rows(strings.outline, strings.none);
  private readonly passes = this.rows(strings.passes, strings.noPasses);
  private readonly findings = this.rows(strings.findings, strings.none, true);
  private readonly breakpoints = this.rows(strings.breakpoints, strings.noBreakpoints);
  private readonly watches = this.rows(strings.watches, strings.noWatches);

  constructor(
    private readonly current: CurrentExplorer,
    private readonly goToLine: (to?: { path: string; line: number }) => void,
  ) {
    super();
    this.id = "tsviz-side";
    this.addClass("tsv-side-panel");
    this.title.icon = icon;
    this.title.caption = strings.side;
    this.node.setAttribute("role", "region");
    this.node.setAttribute("aria-label", strings.side);
    const { methods, scopes, passes, findings, breakpoints, watches } = this;
    const lists = [methods, scopes, passes, findings, breakpoints, watches];
    const line = button([strings.goToLine, () => goToLine()]);
    this.body.append(this.title_, ...lists.map(({ element }) => element), line);
    this.node.append(this.empty, this.body);
    current.changed.connect(() => this.update(), this);
    this.update();
  }

  /** Many changes make one picture. */
  protected override onUpdateRequest(message: Message): void {
    super.onUpdateRequest(message);
    if (!this.isVisible) return;
    const { value, place } = this.current;
    const title = value?.title() ?? "";
    this.body.hidden = title === "";
    this.empty.hidden = title !== "";
    this.empty.textContent = value
      ? strings.explorerStarts
      : place === ""
        ? strings.noExplorer
        : strings.noExplorerIn(place);
    this.title_.textContent = title;
    if (value && title !== "") this.fill(value);
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.update();
  }

  private fill(linked: Linked): void {
    const methods = linked.methods();
    const scopes = linked.scopes();
    const more = scopes.length - MOST_ROWS;
    this.methods.fill(methods.length > 1 ? methods : []);
    this.scopes.fill(scopes.slice(0, MOST_ROWS), more > 0 ? strings.moreScopes(more) : "");
    this.passes.fill(linked.passes());
    this.findings.fill(this.allFindings());
    this.breakpoints.fill(linked.breakpoints());
    this.watches.fill(linked.watches());
  }

  /** Those of each explorer here; of several, with the name of what they are about. */
  private allFindings(): readonly Item[] {
    const { here } = this.current;
    return here.flatMap((linked) =>
      linked.findings().map((item) => ({
        ...item,
        detail: [here.length > 1 ? linked.title() : "", item.detail].filter(Boolean).join(" · "),
      })),
    );
  }

  private rows(title: string, none: string, isLong = false): Rows {
    return new Rows(title, none, (item) => this.choose(item), isLong);
  }

  private choose(item: Item): void {
    item.show();
    if (item.place) this.goToLine(item.place);
    else this.current.value?.element.scrollIntoView({ block: "nearest" });
  }
}

function activate(
  app: JupyterFrontEnd,
  notebooks: INotebookTracker | null,
  files: IFileTracker | null,
  restorer: ILayoutRestorer | null,
  palette: ICommandPalette | null,
): CurrentExplorer {
  const { commands, shell } = app;
  const isHome = (widget: Widget) => (notebooks?.has(widget) ?? false) || !!files?.has(widget);
  const current = new CurrentExplorer(shell, isHome);
  const panel = new SidePanel(current, (to) => {
    void commands.execute(COMMANDS.goToLine, to ? { ...to, isQuiet: true } : {});
  });
  shell.add(panel, "right", { rank: 900, type: strings.side });
  restorer?.add(panel, panel.id);
  const [label, caption] = strings.commands[COMMANDS.showSide]!;
  commands.addCommand(COMMANDS.showSide, {
    label,
    caption,
    describedBy: { args: { type: "object", properties: {} } },
    execute: () => shell.activateById(panel.id),
  });
  palette?.addItem({ command: COMMANDS.showSide, category: CATEGORY });
  return current;
}

export const side: JupyterFrontEndPlugin<CurrentExplorer> = {
  id: "tsviz:side",
  description: "A panel with outline, findings, breakpoints and watches of an explorer",
  autoStart: true,
  provides: ICurrentExplorer,
  optional: [INotebookTracker, IFileTracker, ILayoutRestorer, ICommandPalette],
  activate,
};
