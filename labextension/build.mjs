// Builds what Python serves: the widget, the script of the HTML file, and the layout worker.
import { readFile, rm, mkdir } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const out = "../tsviz/widgets/static";
const LIMIT_GZ = 250 * 1024; // without the engine
const { version } = JSON.parse(await readFile("package.json", "utf8"));

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });

const common = {
  bundle: true,
  minify: true,
  target: "es2022",
  platform: "browser",
  legalComments: "none",
  charset: "ascii", // the script is also inlined into HTML files of any encoding
  define: { TSVIZ_VERSION: JSON.stringify(version) },
  logLevel: "warning",
};
await Promise.all([
  build({
    ...common,
    entryPoints: ["packages/widget/src/widget.ts"],
    format: "esm",
    outfile: `${out}/widget.js`,
  }),
  build({
    ...common,
    entryPoints: ["packages/widget/src/loader.ts"],
    format: "esm",
    outfile: `${out}/loader.js`,
  }),
  build({
    ...common,
    entryPoints: ["packages/widget/src/standalone.ts"],
    format: "iife",
    outfile: `${out}/standalone.js`,
  }),
  build({
    ...common,
    entryPoints: ["packages/core/src/layout/worker.ts"],
    format: "iife",
    outfile: `${out}/graphviz.js`,
  }),
  build({ ...common, entryPoints: ["packages/core/src/theme.css"], outfile: `${out}/widget.css` }),
]);

for (const name of ["loader.js", "widget.js", "standalone.js", "graphviz.js", "widget.css"]) {
  const bytes = await readFile(`${out}/${name}`);
  const gz = gzipSync(bytes).length;
  console.log(`${name.padEnd(14)} ${String(bytes.length).padStart(8)} bytes, ${gz} gzipped`);
  // An HTML file inlines the scripts: none may end its own script element.
  if (/<\/script|<!--/i.test(bytes.toString("utf8"))) throw new Error(`${name} cannot be inlined`);
  if (name !== "graphviz.js" && gz > LIMIT_GZ)
    throw new Error(`${name} is larger than ${LIMIT_GZ}`);
}
