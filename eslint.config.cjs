// What fails in the OCA's configuration, but for: `strict` (scripts of pages are blocks, and modules are strict by
// themselves); functions that stand below who calls them; and modules, which Odoo 19 knows by their place and not by a
// name that ends with .esm.js.
const globals = require("globals");

const errors = [
  "init-declarations",
  "no-cond-assign",
  "no-const-assign",
  "no-debugger",
  "no-dupe-args",
  "no-dupe-class-members",
  "no-dupe-keys",
  "no-duplicate-case",
  "no-duplicate-imports",
  "no-empty-function",
  "no-empty-pattern",
  "no-eq-null",
  "no-eval",
  "no-ex-assign",
  "no-func-assign",
  "no-global-assign",
  "no-lonely-if",
  "no-obj-calls",
  "no-return-assign",
  "no-undef",
  "no-unneeded-ternary",
  "no-unreachable",
  "no-unsafe-finally",
  "no-unused-expressions",
  "no-unused-labels",
  "no-unused-vars",
  "no-use-before-define",
  "operator-assignment",
  "spaced-comment",
  "use-isnan",
];
const scripts = ["static/src/client/**", "static/src/hera/**"];

module.exports = [
  {
    files: ["static/**/*.js"],
    languageOptions: {
      ecmaVersion: 2024,
      sourceType: "module",
      globals: {...globals.browser, odoo: "readonly", luxon: "readonly"},
    },
    rules: {
      ...Object.fromEntries(errors.map((name) => [name, "error"])),
      "no-use-before-define": ["error", {functions: false}],
    },
  },
  {
    files: scripts,
    languageOptions: {sourceType: "script", globals: {...globals.serviceworker, sig: "writable"}},
  },
];
