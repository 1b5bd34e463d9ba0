/** The course: its notebooks come with the extension, and are copied to where the user is. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette, Notification, showErrorMessage } from "@jupyterlab/apputils";
import { PageConfig, URLExt } from "@jupyterlab/coreutils";
import { IDefaultFileBrowser } from "@jupyterlab/filebrowser";
import { ILauncher } from "@jupyterlab/launcher";
import { ServerConnection, type Contents } from "@jupyterlab/services";

import { icon } from "./icon";
import { CATEGORY, COMMANDS } from "./ids";
import { strings } from "./strings";

/** Names of the notebooks, in order; the build writes them down. */
declare const TSVIZ_COURSE: readonly string[];

/** As of the `tsviz course` command. */
const FOLDER = "torchscript-course";

/** How long the page says what was copied, in milliseconds; without it, only its list of news does. */
const SHOWN = { autoClose: 8000 };

/** The text of a notebook, from where the page has its extensions from. */
async function shipped(name: string): Promise<string> {
  const extensions = PageConfig.getOption("fullLabextensionsUrl");
  const response = await fetch(URLExt.join(extensions, "tsviz", "static", "course", name));
  if (!response.ok) throw new Error(strings.courseMissing(name, response.status));
  return response.text();
}

/** The names of what is in a folder, which is made where it is missing. */
async function namesIn(contents: Contents.IManager, folder: string): Promise<Set<string>> {
  try {
    const found = await contents.get(folder);
    return new Set((found.content as Contents.IModel[]).map(({ name }) => name));
  } catch (error) {
    const isMissing =
      error instanceof ServerConnection.ResponseError && error.response.status === 404;
    if (!isMissing) throw error;
    await contents.save(folder, { type: "directory" });
    return new Set();
  }
}

/** Copies what is not there yet; a notebook that is there may hold somebody's answers. */
async function copyTo(contents: Contents.IManager, folder: string): Promise<number> {
  const known = await namesIn(contents, folder);
  const missing = TSVIZ_COURSE.filter((name) => !known.has(name));
  for (const name of missing) {
    const file = { type: "file", format: "text", content: await shipped(name) } as const;
    await contents.save(contents.resolvePath(folder, name), file);
  }
  return missing.length;
}

function activate(
  { commands, serviceManager }: JupyterFrontEnd,
  browser: IDefaultFileBrowser | null,
  launcher: ILauncher | null,
  palette: ICommandPalette | null,
): void {
  const { contents } = serviceManager;
  const command = COMMANDS.course;
  const [label, caption] = strings.commands[command]!;
  commands.addCommand(command, {
    label,
    caption,
    icon,
    describedBy: { args: { type: "object", properties: {} } },
    execute: async () => {
      const folder = contents.resolvePath(browser?.model.path ?? "", FOLDER);
      try {
        const count = await copyTo(contents, folder);
        if (count > 0) Notification.success(strings.courseCopied(count, folder), SHOWN);
        await commands.execute("docmanager:open", { path: `${folder}/${TSVIZ_COURSE[0]!}` });
      } catch (error) {
        await showErrorMessage(strings.courseFailed(folder), error as Error);
      }
    },
  });
  palette?.addItem({ command, category: CATEGORY });
  launcher?.add({ command, category: strings.launcherCategory, rank: 10 });
}

export const course: JupyterFrontEndPlugin<void> = {
  id: "tsviz:course",
  description: "Copies the notebooks of the course, and opens the first",
  autoStart: true,
  optional: [IDefaultFileBrowser, ILauncher, ICommandPalette],
  activate,
};
