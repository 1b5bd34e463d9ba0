// Packs the layout engine so that the browser unpacks it itself.
//
// The library carries Graphviz as text that it decodes and decompresses in JavaScript; that takes
// 150 ms, two thirds of the engine's start. Deflated, the same bytes take a tenth more room and
// 15 ms, since every browser inflates natively.
/* global atob, Blob, DecompressionStream, Response, WebAssembly */
import { readFile } from "node:fs/promises";
import { deflateRawSync } from "node:zlib";
import { Graphviz } from "@hpcc-js/wasm-graphviz";

// In the library: `function f(){return w??=decompress(decode(text)),start({wasmBinary:w,…})}`.
const UNPACKING = /function ([\w$]+)\(\)\{return ([\w$]+)\?\?=[\w$]+\([\w$]+\(([\w$]+)\)\),/;
const TEXT = /'[^']{100000,}'/;

/** The WebAssembly that the library starts, as it hands it to the browser. */
async function unpacked() {
  const { instantiate } = WebAssembly;
  let binary;
  WebAssembly.instantiate = (bytes, ...rest) => {
    binary = bytes;
    return instantiate.call(WebAssembly, bytes, ...rest);
  };
  await Graphviz.load();
  WebAssembly.instantiate = instantiate;
  return binary;
}

/** Runs in the browser: its text goes into the library's. */
async function inflate(text) {
  const characters = atob(text);
  const packed = new Uint8Array(characters.length);
  for (let i = 0; i < packed.length; i++) packed[i] = characters.charCodeAt(i);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** esbuild plugin: the library with its WebAssembly deflated. */
export const engine = {
  name: "engine",
  setup(build) {
    build.onLoad({ filter: /wasm-graphviz[\\/]dist[\\/]index\.js$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      if (!UNPACKING.test(source) || !TEXT.test(source))
        throw new Error(`${path}: where the engine is unpacked was not found`);
      const packed = deflateRawSync(await unpacked(), { level: 9 }).toString("base64");
      const contents = source
        .replace(TEXT, () => `'${packed}'`)
        .replace(
          UNPACKING,
          (_, start, binary, text) =>
            `async function ${start}(){${binary}??=await(${inflate})(${text});return `,
        );
      return { contents, loader: "js" };
    });
  },
};
