// Writes the page of states, to be looked at: node build.mjs OUT.html, then OUT.html#busy and so on.
import { readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const [out] = process.argv.slice(2);
const folder = import.meta.dirname;
const core = `${folder}/../..`;
const bundle = async (file) => {
  const options = { bundle: true, write: false, format: "iife", charset: "ascii" };
  const { outputFiles } = await build({ ...options, entryPoints: [`${core}/${file}`] });
  return outputFiles[0].text;
};
const [css, worker, script, data] = await Promise.all([
  bundle("src/theme.css"),
  bundle("src/layout/worker.ts"),
  bundle("tests/states/page.ts"),
  readFile(`${core}/tests/fixtures/detector.json`, "utf8"),
]);
await writeFile(
  out,
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>states</title>
<style>body { margin: 12px } @media (prefers-color-scheme: dark) { body { background: #111 } }
${css}</style></head><body><div id="host"></div>
<script type="text/plain" id="worker">${worker}</script>
<script type="application/json" id="data">${data.replaceAll("<", "\\u003c")}</script>
<script>${script}</script></body></html>`,
);
