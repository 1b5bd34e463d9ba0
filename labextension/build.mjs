// Builds what Python serves (the widget, the scripts of HTML files, the layout worker) and what
// Jupyter loads by itself.
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

import { engine } from "./engine.mjs";
import { buildLab } from "./lab.mjs";

const target = "../tsviz/widgets/static";
const LIMIT_GZ = 250 * 1024; // without the engine and the plots
const PLOTS_GZ = 460 * 1024;
const { version } = JSON.parse(await readFile("package.json", "utf8"));

// Whoever reads the target while this runs, another build included, finds whole files in it.
const before = await filesIn(target);
const out = await mkdtemp("node_modules/.build-");

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
    entryPoints: ["packages/widget/src/kept.ts"],
    format: "iife",
    outfile: `${out}/kept.js`,
  }),
  build({
    ...common,
    entryPoints: ["packages/core/src/layout/worker.ts"],
    format: "iife",
    outfile: `${out}/graphviz.js`,
    plugins: [engine],
  }),
  build({
    ...common,
    entryPoints: ["packages/core/src/plots/bundle.mjs"],
    format: "iife",
    outfile: `${out}/plotly.js`,
    define: { global: "globalThis" },
    loader: { ".css": "empty" }, // of maps, which no plot here has
  }),
  build({ ...common, entryPoints: ["packages/core/src/theme.css"], outfile: `${out}/widget.css` }),
  buildLab(common, `${out}/jupyterlab`, `${out}-lab`).finally(() =>
    rm(`${out}-lab`, { recursive: true }),
  ),
]);

const NAMES = [
  ...["loader.js", "widget.js", "standalone.js", "kept.js", "graphviz.js", "plotly.js"],
  "widget.css",
];
for (const name of NAMES) {
  const bytes = await readFile(`${out}/${name}`);
  const gz = gzipSync(bytes).length;
  console.log(`${name.padEnd(14)} ${String(bytes.length).padStart(8)} bytes, ${gz} gzipped`);
  // An HTML file inlines the scripts: none may end its own script element.
  if (/<\/script|<!--/i.test(bytes.toString("utf8"))) throw new Error(`${name} cannot be inlined`);
  const limit = { "graphviz.js": Infinity, "plotly.js": PLOTS_GZ }[name] ?? LIMIT_GZ;
  if (gz > limit) throw new Error(`${name} is larger than ${limit}`);
}
await moveInPlace();

/** Replaces each file at once, then removes those of the build before that are no longer made. */
async function moveInPlace() {
  const made = await filesIn(out);
  for (const name of made) {
    await mkdir(dirname(`${target}/${name}`), { recursive: true });
    await rename(`${out}/${name}`, `${target}/${name}`);
  }
  await rm(out, { recursive: true });
  for (const name of before)
    if (!made.includes(name)) await rm(`${target}/${name}`, { force: true });
}

/** Paths below a folder; scripts before the `package.json` that names them. */
async function filesIn(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.length + 1))
    .sort((a, b) => Number(a.endsWith(".json")) - Number(b.endsWith(".json")));
}
