/** What a page with a kept explorer and the explorer in its frame say to each other. */

import { focusedBeside } from "./page";

export { keptStrings } from "./kept-strings";

/** The reader leaves the explorer by the keyboard. */
export const LEAVE = "tsviz:leave";

const THEME = "tsviz:theme";

/** @param light as JupyterLab writes it; undefined on a page without its themes */
export const themeMessage = (light: string | undefined) => ({ type: THEME, light });

/** Whether this page is the explorer that a notebook keeps. */
export const isKept = (): boolean => document.body.dataset["tsvizKept"] !== undefined;

/** Takes the theme of the page around. */
export function followPageAround(): void {
  addEventListener("message", ({ source, data }: MessageEvent<unknown>) => {
    const { type, light } = (data ?? {}) as Partial<ReturnType<typeof themeMessage>>;
    if (source !== parent || type !== THEME || light === undefined) return;
    document.body.dataset["jpThemeLight"] = light;
  });
}

/** Gives the focus to what stands around: of a notebook that is its cell. */
export function leave(element: HTMLElement): void {
  focusedBeside(element)?.blur();
  const around = element.parentElement?.closest<HTMLElement>("[tabindex]");
  if (around) around.focus({ preventScroll: true });
  else if (isKept()) parent.postMessage(LEAVE, "*");
}
