/**
 * Opens the explorer that a notebook keeps in a cell's output, in place of the picture before it.
 *
 * The explorer's page, deflated, is an attribute of this very script. Where scripts do not run, or
 * are taken out (a notebook that is not trusted, a mail), the picture stays. The page is shown in a
 * frame that can reach nothing of the page around it; the two exchange no more than the theme and
 * that the reader leaves.
 */

import { keptStrings, leave, LEAVE, themeMessage } from "@tsviz/core/keeping";

/** That of an explorer in a live notebook. */
const HEIGHT = "480px";
const EARLY = "400px";

async function unpack(base64: string): Promise<string> {
  const packed = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return await new Response(stream).text();
}

const theme = (): string | undefined => document.body.dataset["jpThemeLight"];

/** The page knows by its body that it is kept, and the theme around it from the first moment. */
function inTheme(page: string): string {
  const light = theme();
  const known = light === undefined ? "" : ` data-jp-theme-light="${light === "true"}"`;
  return page.replace("<body>", `<body data-tsviz-kept${known}>`);
}

async function open(script: HTMLScriptElement, picture: Element): Promise<void> {
  const frame = document.createElement("iframe");
  frame.title = keptStrings.title(script.dataset["title"] ?? "");
  frame.sandbox.add("allow-scripts", "allow-downloads");
  frame.allow = "clipboard-write";
  frame.style.cssText = "display:block;border:0;width:100%;height:100%";
  // eslint-disable-next-line no-restricted-syntax -- the page as Python wrote it, in a sandbox
  frame.srcdoc = inTheme(await unpack(script.dataset["page"] ?? ""));
  const place = document.createElement("div");
  place.style.cssText =
    `box-sizing:border-box;height:${HEIGHT};min-height:260px;resize:vertical;overflow:hidden;` +
    "border:1px solid #8886;border-radius:6px";
  place.append(frame);
  follow(frame);
  picture.replaceWith(place);
}

/** For as long as there is the frame: it follows the theme, and leads back to its cell. */
function follow(frame: HTMLIFrameElement): void {
  const weak = new WeakRef(frame);
  const tell = () => weak.deref()?.contentWindow?.postMessage(themeMessage(theme()), "*");
  const themes = new MutationObserver(() => (weak.deref() ? tell() : themes.disconnect()));
  themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  frame.addEventListener("load", tell); // it may have been taken out and put back in another theme
  const hear = ({ source, data }: MessageEvent): void => {
    const there = weak.deref();
    if (!there) return removeEventListener("message", hear);
    if (source === there.contentWindow && data === LEAVE) leave(there);
  };
  addEventListener("message", hear);
}

/** Opens it when it is about to be seen: a notebook may keep many. */
function openWhenSeen(script: HTMLScriptElement, picture: Element): void {
  const seen = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      seen.disconnect();
      open(script, picture).catch((error: unknown) => {
        const words = keptStrings.damaged(error instanceof Error ? error.message : String(error));
        picture.querySelector("figcaption")?.append(document.createElement("br"), words);
      });
    },
    { rootMargin: EARLY },
  );
  seen.observe(picture);
}

const script = document.currentScript as HTMLScriptElement | null;
if (script?.previousElementSibling) openWhenSeen(script, script.previousElementSibling);
