/**
 * What JupyterLab and Notebook 7 must know about explorers in saved notebooks.
 *
 * A notebook stores the name of an explorer's widget and, beside it, a page with a picture. Once
 * the kernel that knew the widget is gone, Jupyter would still try the widget first and show "Error
 * displaying widget". So in a notebook that is opened, the names of widgets that its kernel does
 * not know are taken out of explorers' outputs, and Jupyter shows the page.
 */

import type { JupyterFrontEndPlugin } from "@jupyterlab/application";
import type { DocumentRegistry } from "@jupyterlab/docregistry";
import type { CodeCellModel, ICellModel } from "@jupyterlab/cells";
import type { IMimeBundle } from "@jupyterlab/nbformat";
import type { INotebookModel } from "@jupyterlab/notebook";

type Context = DocumentRegistry.IContext<INotebookModel>;
type Outputs = CodeCellModel["outputs"];

const PAGE = "text/html";
const VIEW = "application/vnd.jupyter.widget-view+json";

const outputsOf = (cell: ICellModel): Outputs | null =>
  "outputs" in cell ? (cell as CodeCellModel).outputs : null;

/** The outputs of a notebook that hold an explorer, by the name of its widget. */
function* explorers({ model }: Context): Generator<[outputs: Outputs, index: number, id: string]> {
  for (const cell of model.cells) {
    const outputs = outputsOf(cell);
    for (let index = 0; outputs && index < outputs.length; index++) {
      const { data, metadata } = outputs.get(index);
      const view = data[VIEW] as { model_id: string } | undefined;
      if (view && PAGE in data && "tsviz" in metadata) yield [outputs, index, view.model_id];
    }
  }
}

async function liveWidgets({ sessionContext }: Context): Promise<object> {
  await sessionContext.ready;
  const kernel = sessionContext.session?.kernel;
  const answer = await kernel?.requestCommInfo({ target_name: "jupyter.widget" });
  return answer?.content.status === "ok" ? answer.content.comms : {};
}

const CLAIM = "tsviz:stored";
/** Milliseconds; in these a claim has reached the other pages. */
const PATIENCE = 1500;

/**
 * Whether this page is the one to replace outputs, of several people's that have a notebook open.
 *
 * What two pages replace at the same time is there twice afterwards. So each writes its name into
 * the notebook's state, which is not saved; the name that stands there in the end has it.
 */
async function mayReplace({ model }: Context): Promise<boolean> {
  if (!model.collaborative) return true;
  const name = String(Math.random());
  model.sharedModel.setState(CLAIM, name);
  await new Promise((resolve) => setTimeout(resolve, PATIENCE));
  return model.sharedModel.getState(CLAIM) === name;
}

async function showStored(context: Context): Promise<void> {
  await context.ready;
  const stored = new Set(Array.from(explorers(context), ([, , id]) => id));
  if (stored.size === 0) return;
  const live = await liveWidgets(context);
  if (!(await mayReplace(context))) return;
  const { dirty } = context.model;
  for (const [outputs, index, id] of explorers(context)) {
    if (!stored.has(id) || id in live) continue; // from a cell that ran since, or not gone
    const output = outputs.get(index);
    const data = Object.entries(output.data).filter(([type]) => type !== VIEW);
    outputs.set(index, { ...output.toJSON(), data: Object.fromEntries(data) as IMimeBundle });
  }
  context.model.dirty = dirty; // what was lost was lost before
}

export const stored: JupyterFrontEndPlugin<void> = {
  id: "tsviz:stored-explorers",
  description: "Shows the stored picture of explorers whose kernel has gone",
  autoStart: true,
  activate: ({ docRegistry }) => {
    docRegistry.addWidgetExtension("Notebook", {
      createNew: (_, context) => void showStored(context as Context),
    });
  },
};
