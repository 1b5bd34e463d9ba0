/** The explorer as an anywidget: one view of the model's session in a notebook's cell. */

import type { AnyModel } from "@anywidget/types";
import { mountLive, type WireModel } from "@tsviz/core";

function render({ model, el }: { model: AnyModel; el: HTMLElement }): () => void {
  const explorer = mountLive(el, model as unknown as WireModel);
  return () => explorer.dispose();
}

export default { render };
