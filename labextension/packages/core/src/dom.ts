/** Building elements. Text becomes text: nothing here parses markup. */

type Attributes = Readonly<Record<string, string | number | boolean | null | undefined>>;

export function h<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: (Node | string | null)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  setAttributes(element, attributes);
  element.append(...children.filter((child) => child !== null));
  return element;
}

export function svg<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string | number>> = {},
  ...children: (Node | string)[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

export function setAttributes(element: Element, attributes: Attributes): void {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) element.removeAttribute(key);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
}

/** A button; disabled where `reason` says why it cannot be used, and then it says it. */
export function button(
  label: string,
  action: () => void,
  attributes: Attributes = {},
): HTMLButtonElement {
  const element = h("button", { type: "button", class: "tsv-btn", ...attributes }, label);
  element.addEventListener("click", () => {
    if (element.getAttribute("aria-disabled") !== "true") action();
  });
  return element;
}

export function setReason(element: HTMLElement, reason: string, title = ""): void {
  setAttributes(element, {
    "aria-disabled": reason === "" ? null : "true",
    title: reason === "" ? title || null : reason,
  });
}

export function prefersReducedMotion(): boolean {
  return globalThis.matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/**
 * Calls back when the frame that is being made has been painted and nothing else is to be done; half
 * a second later in any case.
 */
export function whenIdle(callback: () => void): void {
  const later = (globalThis as Partial<typeof globalThis>).requestIdleCallback; // not in Safari
  requestAnimationFrame(() =>
    setTimeout(() => (later ? later(callback, { timeout: 500 }) : callback())),
  );
}
