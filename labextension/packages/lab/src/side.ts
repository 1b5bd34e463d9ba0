/** The panel beside the page: what is in the explorer that the user is at. */

import { ILayoutRestorer, type JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette } from "@jupyterlab/apputils";
import type { LinkedRow } from "@tsviz/core/linking";
import type { Message } from "@lumino/messaging";
import { Widget } from "@lumino/widgets";

import { button } from "./bars";
import { icon } from "./icon";
import { CATEGORY, COMMANDS } from "./ids";
import { CurrentExplorer } from "./linked";
import { ICurrentExplorer } from "./tokens";
import { strings } from "./strings";

const MOST_ROWS = 400;

class SidePanel extends Widget {
  constructor(
    private readonly current: CurrentExplorer,
    private readonly goToLine: () => void,
  ) {
    super();
    this.id = "tsviz-side";
    this.addClass("tsv-side-panel");
    this.title.icon = icon;
    this.title.caption = strings.side;
    this.node.setAttribute("role", "region");
    this.node.setAttribute("aria-label", strings.side);
    current.changed.connect(() => this.update(), this);
    this.update();
  }

  /** Many changes make one picture. */
  protected override onUpdateRequest(message: Message): void {
    super.onUpdateRequest(message);
    if (!this.isVisible) return;
    const { value } = this.current;
    const title = value?.title() ?? "";
    if (!value || title === "") {
      this.node.replaceChildren(element("p", "", strings.noExplorer));
      return;
    }
    const rows = value.outline();
    const kept = this.node.scrollTop;
    this.node.replaceChildren(
      element("h2", "", title),
      section(strings.outline, [
        ...rows.slice(0, MOST_ROWS).map((row) => scope(row, () => value.showScope(row.container))),
        ...(rows.length > MOST_ROWS ? [strings.moreScopes(rows.length - MOST_ROWS)] : []),
      ]),
      section(
        strings.findings,
        value.findings().map(({ code, severity, message }) => `${severity}[${code}] ${message}`),
      ),
      section(strings.breakpoints, value.breakpoints()),
      section(strings.watches, value.watches()),
      button([strings.goToLine, this.goToLine]),
    );
    this.node.scrollTop = kept;
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.update();
  }
}

function section(title: string, items: readonly (string | HTMLElement)[]): HTMLElement {
  const list = document.createElement("ul");
  list.setAttribute("aria-label", title);
  for (const item of items.length > 0 ? items : [strings.none]) {
    const row = document.createElement("li");
    row.append(item);
    list.append(row);
  }
  const whole = document.createElement("section");
  whole.append(element("h3", "", title), list);
  return whole;
}

function scope({ label, detail, depth, nodes }: LinkedRow, show: () => void): HTMLElement {
  const row = button(["", show]);
  row.className = "tsv-side-scope";
  row.style.paddingLeft = `${8 + 12 * depth}px`;
  row.title = [label, detail].filter(Boolean).join(" · ");
  row.append(element("span", "", label), element("span", "tsv-side-count", strings.nodes(nodes)));
  return row;
}

function element(tag: string, className: string, text: string): HTMLElement {
  const found = document.createElement(tag);
  found.className = className;
  found.textContent = text;
  return found;
}

export const side: JupyterFrontEndPlugin<CurrentExplorer> = {
  id: "tsviz:side",
  description: "A panel with outline, findings, breakpoints and watches of an explorer",
  autoStart: true,
  provides: ICurrentExplorer,
  optional: [ILayoutRestorer, ICommandPalette],
  activate(app, restorer: ILayoutRestorer | null, palette: ICommandPalette | null) {
    const current = new CurrentExplorer();
    const panel = new SidePanel(current, () => void app.commands.execute(COMMANDS.goToLine));
    app.shell.add(panel, "right", { rank: 900, type: strings.side });
    restorer?.add(panel, panel.id);
    const [label, caption] = strings.commands[COMMANDS.showSide]!;
    app.commands.addCommand(COMMANDS.showSide, {
      label,
      caption,
      describedBy: { args: { type: "object", properties: {} } },
      execute: () => app.shell.activateById(panel.id),
    });
    palette?.addItem({ command: COMMANDS.showSide, category: CATEGORY });
    return current;
  },
};
