// What ESLint recommends, and the comparisons and bindings that surprise.
import js from "@eslint/js";
import globals from "globals";

const rules = { ...js.configs.recommended.rules, eqeqeq: "error", "prefer-const": "error", "no-var": "error" };

export default [
  { files: ["src/**/*.js"], languageOptions: { globals: globals.browser }, rules },
  { files: ["*.mjs", "*.js", "test/**/*.js"], languageOptions: { globals: globals.node }, rules },
];
