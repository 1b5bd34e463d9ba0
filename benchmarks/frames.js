/**
 * Frames of the graph pane while a scripted user pans, zooms and points.
 *
 * Each frame gets one input event, as the browser gives a page one a frame, and the event comes before
 * the frame that answers it. The browser runs without its limit of frames a second: the next frame
 * begins when the one before is done with, on all threads. A dot that blinks in each frame keeps the
 * browser from resting where a page has nothing new to paint.
 */
window.tsvizFrames = (() => {
  const FRAMES = 60;
  const QUIET = 7000; // the layout engine may run for 6 s before there is another picture
  const all = (selector) => [...document.querySelectorAll(selector)];
  const stage = () => document.querySelector(".tsv-stage");
  const hasCanvas = () => document.getElementsByClassName("tsv-canvas").length > 0;

  // ── what is in the picture ──────────────────────────────────────────────────────────────────────

  /** What was drawn on the canvas of the picture in the last frame that drew on it, four numbers each. */
  let shapes = [];
  let camera = null;
  let isNext = false;
  const surface = CanvasRenderingContext2D.prototype;
  for (const name of ["roundRect", "rect", "fillRect"]) {
    const draw = surface[name];
    surface[name] = function (x, y, width, height, radius) {
      if (this.canvas.className === "tsv-canvas") {
        if (isNext) [shapes, camera, isNext] = [[], this.getTransform(), false];
        shapes.push(x, y, width, height);
      }
      return draw.call(this, x, y, width, height, radius);
    };
  }

  const onCanvas = () => {
    const found = [];
    for (let i = 0; i < shapes.length; i += 4) {
      const [x, y, width, height] = shapes.slice(i, i + 4);
      const { a, e, f } = camera;
      found.push({ left: a * x + e, top: a * y + f, width: a * width, height: a * height });
    }
    return found;
  };
  const inSvg = () => {
    const { left, top } = stage().getBoundingClientRect();
    return all(".tsv-svg .tsv-shape").map((element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      return { left: x - left, top: y - top, width, height };
    });
  };
  const holds = (outer, inner) =>
    outer !== inner &&
    outer.left <= inner.left &&
    outer.top <= inner.top &&
    outer.left + outer.width >= inner.left + inner.width &&
    outer.top + outer.height >= inner.top + inner.height;

  /** Boxes in the window, wholly or in part, each place once. What holds another one is a scope. */
  const boxes = () => {
    const { clientWidth, clientHeight } = stage();
    const places = new Map();
    for (const one of hasCanvas() ? onCanvas() : inSvg()) {
      const { left, top, width, height } = one;
      if (left < clientWidth && top < clientHeight && left + width > 0 && top + height > 0)
        places.set([left, top, width, height].map(Math.round).join(), one);
    }
    const seen = [...places.values()];
    return seen.filter((one) => !seen.some((other) => holds(one, other)));
  };

  // ── input ───────────────────────────────────────────────────────────────────────────────────────

  let area = { left: 0, top: 0, width: 0, height: 0 };
  const place = (x, y) => ({ clientX: area.left + area.width * x, clientY: area.top + area.height * y });
  const send = (type, options) =>
    stage().dispatchEvent(new type[0](type[1], { bubbles: true, cancelable: true, ...options }));
  const wheel = (more) => send([WheelEvent, "wheel"], { ...place(0.5, 0.5), ...more });
  const angle = (i) => (2 * Math.PI * i) / FRAMES;
  const circle = (i, step) =>
    wheel({ deltaX: step * Math.cos(angle(i)), deltaY: step * Math.sin(angle(i)) });
  const zoom = (i, step) => wheel({ ctrlKey: true, deltaY: i < FRAMES / 2 ? step : -step });
  const hover = (i) =>
    send([PointerEvent, "pointermove"], point((i + 0.5) / FRAMES, 0.4 + (i % 7) / 35));

  /** What a user does in frame `i` of a gesture; wheels come back to where they began. */
  const GESTURES = {
    pan: (i) => circle(i, 2),
    zoom: (i) => zoom(i, 1),
    scroll: (i) => circle(i, 40),
    dive: (i) => zoom(i, -8),
    point: (i) => send([PointerEvent, "pointermove"], place((i + 0.5) / FRAMES, 0.4 + (i % 7) / 35)),
  };

  const wait = async (frames) => {
    isNext = true;
    for (let i = 0; i < frames; i++) await new Promise(requestAnimationFrame);
  };
  const press = (label) =>
    all(".tsv-tools button")
      .find((button) => button.textContent === label)
      ?.click();

  /** Has all of the graph in the window with room around it, or zooms in until it has no more than `most` boxes. */
  const show = async (most) => {
    area = stage().getBoundingClientRect();
    press("Fit");
    await wait(3);
    wheel({ ctrlKey: true, deltaY: 5 });
    await wait(3);
    while (boxes().length > most) {
      isNext = true;
      wheel({ ctrlKey: true, deltaY: -5 });
      await wait(3);
    }
    await new Promise((resolve) => setTimeout(resolve, 600)); // what waits until the page is idle
  };

  // ── frames ──────────────────────────────────────────────────────────────────────────────────────

  const dot = document.createElement("div");
  dot.style.cssText = "position:fixed;width:2px;height:2px;top:0;left:0;will-change:transform";

  /** One frame, from its event until it is painted: ms, and of these what the page's thread worked. */
  const frame = (act, i) =>
    new Promise((resolve) => {
      const begun = performance.now();
      let opened = 0;
      requestAnimationFrame(() => (opened = performance.now())); // before the page asks for it
      isNext = true;
      act(i);
      const handled = performance.now() - begun;
      requestAnimationFrame(() => {
        dot.style.background = i % 2 ? "#000" : "#fff";
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
          const ended = performance.now();
          resolve({ ms: ended - begun, work: handled + ended - opened });
        };
        port2.postMessage(null);
      });
    });

  /** How many boxes were drawn or have elements, whether in the window or around it: costs nothing. */
  const drawn = () =>
    hasCanvas() ? shapes.length / 4 : stage().getElementsByClassName("tsv-shape").length;

  return {
    /** Frames of a gesture that begins with at most `most` boxes in the window. */
    async measure(gesture, most = Infinity) {
      document.body.append(dot);
      await show(most);
      const found = [];
      for (let i = 0; i < FRAMES; i++) {
        const one = await frame(GESTURES[gesture], i);
        found.push({ ...one, drawn: drawn() });
      }
      return found;
    },

    /** The same gesture once more, with a look at each frame: the boxes in the window. */
    async count(gesture, most = Infinity) {
      await show(most);
      const found = [];
      for (let i = 0; i < FRAMES; i++) {
        await frame(GESTURES[gesture], i);
        found.push({ boxes: boxes().length, drawn: drawn() });
      }
      return found;
    },

    /** Unfolds all that the page lets a user unfold, and waits until nothing changes any more. */
    async unfold() {
      const depth = document.querySelector('select[aria-label="Depth"]');
      depth.value = "all";
      depth.dispatchEvent(new Event("change", { bubbles: true }));
      let changed = performance.now();
      const observer = new MutationObserver(() => (changed = performance.now()));
      observer.observe(document.body, { subtree: true, childList: true, attributes: true });
      while (performance.now() - changed < QUIET) await wait(1);
      observer.disconnect();
      return all(".tsv-notice")
        .map((notice) => notice.innerText.trim())
        .join("; ");
    },
  };
})();
