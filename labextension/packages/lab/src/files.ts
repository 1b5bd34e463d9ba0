/** Model files open as documents: a kernel beside the file reads it, the browser never does. */

import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin,
} from "@jupyterlab/application";
import {
  Dialog,
  SessionContextDialogs,
  showDialog,
  ToolbarButton,
  WidgetTracker,
  Toolbar as KernelToolbar,
} from "@jupyterlab/apputils";
import {
  ABCWidgetFactory,
  DocumentModel,
  DocumentWidget,
  TextModelFactory,
  type DocumentRegistry,
} from "@jupyterlab/docregistry";
import type { Contents } from "@jupyterlab/services";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import { refreshIcon, Toolbar } from "@jupyterlab/ui-components";
import { Token } from "@lumino/coreutils";

import { endWithLast } from "./ending";
import { icon } from "./icon";
import { FilePanel, type Limits } from "./panel";
import { strings } from "./strings";

export const FACTORY = "tsviz";
const FILE_TYPE = "torchscript";
const MODEL = "tsviz-metadata";
const SUFFIXES = [".pt", ".pth", ".jit", ".ptl", ".tsviz"];
export const SETTINGS = "tsviz:settings";

export type FileDocument = DocumentWidget<FilePanel>;

/** The files that are open as explorers. */
export const IFileTracker = new Token<WidgetTracker<FileDocument>>("tsviz:IFileTracker");
export type IFileTracker = WidgetTracker<FileDocument>;

/** Whether a file is one of those by its name. */
export const isModelFile = (path: string): boolean =>
  SUFFIXES.some((suffix) => path.toLowerCase().endsWith(suffix));

/** A model of the file that holds none of its bytes: without a format, Jupyter asks for metadata. */
class MetadataFactory extends TextModelFactory {
  constructor() {
    super(false);
  }
  override get name(): string {
    return MODEL;
  }
  override get contentType(): Contents.ContentType {
    return "file";
  }
  override get fileFormat(): Contents.FileFormat {
    return null;
  }
  /** Jupyter never saves what others save, nor keeps a copy of it as a checkpoint. */
  override createNew(
    ...[options]: Parameters<TextModelFactory["createNew"]>
  ): DocumentRegistry.ICodeModel {
    return new DocumentModel({ ...options, collaborationEnabled: true });
  }
}

interface FactoryOptions extends DocumentRegistry.IWidgetFactoryOptions<FileDocument> {
  readonly app: JupyterFrontEnd;
  readonly kernelName: () => string;
  readonly limits: () => Limits;
}

class FileFactory extends ABCWidgetFactory<FileDocument> {
  private readonly dialogs = new SessionContextDialogs();

  constructor(private readonly own: FactoryOptions) {
    super(own);
  }

  protected createNewWidget(context: DocumentRegistry.Context): FileDocument {
    const { app, kernelName, limits } = this.own;
    context.sessionContext.kernelPreference = {
      ...context.sessionContext.kernelPreference,
      name: kernelName(),
      autoStartDefault: true,
      shutdownOnDispose: false, // somebody else may look at the file, too
    };
    endWithLast(context.sessionContext);
    // Jupyter does so, too, but only once it has asked the server more about the file.
    void context.sessionContext.initialize();
    const { contents } = app.serviceManager;
    const content = new FilePanel({ context, contents, dialogs: this.dialogs, limits });
    content.title.icon = icon;
    content.title.className = "tsv-tab"; // by which its context menu knows it
    const widget = new DocumentWidget({ content, context });
    const { toolbar } = widget;
    toolbar.addItem("reload", reloadButton(content));
    toolbar.addItem("run", runButton(content, context));
    toolbar.addItem("spacer", Toolbar.createSpacerItem());
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- its items for kernels moved nowhere
    const kernel = KernelToolbar.createKernelNameItem(context.sessionContext, this.dialogs);
    toolbar.addItem("kernelName", kernel);
    return widget;
  }
}

const reloadButton = (panel: FilePanel) =>
  new ToolbarButton({
    icon: refreshIcon,
    tooltip: strings.reload,
    onClick: () => panel.reload(),
  });

const runButton = (panel: FilePanel, context: DocumentRegistry.Context) =>
  new ToolbarButton({
    label: strings.run,
    tooltip: strings.runTitle,
    onClick: () => void askToRun(panel, context.localPath),
  });

async function askToRun(panel: FilePanel, path: string): Promise<void> {
  const { button } = await showDialog({
    title: strings.runTitle,
    body: strings.runWords(path),
    buttons: [
      Dialog.cancelButton({ label: strings.cancel }),
      Dialog.warnButton({ label: strings.runDo }),
    ],
    defaultButton: 0,
  });
  if (button.accept) panel.reload({ trust: true });
}

function activate(
  app: JupyterFrontEnd,
  settings: ISettingRegistry | null,
  restorer: ILayoutRestorer | null,
): IFileTracker {
  const { docRegistry } = app;
  let kernelName = "";
  let limits: Limits = { depth: 0, boxes: 150, seconds: 0, memory: 0 };
  const tracker = new WidgetTracker<FileDocument>({ namespace: "tsviz" });
  docRegistry.addFileType({
    name: FILE_TYPE,
    displayName: strings.fileType,
    extensions: SUFFIXES,
    mimeTypes: ["application/x-torchscript"],
    contentType: "file",
    fileFormat: "base64",
    icon,
  });
  docRegistry.addModelFactory(new MetadataFactory());
  const factory = new FileFactory({
    app,
    kernelName: () => kernelName || preferredKernel(app),
    limits: () => limits,
    name: FACTORY,
    label: strings.factory,
    modelName: MODEL,
    fileTypes: [FILE_TYPE],
    defaultFor: [FILE_TYPE],
    readOnly: true,
    preferKernel: true,
    canStartKernel: true,
  });
  factory.widgetCreated.connect((_, widget) => void tracker.add(widget));
  docRegistry.addWidgetFactory(factory);
  void restorer?.restore(tracker, {
    command: "docmanager:open",
    args: ({ context }) => ({ path: context.path, factory: FACTORY }),
    name: ({ context }) => context.path,
  });
  void settings?.load(SETTINGS).then((loaded) => {
    const read = () => {
      kernelName = loaded.get("kernel").composite as string;
      const number = (name: string) => loaded.get(name).composite as number;
      limits = {
        depth: number("depth"),
        boxes: number("boxes"),
        seconds: number("readingSeconds"),
        memory: number("readingMemory"),
      };
    };
    loaded.changed.connect(read);
    read();
  });
  return tracker;
}

/** The kernel that comes with tsviz where it is installed, else Jupyter's default. */
function preferredKernel({ serviceManager }: JupyterFrontEnd): string {
  const { specs } = serviceManager.kernelspecs;
  return specs?.kernelspecs["tsdebug"] ? "tsdebug" : (specs?.default ?? "");
}

export const files: JupyterFrontEndPlugin<IFileTracker> = {
  id: "tsviz:files",
  description: "Opens TorchScript files as explorers",
  autoStart: true,
  provides: IFileTracker,
  optional: [ISettingRegistry, ILayoutRestorer],
  activate,
};
