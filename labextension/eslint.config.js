import js from "@eslint/js";
import ts from "typescript-eslint";

// Payload strings are hostile: a module may be named `<script>`. Text enters the page as text only.
const MARKUP = ["innerHTML", "outerHTML", "insertAdjacentHTML", "setHTMLUnsafe", "srcdoc"].flatMap(
  (name) => [
    {
      selector: `MemberExpression[property.name="${name}"]`,
      message: `${name} parses markup; build elements and set textContent`,
    },
    {
      selector: `MemberExpression[property.value="${name}"]`,
      message: `${name} parses markup; build elements and set textContent`,
    },
  ],
);

// The explorer lives in JupyterLab, Notebook 7, VS Code, Colab, marimo and plain HTML files: what it
// uses of the page around it, it uses in `page.ts` alone.
const PAGE = ["document", "window", "navigator", "localStorage", "sessionStorage", "indexedDB"];

export default ts.config(
  { ignores: ["**/node_modules/**"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [ts.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off", // typed-array reads inside known bounds
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: "only-allowed-literals" },
      ],
    },
  },
  {
    files: ["**/*.mjs"],
    languageOptions: { globals: { console: "readonly", process: "readonly" } },
  },
  {
    files: ["packages/core/src/**/*.ts", "packages/widget/src/**/*.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              group: ["@jupyterlab/*", "@lumino/*", "@jupyter-widgets/*", "@codemirror/*"],
              message: "only packages/lab lives in JupyterLab",
            },
          ],
        },
      ],
      "no-restricted-globals": [
        "error",
        ...PAGE.map((name) => ({ name, message: "page.ts has what is used of the page" })),
      ],
    },
  },
  {
    files: [
      ...["dom", "keeping", "page"].map((name) => `packages/core/src/${name}.ts`),
      ...["kept", "standalone"].map((name) => `packages/widget/src/${name}.ts`),
    ],
    rules: { "no-restricted-globals": "off" }, // what makes elements, and what has pages of its own
  },
  {
    rules: {
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-restricted-properties": ["error", { object: "document", property: "write" }],
      "no-restricted-syntax": ["error", ...MARKUP],
    },
  },
);
