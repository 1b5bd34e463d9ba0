/**
 * Runs in a page of JupyterLab before its own scripts, beside probe.js: notes what passes between the
 * page, its server and the kernel, and when. Messages are kept as they came and read when all is over.
 * Times are milliseconds since the navigation began; those of a kernel are from its messages' headers.
 */
window.tsvizLab = (() => {
  const frames = [];
  const requests = [];
  const seen = {};
  const once = (name, time = performance.now()) => (seen[name] ??= time);

  window.addEventListener("dblclick", ({ timeStamp }) => once("clicked", timeStamp), true);

  window.WebSocket = class extends WebSocket {
    constructor(...words) {
      super(...words);
      const isKernel = new URL(this.url).pathname.endsWith("/channels");
      this.addEventListener("open", () => once("connected"));
      this.addEventListener("message", ({ data }) => {
        if (isKernel && data instanceof ArrayBuffer) frames.push({ data, time: performance.now() });
      });
    }
  };

  const { fetch } = window;
  window.fetch = async (...words) => {
    const [{ url = String(words[0]), method = words[1]?.method ?? "GET" }] = words;
    const request = { url, method, asked: performance.now(), answered: 0 };
    requests.push(request);
    const answer = await fetch(...words);
    request.answered = performance.now();
    return answer;
  };

  // What the explorer says of itself, for those who cannot see it.
  const watched = ["data-tsviz-state", "data-tsviz-ready"];
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      if (target.dataset.tsvizState === "ready") once("decoded");
      if (target.dataset.tsvizReady === "true") once("drawn");
    }
  }).observe(document, { subtree: true, attributes: true, attributeFilter: watched });

  /** As `v1.kernel.websocket.jupyter.org` has it: offsets, then the parts of a message. */
  const read = ({ data, time }) => {
    const view = new DataView(data);
    const count = Number(view.getBigUint64(0, true));
    const at = (n) => Number(view.getBigUint64(8 * (n + 1), true));
    const part = (n) =>
      JSON.parse(new TextDecoder().decode(data.slice(at(n), at(n + 1))) || "{}");
    const [header, parent, , content] = [1, 2, 3, 4].map(part);
    const sent = Date.parse(header.date) - performance.timeOrigin;
    const bytes = at(count - 1) - at(4);
    return { type: header.msg_type, parent: parent.msg_type ?? "", content, sent, time, bytes };
  };

  return {
    /** The moments of the way from the click to the picture; probe.js knows the rest. */
    moments() {
      const messages = frames.map(read);
      const find = (test) => messages.find(test) ?? { sent: NaN, time: NaN };
      const started = requests.find(
        ({ url, method }) => method === "POST" && url.includes("/api/sessions"),
      );
      const said = messages.filter(({ type }) => type === "comm_msg");
      const reading = find(
        ({ type, content }) => type === "comm_msg" && content.data.type === "progress",
      );
      const answers = said.filter(
        ({ content: { data } }) => data.id === reading.content?.data.id && data.type !== "progress",
      );
      const last = answers.at(-1) ?? { sent: NaN, time: NaN };
      return {
        ...seen,
        asked: started?.asked ?? NaN,
        started: started?.answered ?? NaN,
        ready: find(({ type }) => type === "kernel_info_reply").sent,
        served: find(({ type }) => type === "execute_reply").sent,
        reading: reading.sent,
        sent: last.sent,
        arrived: last.time,
        bytes: answers.reduce((sum, { bytes }) => sum + bytes, 0),
        requests: requests.filter(({ asked }) => asked >= seen.clicked).length,
      };
    },
  };
})();
