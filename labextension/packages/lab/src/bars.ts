/** Lines above an explorer that say something and offer what to do about it. */

export type Offer = readonly [label: string, act: () => void];

export function bar(role: "alert" | "status", text: string, offers: readonly Offer[]): HTMLElement {
  const element = document.createElement("div");
  element.className = "tsv-lab-bar";
  element.setAttribute("role", role);
  const words = document.createElement("span");
  words.textContent = text;
  element.append(words, ...offers.map(button));
  return element;
}

export function button([label, act]: Offer): HTMLButtonElement {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "jp-mod-styled jp-mod-minimal";
  element.textContent = label;
  element.addEventListener("click", act);
  return element;
}
