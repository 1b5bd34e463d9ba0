/**
 * Frames of the graph pane while a scripted user pans, zooms and points.
 *
 * Each frame gets one input event, as the browser gives a page one a frame, and the event comes
 * before the frame that answers it. The browser has no limit of frames a second: the next frame begins
 * when the one before is done with, on all threads. A dot that blinks in each frame keeps the browser
 * from resting where a page has nothing new to paint.
 */
window.tsvizFrames = (() => {
  const FRAMES = 30;
  const QUIET = 8000; // the layout engine may run for 6 s before there is another picture
  const all = (selector) => [...document.querySelectorAll(selector)];
  const stage = () => document.querySelector(".tsv-stage");
  const hasCanvas = () => document.getElementsByClassName("tsv-canvas").length > 0;

  // ── what is in the picture ──────────────────────────────────────────────────────────────────────

  /** What stands on the canvas of the picture, since all of it was last wiped: four numbers each. */
  let shapes = [];
  let isWhole = true;
  let camera = null;
  const surface = CanvasRenderingContext2D.prototype;
  const onPicture = ({ canvas }) => canvas.className === "tsv-canvas";
  const wipe = surface.clearRect;
  surface.clearRect = function (x, y, width, height) {
    if (onPicture(this)) {
      isWhole =
        x <= 0 && y <= 0 && x + width >= this.canvas.width && y + height >= this.canvas.height;
      if (isWhole) [shapes, camera] = [[], null];
    }
    return wipe.call(this, x, y, width, height);
  };
  for (const name of ["roundRect", "fillRect"]) {
    const draw = surface[name];
    surface[name] = function (x, y, width, height, radius) {
      if (isWhole && onPicture(this)) {
        camera ??= this.getTransform();
        shapes.push(x, y, width, height);
      }
      return draw.call(this, x, y, width, height, radius);
    };
  }
  /** Where the window is; differs where it has moved. */
  const viewOf = () =>
    hasCanvas()
      ? `${camera?.a} ${camera?.e} ${camera?.f}`
      : document.querySelector(".tsv-svg > g")?.getAttribute("transform");

  const onCanvas = () => {
    const { a, e, f } = camera;
    const found = [];
    for (let i = 0; i < shapes.length; i += 4) {
      const [x, y, width, height] = shapes.slice(i, i + 4);
      found.push({ left: a * x + e, top: a * y + f, width: a * width, height: a * height });
    }
    return found;
  };
  const inSvg = () => {
    const { left, top } = area;
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
    const places = new Map();
    for (const one of hasCanvas() ? onCanvas() : inSvg()) {
      const { left, top, width, height } = one;
      if (left < area.width && top < area.height && left + width > 0 && top + height > 0)
        places.set([left, top, width, height].map((n) => n.toFixed(1)).join(), one);
    }
    const seen = [...places.values()];
    return seen.filter((one) => !seen.some((other) => holds(one, other)));
  };

  // ── input ───────────────────────────────────────────────────────────────────────────────────────

  let area = { left: 0, top: 0, width: 0, height: 0 };
  const place = (x, y) => ({
    clientX: area.left + area.width * x,
    clientY: area.top + area.height * y,
  });
  const send = (Type, name, options) =>
    stage().dispatchEvent(new Type(name, { bubbles: true, cancelable: true, ...options }));
  const wheel = (more) => send(WheelEvent, "wheel", { ...place(0.5, 0.5), ...more });
  const circle = (i, step) => {
    const angle = (2 * Math.PI * i) / FRAMES;
    wheel({ deltaX: step * Math.cos(angle), deltaY: step * Math.sin(angle) });
  };
  const zoom = (i, step) => wheel({ ctrlKey: true, deltaY: i < FRAMES / 2 ? step : -step });

  /** What a user does in frame `i` of a gesture; wheels come back to where they began. */
  const GESTURES = {
    pan: (i) => circle(i, 2),
    zoom: (i) => zoom(i, -0.5),
    point: (i) => send(PointerEvent, "pointermove", place((i + 0.5) / FRAMES, 0.4 + (i % 7) / 35)),
    dive: (i) => zoom(i, -12),
    scroll: (i) => circle(i, 40),
  };

  const wait = async (frames) => {
    for (let i = 0; i < frames; i++) await new Promise(requestAnimationFrame);
  };
  const press = (label) =>
    all(".tsv-tools button")
      .find((button) => button.textContent === label)
      ?.click();

  /** Brings all of the graph into the window with room around it, then goes in until at most `most` boxes are there. */
  const show = async (most = Infinity) => {
    area = stage().getBoundingClientRect();
    press("Fit");
    await wait(3);
    wheel({ ctrlKey: true, deltaY: 10 });
    await wait(3);
    while (boxes().length > most) {
      wheel({ ctrlKey: true, deltaY: -5 });
      await wait(3);
    }
    await new Promise((resolve) => setTimeout(resolve, 300)); // what waits until the page is idle
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

  /** Shapes that are drawn or have elements, in the window or around it: cheap enough for each frame. */
  const drawn = () =>
    hasCanvas() ? shapes.length / 4 : stage().getElementsByClassName("tsv-shape").length;

  return {
    show,

    /** The frames of a gesture. */
    async measure(gesture) {
      document.body.append(dot);
      const found = [];
      let before = viewOf();
      for (let i = 0; i < FRAMES; i++) {
        const one = await frame(GESTURES[gesture], i);
        const view = viewOf();
        found.push({ ...one, drawn: drawn(), moved: view !== before });
        before = view;
      }
      return found;
    },

    /** The same gesture with a look at each frame: how many boxes are in the window. */
    async count(gesture) {
      const found = [];
      for (let i = 0; i < FRAMES; i++) {
        await frame(GESTURES[gesture], i);
        found.push({ boxes: boxes().length, drawn: drawn(), canvas: hasCanvas() });
      }
      return found;
    },

    /** The middle of one of the boxes in the window, of all of which one is chosen by a number. */
    async box(number) {
      if (document.querySelector('.tsv-graph [role="treeitem"][aria-selected="true"]'))
        send(KeyboardEvent, "keydown", { key: "Escape" }); // nothing is selected any more
      await show();
      const found = boxes();
      const { left, top, width, height } = found[number % found.length];
      return { x: area.left + left + width / 2, y: area.top + top + height / 2 };
    },

    /** Unfolds as much as the page lets a user unfold; resolves when nothing changes any more. */
    async unfold() {
      const depth = document.querySelector('select[aria-label="Depth"]');
      depth.value = "all";
      depth.dispatchEvent(new Event("change", { bubbles: true }));
      let changed = performance.now();
      const observer = new MutationObserver(() => (changed = performance.now()));
      observer.observe(stage().parentElement, { subtree: true, childList: true, attributes: true });
      while (performance.now() - changed < QUIET) await wait(1);
      observer.disconnect();
    },
  };
})();
