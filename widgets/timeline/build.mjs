/**
 * Bundle the timeline for each of its hosts.
 *
 * `timeline.js` is what a widget loads in a notebook, `player.js` what a saved page holds. Both are committed, so that
 * installing the Python package asks for no Node; CI builds them again and fails on a difference.
 *
 *     node build.mjs [--watch | --into FOLDER]
 */

import { context, build } from "esbuild";

const [, , option, folder] = process.argv;
const STATIC = option === "--into" ? folder : "../cotrace_widgets/static";
const BANNER = "/* Built from widgets/timeline by build.mjs: do not edit. */";

const common = {
  bundle: true,
  minify: true,
  target: "es2022",
  charset: "ascii", // the text is put into pages whose encoding is not ours to choose
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  banner: { js: BANNER },
  logLevel: "warning",
};

const bundles = [
  { ...common, entryPoints: ["src/hosts/anywidget.ts"], outfile: `${STATIC}/timeline.js`, format: "esm" },
  { ...common, entryPoints: ["src/hosts/page.ts"], outfile: `${STATIC}/player.js`, format: "iife" },
];

if (option === "--watch") {
  for (const options of bundles) await (await context(options)).watch();
} else {
  await Promise.all(bundles.map((options) => build(options)));
}
