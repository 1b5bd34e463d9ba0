/**
 * What JupyterLab and Notebook 7 must know about explorers in saved notebooks.
 *
 * A notebook stores the name of an explorer's widget and, beside it, a page with a picture. Once
 * the kernel that knew the widget is gone, Jupyter would still try the widget first and show "Error
 * displaying widget". So in a notebook that is opened, the names of widgets that its kernel does
 * not know are taken out of explorers' outputs, and Jupyter shows the page.
 *
 * None of Jupyter's packages is imported: the types below are the few parts that are used, and the
 * file is itself the container in which Jupyter looks for a plugin.
 */

interface Output {
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  toJSON(): object;
}
interface Outputs {
  readonly length: number;
  get(index: number): Output;
  set(index: number, output: object): void;
}
interface Kernel {
  requestCommInfo(content: { target_name: string }): Promise<{ content: { comms?: object } }>;
}
interface Context {
  readonly ready: Promise<void>;
  readonly model: { readonly cells: Iterable<{ readonly outputs?: Outputs }>; dirty: boolean };
  readonly sessionContext: {
    readonly ready: Promise<void>;
    readonly session: { readonly kernel: Kernel | null } | null;
  };
}
interface Application {
  readonly docRegistry: {
    addWidgetExtension(
      factory: string,
      extension: { createNew(panel: unknown, context: Context): void },
    ): void;
  };
}

const VIEW = "application/vnd.jupyter.widget-view+json";

/** The outputs of a notebook that hold an explorer, by the name of its widget. */
function* explorers({ model }: Context): Generator<[outputs: Outputs, index: number, id: string]> {
  for (const { outputs } of model.cells)
    for (let index = 0; index < (outputs?.length ?? 0); index++) {
      const { data, metadata } = outputs!.get(index);
      const view = data[VIEW] as { model_id: string } | undefined;
      if (view && "tsviz" in metadata) yield [outputs!, index, view.model_id];
    }
}

async function liveWidgets({ sessionContext }: Context): Promise<object> {
  await sessionContext.ready;
  const kernel = sessionContext.session?.kernel;
  const answer = await kernel?.requestCommInfo({ target_name: "jupyter.widget" });
  return answer?.content.comms ?? {};
}

async function showStored(context: Context): Promise<void> {
  await context.ready;
  const stored = new Set(Array.from(explorers(context), ([, , id]) => id));
  if (stored.size === 0) return;
  const live = await liveWidgets(context);
  const { dirty } = context.model;
  for (const [outputs, index, id] of explorers(context)) {
    if (!stored.has(id) || id in live) continue; // from a cell that ran since, or not gone
    const output = outputs.get(index);
    const data = Object.entries(output.data).filter(([type]) => type !== VIEW);
    outputs.set(index, { ...output.toJSON(), data: Object.fromEntries(data) });
  }
  context.model.dirty = dirty; // what was lost was lost before
}

const plugin = {
  id: "tsviz:stored-explorers",
  autoStart: true,
  activate: ({ docRegistry }: Application): void =>
    docRegistry.addWidgetExtension("Notebook", {
      createNew: (_, context) => void showStored(context),
    }),
};

interface Page {
  _JUPYTERLAB?: Record<string, unknown>;
}

((globalThis as Page)._JUPYTERLAB ??= {})["tsviz"] = {
  init: () => undefined, // nothing is shared
  get: () => Promise.resolve(() => ({ __esModule: true, default: plugin })),
};
