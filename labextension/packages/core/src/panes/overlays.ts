/** What lies over the panes: help, jobs on their way, and the states without a document. */

import { memoised } from "../memoised";
import type { Drawer, Job, State } from "../state";
import type { Commands } from "../commands";
import { button, h } from "../dom";
import { focusedBeside } from "../page";
import { KEYS } from "../keyboard";
import { FONTS } from "../scene/measure";
import type { Disposables, Store } from "../store";
import { strings } from "../strings";

export function createHelp(store: Store, disposables: Disposables): HTMLElement {
  const list = h("dl", { class: "tsv-kv" });
  for (const [key, meaning] of KEYS)
    list.append(
      h(
        "dt",
        {},
        ...key
          .split(/\s+/)
          .flatMap((part, i) => (i > 0 ? [" ", h("kbd", {}, part)] : [h("kbd", {}, part)])),
      ),
      h("dd", {}, meaning),
    );
  const close = button("Close", () => store.dispatch({ type: "help", open: false }));
  const element = h(
    "div",
    { class: "tsv-help", role: "dialog", "aria-modal": "true", "aria-label": "Keys" },
    h(
      "div",
      {},
      h("h3", {}, "Keys"),
      list,
      h("p", { class: "tsv-faint" }, "They act while the explorer has the focus."),
      close,
    ),
  );
  element.addEventListener("click", (event) => {
    if (event.target === element) store.dispatch({ type: "help", open: false });
  });
  let before: HTMLElement | null = null;
  disposables.add(
    store.watch(
      (state) => state.help,
      (open) => {
        if (open) {
          before = focusedBeside(element);
          element.hidden = false;
          close.focus();
        } else {
          const hadFocus = element.contains(focusedBeside(element));
          element.hidden = true;
          if (hadFocus) before?.focus({ preventScroll: true });
        }
      },
    ),
  );
  return element;
}

/**
 * Jobs that last, but for those that an open drawer shows; a step is shown where it waits for a cell.
 */
const shownJobs = ({ jobs, drawer }: State) => chosenJobs(jobs, drawer);
const chosenJobs = memoised((jobs: readonly Job[], drawer: Drawer | null) =>
  jobs.filter(
    ({ kind, waiting, progress }) =>
      (waiting || progress !== "") &&
      !(drawer && OWN[drawer]?.includes(kind)) &&
      (!kind.startsWith("debug") ||
        kind === "debug_record" ||
        progress === strings.waiting ||
        waiting),
  ),
);
const OWN: Partial<Record<Drawer, readonly string[]>> = {
  compare: ["compare", "domain"],
  profile: ["profile"],
};

const JOB_WORDS: Record<string, string> = {
  document: "loading the program",
  observe: "running once with the example inputs",
  weight: "reading the weight",
  save_html: "writing the HTML file",
  passes: "recording passes",
  variants: "making the variant",
  domain: "reading which inputs count",
  compare: "comparing",
  debug: "stepping",
  debug_values: "reading values",
  debug_attributes: "reading attributes",
  debug_page: "reading numbers",
  debug_record: "recording",
  debug_drift: "comparing records",
  debug_detail: "reading a value",
  debug_compare: "comparing values",
  profile: "measuring",
  asset: "loading what draws",
};

export function createJobs(
  store: Store,
  commands: Commands,
  disposables: Disposables,
): HTMLElement {
  const element = h("div", { class: "tsv-jobs", role: "status" });
  disposables.add(
    store.watch(shownJobs, (shown) => {
      element.replaceChildren(
        ...shown.map((job) =>
          h(
            "div",
            { class: "tsv-job" },
            `${JOB_WORDS[job.kind] ?? job.kind}: ${job.progress || strings.waiting}`,
            button("Cancel", () => commands.cancel(job)),
          ),
        ),
      );
    }),
  );
  return element;
}

/** The faces of what comes first: those of the panes, and those of the graph. */
const FACES = [
  ...["11px", "12.5px", "600 11px", "600 12px"].map((face) => `${face} var(--tsv-sans)`),
  ...["10.5px", "12px", "600 14px"].map((face) => `${face} var(--tsv-mono)`),
  ...Object.values(FONTS),
];

/** A letter of each: a browser looks a face up at its first use, and now there is time for that. */
function createSpecimen(): HTMLElement {
  const letters = FACES.map((face) => {
    const letter = h("span", {}, "a");
    letter.style.font = face;
    return letter;
  });
  return h("div", { class: "tsv-specimen", "aria-hidden": "true" }, ...letters);
}

/** What stands in for the panes while there is no document; hidden as soon as there is one. */
export function createState(
  store: Store,
  retry: () => void,
  disposables: Disposables,
): HTMLElement {
  const element = h("div", { class: "tsv-state" });
  const render = ({ status }: State) => {
    element.hidden = status.kind === "ready";
    if (status.kind === "loading") {
      element.setAttribute("role", "status");
      element.replaceChildren(
        h("div", { class: "tsv-pulse", "aria-hidden": "true" }),
        h("p", {}, "loading the program …"),
        createSpecimen(),
      );
    } else if (status.kind === "error") {
      const { title, detail, help } = status.failure;
      element.setAttribute("role", "alert");
      element.replaceChildren(
        h("h3", {}, title),
        ...(detail === "" ? [] : [h("p", { class: "tsv-mono" }, detail)]),
        ...(help === "" ? [] : [h("p", {}, `help: ${help}`)]),
        button("Try again", retry),
      );
    }
  };
  disposables.add(
    store.watch(
      (state) => state.status,
      () => render(store.value),
    ),
  );
  return element;
}

export function createNotice(store: Store, disposables: Disposables): HTMLElement {
  const element = h("div", { class: "tsv-notice", role: "status" });
  disposables.add(
    store.watch(
      (state) => state.notice,
      (text) => {
        element.textContent = text;
        element.hidden = text === "";
      },
    ),
  );
  element.addEventListener("click", () => store.dispatch({ type: "notice", text: "" }));
  return element;
}
