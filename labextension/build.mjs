// Builds what Python serves (the widget, the script of the HTML file, the layout worker) and what
// Jupyter loads by itself.
import { createHash } from "node:crypto";
import { readFile, rename, rm, mkdir, writeFile } from "node:fs/promises";
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
  build({
    ...common,
    entryPoints: ["packages/widget/src/jupyterlab.ts"],
    format: "iife",
    outfile: `${out}/jupyterlab/static/remoteEntry.js`,
  }),
]);
await describeExtension(`${out}/jupyterlab`);

/** Says to Jupyter what to load; browsers keep files by name, so the name tells the content. */
async function describeExtension(folder) {
  const script = await readFile(`${folder}/static/remoteEntry.js`);
  const hash = createHash("sha256").update(script).digest("hex").slice(0, 16);
  const load = `static/remoteEntry.${hash}.js`;
  await rename(`${folder}/static/remoteEntry.js`, `${folder}/${load}`);
  const jupyterlab = { extension: true, _build: { load, extension: "./extension" } };
  const description = "Shows the stored picture of explorers whose kernel has gone";
  const text = JSON.stringify({ name: "tsviz", version, description, jupyterlab }, null, 2);
  await writeFile(`${folder}/package.json`, `${text}\n`);
}

for (const name of ["loader.js", "widget.js", "standalone.js", "graphviz.js", "widget.css"]) {
  const bytes = await readFile(`${out}/${name}`);
  const gz = gzipSync(bytes).length;
  console.log(`${name.padEnd(14)} ${String(bytes.length).padStart(8)} bytes, ${gz} gzipped`);
  // An HTML file inlines the scripts: none may end its own script element.
  if (/<\/script|<!--/i.test(bytes.toString("utf8"))) throw new Error(`${name} cannot be inlined`);
  if (name !== "graphviz.js" && gz > LIMIT_GZ)
    throw new Error(`${name} is larger than ${LIMIT_GZ}`);
}
