/**
 * Runs in every measured page before the page's own scripts, the same code for every tool: looks at
 * the page once a frame, from outside (where a picture is elements: in each frame before which some
 * element changed), and notes
 *   first    when the first frame was painted that shows a graph (what counts as one: LOOKS below),
 *   settled  when the last frame was painted that changed the picture.
 * Times are milliseconds since the navigation began.
 *
 * TOOL, DEPTH and QUIET are written in front of this text (benchmarks/browser.py).
 */
(() => {
  const ENOUGH = 25; // labelled boxes
  const GIVE_UP = 90_000;
  const all = (selector) => [...document.querySelectorAll(selector)];
  const labelled = (boxes) => boxes.filter((box) => box.textContent.trim() !== "");
  const hasSource = () =>
    all(".tsv-source [data-line] .tsv-code").some((line) => line.textContent.trim() !== "");
  const isUnfolded = () =>
    DEPTH !== "all" || document.querySelector('[role="treeitem"][aria-expanded="false"]') === null;

  // Model Explorer paints by WebGL: what it has painted shows only in its draw calls.
  let drawn = 0;
  if (TOOL === "model-explorer")
    for (const type of [WebGLRenderingContext, WebGL2RenderingContext])
      for (const name of ["drawElementsInstanced", "drawArraysInstanced"]) {
        const draw = type.prototype[name];
        type.prototype[name] = function (...args) {
          if (this.canvas.classList?.contains("main")) drawn += 1;
          return draw.apply(this, args);
        };
      }

  /** What each tool shows now, and the element whose changes are changes of the picture. */
  const LOOKS = {
    // Only what is near the window are elements; the list of all boxes that stands beside the
    // picture, for screen readers, is made together with it.
    tsviz() {
      const edges = all(".tsv-svg .tsv-edge .tsv-line").length;
      const painted = labelled(all(".tsv-svg .tsv-box")).length > 0 && edges > 0;
      const boxes = all('[role="treeitem"]').length;
      const visible = boxes >= ENOUGH && painted && hasSource() && isUnfolded();
      return { boxes, edges, visible, picture: document.querySelector(".tsv-stage") };
    },
    netron() {
      const boxes = labelled(all("g.node[transform]")).length;
      const edges = all("path.edge-path[d]").length;
      const shown = document.body.classList.contains("default"); // no spinner, no dialog
      const visible = boxes >= ENOUGH && edges > 0 && shown;
      return { boxes, edges, visible, picture: document.getElementById("target") };
    },
    // Its first view is the outermost layer, however few boxes that is: whatever it draws counts.
    "model-explorer"() {
      const changed = drawn > 0;
      drawn = 0;
      return { boxes: null, edges: null, visible: changed || seen.first > 0, changed, picture: null };
    },
  };

  const seen = { first: 0, settled: 0, boxes: 0, edges: 0, origin: performance.timeOrigin };
  let finish;
  window.tsvizBenchmark = { settled: new Promise((resolve) => (finish = resolve)) };
  window.tsvizBenchmark.first = new Promise((resolve) => (window.tsvizBenchmark.onFirst = resolve));

  /** Calls back when the frame that is being made has been painted. */
  const afterPaint = (callback) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => callback(performance.now());
    port2.postMessage(null);
  };

  /** What the page says; first what it says about its picture. */
  const words = () => {
    const notices = all(".tsv-notice").map((notice) => notice.innerText.trim());
    return [...notices, document.body?.innerText.trim().slice(0, 400)].filter(Boolean).join("; ");
  };

  let changed = false;
  let watched = null;
  const observer = new MutationObserver(() => (changed = true));
  const watch = (picture) => {
    if (!picture || picture === watched) return;
    watched = picture;
    changed = true;
    observer.disconnect();
    observer.observe(picture, { subtree: true, childList: true, attributes: true });
  };

  let asked = DEPTH === "";
  const askForDepth = () => {
    const control = document.querySelector('select[aria-label="Depth"]');
    const usable = control?.querySelector(`option[value="${DEPTH}"]`) && !control.closest("[hidden]");
    if (asked || !usable) return;
    asked = true;
    control.value = DEPTH;
    control.dispatchEvent(new Event("change", { bubbles: true }));
  };

  // What tsviz shows is elements. To look when none has changed would cost a busy machine more than
  // the page itself does, and find nothing.
  let due = 0;
  let timer = 0;
  const look = () => (due ||= requestAnimationFrame(frame));
  if (TOOL === "tsviz")
    new MutationObserver(look).observe(document, {
      subtree: true,
      childList: true,
      attributes: true,
      characterData: true,
    });
  const lookAgain = () => {
    if (TOOL !== "tsviz") return look();
    clearTimeout(timer);
    timer = setTimeout(look, 200); // nothing may change any more
  };

  const frame = () => {
    due = 0;
    askForDepth();
    const now = LOOKS[TOOL]();
    watch(now.picture);
    if (now.visible && (changed || now.changed || seen.first === 0)) {
      Object.assign(seen, { boxes: now.boxes, edges: now.edges });
      afterPaint((time) => {
        if (seen.first === 0) {
          seen.first = time;
          window.tsvizBenchmark.onFirst(true);
        }
        seen.settled = time;
      });
    }
    changed = false;
    const time = performance.now();
    const quiet = seen.settled > 0 && time - seen.settled > QUIET;
    if (quiet && now.visible) return finish(seen);
    if (quiet || time > GIVE_UP)
      return finish({ error: words(), seen });
    lookAgain();
  };
  look();
})();
