/** Says what is forbidden where a page's content security policy keeps explorers out of cells. */

import type { JupyterFrontEndPlugin } from "@jupyterlab/application";
import { Notification } from "@jupyterlab/apputils";

import { strings } from "./strings";

/** Widgets in cells are started from scripts in blobs, by anywidget; documents here are not. */
function activate(): void {
  const hear = ({ blockedURI, effectiveDirective }: SecurityPolicyViolationEvent) => {
    if (blockedURI !== "blob" || !effectiveDirective.startsWith("script-src")) return;
    document.removeEventListener("securitypolicyviolation", hear);
    Notification.warning(strings.blobsForbidden, { autoClose: false });
  };
  document.addEventListener("securitypolicyviolation", hear);
}

export const policy: JupyterFrontEndPlugin<void> = {
  id: "tsviz:policy",
  description: "Says what a content security policy forbids that explorers in cells need",
  autoStart: true,
  activate,
};
