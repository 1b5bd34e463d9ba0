/**
 * The page around an explorer: all that is used of it, and how it differs between front ends.
 *
 * An explorer may stand in a shadow tree (marimo puts it there), into which neither the page's
 * sheets of style reach nor its word for what has the focus.
 */

/** The document or the shadow tree in which an element stands. */
export function groundOf(element: Element): Document | ShadowRoot {
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? root : document;
}

/** What has the focus, as the surroundings of `element` see it. */
export const focusedBeside = (element: Element): HTMLElement | null =>
  groundOf(element).activeElement as HTMLElement | null;

/**
 * Gives the place where `element` stands a sheet of style, once. One that is made in this way needs
 * no leave of the page's policy, as an element of style would.
 */
export function adoptStyle(element: Element, sheet: CSSStyleSheet): void {
  const ground = groundOf(element);
  const { adoptedStyleSheets: adopted } = ground;
  if (!adopted.includes(sheet)) ground.adoptedStyleSheets = [...adopted, sheet];
}

/** Whether the front end is dark, where it says that: Jupyter, marimo, VS Code and Colab do. */
export function isPageDark(): boolean | null {
  const { jpThemeLight, theme, vscodeThemeKind: kind } = document.body.dataset;
  if (jpThemeLight !== undefined) return jpThemeLight === "false";
  if (kind !== undefined) return kind === "vscode-dark" || kind === "vscode-high-contrast";
  const named = theme ?? document.documentElement.getAttribute("theme");
  return named === "dark" ? true : named === "light" ? false : null;
}

/** Calls back when the front end may have become dark or light; returns what ends that. */
export function onPageTheme(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  const names = ["data-jp-theme-light", "data-vscode-theme-kind", "data-theme", "theme"];
  for (const element of [document.body, document.documentElement])
    observer.observe(element, { attributes: true, attributeFilter: names });
  return () => observer.disconnect();
}

/** Storage may be blocked (a sandboxed page, private mode); then nothing is remembered. */
export function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // see `recall`
  }
}

/** Copies the text of an element; where the page may not do that, selects it and says false. */
export async function copyText(element: HTMLElement): Promise<boolean> {
  const { clipboard } = navigator as Partial<Navigator>;
  try {
    if (!clipboard) throw new Error("no clipboard");
    await clipboard.writeText(element.textContent);
    return true;
  } catch {
    getSelection()?.selectAllChildren(element);
    return false;
  }
}

/** Listens to what the page's content security policy forbids, until disposed of. */
export function watchPolicy(): { forbade(source: string): Promise<boolean>; dispose(): void } {
  const blocked = new Set<string>();
  const note = ({ blockedURI }: SecurityPolicyViolationEvent) => void blocked.add(blockedURI);
  document.addEventListener("securitypolicyviolation", note);
  return {
    /** Whether anything from `source`, such as `blob`, was forbidden; told a task later. */
    async forbade(source) {
      await new Promise((resolve) => setTimeout(resolve));
      return blocked.has(source);
    },
    dispose: () => document.removeEventListener("securitypolicyviolation", note),
  };
}

/** Runs a script as one of the page's own, which its policy may allow by the hash of it. */
export function runInPage(script: string, ...marks: readonly HTMLElement[]): void {
  const element = document.createElement("script");
  element.textContent = script;
  document.head.append(...marks, element);
}
