/**
 * What a scripted user of tsviz points at, and how long the page takes to answer: from the time
 * stamp of the browser's own input event to the paint of the frame that shows the answer.
 */
window.tsvizGestures = (() => {
  const QUIET = 800;
  const all = (selector) => [...document.querySelectorAll(selector)];
  const middle = (element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  };
  const titleOf = (group) => group.querySelector("text")?.textContent ?? "";
  const within = (point, element) => document.elementFromPoint(point.x, point.y) === element;
  const stage = () => document.querySelector(".tsv-stage");
  const item = (title) =>
    all('[role="treeitem"]').find((element) => element.getAttribute("aria-label").startsWith(title));

  const afterPaint = (callback) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => callback(performance.now());
    port2.postMessage(null);
  };

  /** The time stamp of the next release of the pointer. */
  const released = () =>
    new Promise((resolve) =>
      window.addEventListener("pointerup", (event) => resolve(event.timeStamp), {
        capture: true,
        once: true,
      }),
    );

  return {
    /** A box of one node that lies free in the window. */
    nodeBox() {
      const inside = all(".tsv-svg .tsv-op").filter((box) => {
        const point = middle(box.querySelector(".tsv-shape"));
        return box.contains(document.elementFromPoint(point.x, point.y)) || within(point, stage());
      });
      return inside.length > 0 ? middle(inside[0].querySelector(".tsv-shape")) : null;
    },

    /** The little triangle that unfolds or folds the scope `title`. */
    chevron(title) {
      const found = all(".tsv-svg .tsv-container, .tsv-svg .tsv-cluster");
      const group = found.find((element) => titleOf(element).startsWith(title));
      return group ? middle(group.querySelector(".tsv-chevron")) : null;
    },

    /** Arms a stop watch for the next click: until a source line is marked. */
    untilMarked() {
      return released().then(
        (start) =>
          new Promise((resolve) => {
            const look = () => {
              const row = document.querySelector(".tsv-source .tsv-row.is-strong .tsv-code");
              const now = performance.now();
              if (row) afterPaint((end) => resolve({ ms: end - start, line: row.textContent }));
              else if (now - start > 2000) resolve({ ms: null, line: "" });
              else requestAnimationFrame(look);
            };
            requestAnimationFrame(look);
          }),
      );
    },

    /**
     * Arms a stop watch for the next click: until the scope is unfolded (or folded) and the last
     * change of the picture, animation included, is painted.
     */
    untilFolded(title, expanded) {
      let last = 0;
      let changed = false;
      const observer = new MutationObserver(() => (changed = true));
      observer.observe(stage(), { subtree: true, childList: true, attributes: true });
      return released().then(
        (start) =>
          new Promise((resolve) => {
            const look = () => {
              const now = performance.now();
              const done = item(title)?.getAttribute("aria-expanded") === String(expanded);
              if (changed && done) afterPaint((end) => (last = end));
              changed = false;
              const quiet = last > 0 ? now - last > QUIET : now - start > 8000;
              if (!quiet) return requestAnimationFrame(look);
              observer.disconnect();
              resolve(last > 0 ? last - start : null);
            };
            requestAnimationFrame(look);
          }),
      );
    },

    /** How many boxes the whole picture has: those of the picture that a user can save. */
    async countAll() {
      const { createObjectURL } = URL;
      const { click } = HTMLAnchorElement.prototype;
      let saved = null;
      URL.createObjectURL = (blob) => createObjectURL.call(URL, (saved = blob));
      HTMLAnchorElement.prototype.click = () => undefined;
      const choice = document.querySelector('select[aria-label="Export picture"]');
      choice.value = "svg";
      choice.dispatchEvent(new Event("change", { bubbles: true }));
      Object.assign(URL, { createObjectURL });
      HTMLAnchorElement.prototype.click = click;
      const picture = new DOMParser().parseFromString(await saved.text(), "image/svg+xml");
      const count = (selector) => picture.querySelectorAll(selector).length;
      return {
        boxes: count(".tsv-box"),
        scopes: count(".tsv-cluster"),
        stubs: count(".tsv-stub"),
      };
    },
  };
})();
