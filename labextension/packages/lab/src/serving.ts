/** Has a kernel take explorers of files, or says why it does not. */

import type { Kernel } from "@jupyterlab/services";

import { strings } from "./strings";

declare const TSVIZ_VERSION: string;

/** Why no explorer can be shown, and what to do. */
export interface Trouble {
  readonly title: string;
  readonly detail: string;
  readonly help: string;
}

/** Leaves no name behind: the kernel may be one that somebody works in. */
const SERVE = '__import__("tsviz.widgets.documents", fromlist=["serve"]).serve();';
const VERSION = '__import__("tsviz").__version__';

/**
 * Returns the version of tsviz there, or what is wrong.
 *
 * @param whenAsked is called once the kernel has been asked: what is sent from then on finds it serving
 */
export async function serve(
  kernel: Kernel.IKernelConnection,
  whenAsked: () => void,
): Promise<string | Trouble> {
  const { language_info: language } = await kernel.info;
  if (language.name !== "python")
    return trouble(strings.notPython(kernel.name, language.name), "", strings.noKernelHelp);
  const asked = kernel.requestExecute({
    code: SERVE,
    silent: false, // else it would begin and end unheard, and the kernel must know when it is free
    store_history: false,
    user_expressions: { version: VERSION },
  });
  whenAsked();
  const { content } = await asked.done;
  if (content.status === "ok") return versionIn(content.user_expressions);
  if (content.status === "abort") return trouble(strings.unusable(kernel.name), "aborted");
  const { ename, evalue } = content as { ename: string; evalue: string };
  if (ename === "ModuleNotFoundError" && evalue === "No module named 'tsviz'")
    return trouble(strings.missing(kernel.name), evalue, strings.missingHelp(TSVIZ_VERSION));
  if (ename === "ModuleNotFoundError" && evalue.includes("'tsviz"))
    return trouble(strings.older(kernel.name), evalue, strings.missingHelp(TSVIZ_VERSION));
  return trouble(strings.unusable(kernel.name), `${ename}: ${evalue}`);
}

const trouble = (title: string, detail: string, help = strings.unusableHelp): Trouble => ({
  title,
  detail,
  help,
});

/** The kernel shows a text as Python writes it, in quotes. */
function versionIn(expressions: object): string {
  const { version } = expressions as { version?: { data?: Record<string, string> } };
  return version?.data?.["text/plain"]?.replaceAll("'", "") ?? "";
}
