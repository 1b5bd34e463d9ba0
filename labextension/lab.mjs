// Packs `packages/lab` as JupyterLab wants its extensions: a federated module that takes Jupyter's
// own packages from the page.
//
// esbuild compiles the TypeScript, this workspace's packages included; Jupyter's builder, which
// knows what a page of JupyterLab shares, makes the module of that.
import { execFile } from "node:child_process";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { relative } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";

const SOURCE = "packages/lab";
const COURSE = "../notebooks";
const { resolve: find } = createRequire(import.meta.url);
const INSTALL = {
  packageManager: "python",
  packageName: "tsviz",
  uninstallInstructions: "pip uninstall tsviz",
};

/** Writes the extension into the folder `target`, by way of the folder `work`. */
export async function buildLab(common, target, work) {
  const described = JSON.parse(await readFile(`${SOURCE}/package.json`, "utf8"));
  const dependencies = without(described.dependencies, "@tsviz/core");
  await mkdir(work, { recursive: true });
  const course = (await readdir(COURSE)).filter((name) => name.endsWith(".ipynb")).sort();
  await Promise.all([
    build({
      ...common,
      define: { ...common.define, TSVIZ_COURSE: JSON.stringify(course) },
      entryPoints: { index: `${SOURCE}/src/index.ts` },
      format: "esm",
      outdir: work,
      splitting: true, // the explorer is fetched when the first one opens
      plugins: [jupyter(Object.keys(dependencies))],
    }),
    build({ ...common, entryPoints: [`${SOURCE}/style/index.css`], outfile: `${work}/index.css` }),
    cp(`${SOURCE}/schema`, `${work}/schema`, { recursive: true }),
  ]);
  const jupyterlab = { ...described.jupyterlab, outputDir: relative(work, target) };
  const text = JSON.stringify({ ...described, dependencies, jupyterlab });
  await writeFile(`${work}/package.json`, text);
  await runBuilder(work);
  for (const name of course) await cp(`${COURSE}/${name}`, `${target}/static/course/${name}`);
  await describe(target, described);
  await writeFile(`${target}/install.json`, `${JSON.stringify(INSTALL, null, 2)}\n`);
}

/** esbuild plugin: leaves packages to the page that are declared as its, and no others. */
function jupyter(names) {
  return {
    name: "jupyter",
    setup: (build) =>
      build.onResolve({ filter: /^@(jupyterlab|lumino|codemirror)\// }, ({ path }) =>
        names.includes(path)
          ? { path, external: true }
          : { errors: [{ text: `${path} is no dependency of ${SOURCE}/package.json` }] },
      ),
  };
}

async function runBuilder(folder) {
  const builder = find("@jupyter/builder/lib/build-labextension.js");
  const core = find("@jupyterlab/core-meta/core.package.json");
  try {
    await promisify(execFile)(process.execPath, [builder, "--core-package-file", core, folder]);
  } catch ({ stdout, stderr }) {
    throw new Error(`Jupyter's builder failed:\n${stdout}${stderr}`);
  }
}

/** Says to Jupyter what to load, and no word of where it was built. */
async function describe(target, described) {
  const path = `${target}/package.json`;
  const { _build } = JSON.parse(await readFile(path, "utf8")).jupyterlab;
  const shown = without(described, "main", "style", "dependencies", "devDependencies");
  const jupyterlab = { ...described.jupyterlab, _build };
  await writeFile(path, `${JSON.stringify({ ...shown, jupyterlab }, null, 2)}\n`);
}

const without = (object, ...names) =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
