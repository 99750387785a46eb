/**
 * How the timeline looks: one style sheet for its shadow root.
 *
 * Ground, text and fonts are the host's (Jupyter's `--jp-*`, VS Code's `--vscode-*`), so that it looks at home in both.
 * Colours that mean something (where we are, what changed, what failed) are ours, chosen for a contrast of at least
 * 4.5 to 1 on a light and on a dark ground, and none of them says a thing that a word or a shape doesn't say too. The
 * layout asks how wide its own container is, since a notebook's cell and not the window decides that.
 */

const COLOURS = `
:host {
  color-scheme: light dark;
  --ct-bg: var(--jp-layout-color0, var(--vscode-editor-background, light-dark(#ffffff, #17191d)));
  --ct-fg: var(--vscode-editor-foreground, light-dark(#1f2328, #e4e6eb));
  --ct-mono: var(--jp-code-font-family, var(--vscode-editor-font-family, ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace));
  --ct-sans: var(--jp-ui-font-family, var(--vscode-font-family, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif));
  --ct-size: var(--jp-ui-font-size1, var(--vscode-font-size, 13px));
  --ct-code-size: var(--jp-code-font-size, var(--vscode-editor-font-size, 13px));
  --ct-muted: color-mix(in srgb, var(--ct-fg) 72%, var(--ct-bg));
  --ct-faint: color-mix(in srgb, var(--ct-fg) 7%, var(--ct-bg));
  --ct-soft: color-mix(in srgb, var(--ct-fg) 4%, var(--ct-bg));
  --ct-rule: color-mix(in srgb, var(--ct-fg) 15%, var(--ct-bg));
  --ct-edge: color-mix(in srgb, var(--ct-fg) 50%, var(--ct-bg));
  --ct-here: light-dark(#0b5cad, #7db8ff);
  --ct-here-bg: color-mix(in srgb, var(--ct-here) 13%, var(--ct-bg));
  --ct-on-here: light-dark(#ffffff, #0d1b2c);
  --ct-changed: light-dark(#8a4b00, #f2b45c);
  --ct-changed-bg: color-mix(in srgb, var(--ct-changed) 11%, var(--ct-bg));
  --ct-failed: light-dark(#b3182b, #ff8f8f);
  --ct-failed-bg: color-mix(in srgb, var(--ct-failed) 10%, var(--ct-bg));
  --ct-output: light-dark(#0a6b54, #5fd0ae);
  --ct-chosen: light-dark(#7a3aa8, #d0a2f7);
  --ct-chosen-bg: color-mix(in srgb, var(--ct-chosen) 10%, var(--ct-bg));
  --ct-past: light-dark(#6f9fd4, #3f6fa6);
  --ct-future: light-dark(#ccd3dc, #3a414b);
  --ct-keyword: light-dark(#9a1b6b, #f08fc6);
  --ct-builtin: light-dark(#0a5c8a, #7cc4ee);
  --ct-string: light-dark(#8f3c0e, #e9ad7e);
  --ct-number: light-dark(#0f6432, #8fd6a0);
  --ct-comment: light-dark(#5c6670, #9aa4b0);
  --ct-defined: light-dark(#1b4fb8, #8fb4ff);
}
:host([data-theme="light"]) { color-scheme: light; }
:host([data-theme="dark"]) { color-scheme: dark; }
:host([data-theme="contrast"]) {
  color-scheme: dark;
  --ct-bg: #000000; --ct-fg: #ffffff; --ct-muted: #ffffff; --ct-faint: #1c1c1c; --ct-soft: #0d0d0d;
  --ct-rule: #8a8a8a; --ct-edge: #ffffff;
  --ct-here: #6fc3ff; --ct-here-bg: #06263c; --ct-on-here: #000000;
  --ct-changed: #ffd24a; --ct-changed-bg: #2b2200; --ct-failed: #ff9d9d; --ct-failed-bg: #330707;
  --ct-output: #5ff0c4; --ct-chosen: #e6b8ff; --ct-chosen-bg: #2a0f3a; --ct-past: #3d8fd1; --ct-future: #5a5a5a;
  --ct-keyword: #ff9ddb; --ct-builtin: #8ad4ff; --ct-string: #ffc48f; --ct-number: #9bf0ae; --ct-comment: #d0d0d0; --ct-defined: #a9c6ff;
}
`;

const FRAME = `
:host { display: block; contain: layout style; container: timeline / inline-size; }
:host([hidden]) { display: none; }
*, *::before, *::after { box-sizing: border-box; }
.ct {
  display: flex; flex-direction: column; overflow: hidden; position: relative;
  height: var(--ct-height, clamp(min(31rem, 92vh), 17rem + var(--ct-lines, 20) * 1.35rem, min(36rem, 92vh)));
  color: var(--ct-fg); background: var(--ct-bg);
  font: var(--ct-size)/1.45 var(--ct-sans);
  border: 1px solid var(--ct-rule); border-radius: 8px;
}
.ct:focus { outline: none; }
button, input, select { font: inherit; color: inherit; }
button { cursor: pointer; }
:focus-visible { outline: 2px solid var(--ct-here); outline-offset: 1px; }
.mono { font-family: var(--ct-mono); font-size: var(--ct-code-size); }
.muted { color: var(--ct-muted); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.plain { border: 0; background: none; padding: 0; text-align: start; }
.grow { flex: 1 1 auto; min-width: 0; }
.head, .notices, .problem, .bar, .scrub, .passes { flex: none; }
h2, h3, p, ul, ol, dl, dd, figure { margin: 0; padding: 0; list-style: none; font-weight: inherit; font-size: inherit; }
`;

const HEADER = `
.head { display: flex; align-items: baseline; gap: .35rem .75rem; padding: .5rem .75rem .35rem; }
.head h2 { font-family: var(--ct-mono); font-size: var(--ct-code-size); font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; flex: 0 1 auto; min-width: 6ch; max-width: 100%; }
.ending { flex: 0 2 auto; min-width: 8ch; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.ending.bad { color: var(--ct-failed); }
.facts { margin-inline-start: auto; color: var(--ct-muted); font-size: .92em; white-space: nowrap; }
.notices { margin: 0 .75rem .4rem; padding: .3rem .6rem; border-inline-start: 3px solid var(--ct-changed); border-radius: 0 5px 5px 0; background: var(--ct-changed-bg); font-size: .95em; max-height: 5.6em; overflow: auto; }
.notices summary { cursor: pointer; font-weight: 600; }
.notices li { padding-block: .1rem; overflow-wrap: anywhere; }
.problem { margin: .4rem .75rem; padding: .4rem .6rem; border-inline-start: 3px solid var(--ct-failed); border-radius: 0 5px 5px 0; background: var(--ct-failed-bg); display: flex; gap: .75rem; align-items: center; overflow-wrap: anywhere; }
`;

const CONTROLS = `
.bar, .head, .passes { contain: layout style; }
.bar { display: flex; align-items: center; gap: .3rem .6rem; flex-wrap: wrap; padding: .15rem .75rem .3rem; }
.group { display: inline-flex; align-items: center; border: 1px solid var(--ct-rule); border-radius: 7px; background: var(--ct-soft); }
.key { display: inline-grid; place-items: center; min-width: 32px; height: 30px; padding: 0 6px; border: 0; border-radius: 6px; background: none; color: var(--ct-fg); }
.key svg { width: 17px; height: 17px; display: block; }
.key:hover:not([aria-disabled="true"]) { background: var(--ct-here-bg); color: var(--ct-here); }
.key:active:not([aria-disabled="true"]) { transform: translateY(1px); }
.key[aria-disabled="true"] { opacity: .38; cursor: default; }
.key.main { background: var(--ct-here); color: var(--ct-on-here); }
.key.main:hover:not([aria-disabled="true"]) { background: color-mix(in srgb, var(--ct-here) 88%, var(--ct-fg)); color: var(--ct-on-here); }
.key[aria-pressed="true"], .key[aria-expanded="true"] { background: var(--ct-here-bg); color: var(--ct-here); }
.place { display: inline-flex; align-items: baseline; gap: .35rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
.place input { text-align: end; padding: .12rem .35rem; border: 1px solid var(--ct-edge); border-radius: 5px; background: var(--ct-bg); font-variant-numeric: tabular-nums; }
.speed { border: 0; background: var(--ct-bg); color: var(--ct-fg); padding: .15rem .1rem; border-radius: 5px; height: 28px; margin-inline: 1px; }
.speed option { background: var(--ct-bg); color: var(--ct-fg); }
`;

const SCRUBBER = `
.scrub { position: relative; margin: 0 .75rem .35rem; height: 60px; border-radius: 6px; background: var(--ct-soft); cursor: pointer; touch-action: none; user-select: none; }
.scrub canvas { position: absolute; inset: 0; width: 100%; height: 100%; border-radius: 6px; display: block; }
.scrub:focus-visible { outline-offset: 2px; }
.peek { position: absolute; top: calc(100% + 4px); z-index: 5; max-width: min(24rem, 90%); padding: .3rem .55rem; border-radius: 6px; border: 1px solid var(--ct-rule); background: var(--ct-bg); box-shadow: 0 4px 14px rgb(0 0 0 / .18); pointer-events: none; font-size: .92em; }
.peek code { display: block; font: var(--ct-code-size) var(--ct-mono); white-space: pre; overflow: hidden; text-overflow: ellipsis; }
.passes { display: flex; flex-wrap: nowrap; overflow-x: auto; scrollbar-width: none; gap: .5rem; padding: 0 .75rem .35rem; align-items: center; min-height: 2.15rem; }
.passes .empty { font-size: .92em; padding: 0; }
.pass { flex: none; display: inline-flex; align-items: center; border: 1px solid var(--ct-rule); border-radius: 999px; background: var(--ct-soft); font-variant-numeric: tabular-nums; }
.pass .label { padding: 0 .2rem; white-space: nowrap; }
.pass code { font: .95em var(--ct-mono); }
.pass input { border: 1px solid var(--ct-edge); border-radius: 4px; background: var(--ct-bg); text-align: end; padding: 0 .2rem; }
.pass .key { height: 24px; min-width: 26px; border-radius: 999px; }
.pass .key svg { width: 13px; height: 13px; }
`;

const CODE = `
.body { flex: 1 1 auto; min-height: 0; display: grid; grid-template-columns: minmax(0, 1fr); grid-template-rows: minmax(7rem, 46%) minmax(0, 1fr); border-top: 1px solid var(--ct-rule); }
.codebox, .side { contain: strict; }
.codebox { display: flex; flex-direction: column; min-height: 0; min-width: 0; position: relative; }
.code { position: relative; overflow: auto; flex: 1 1 auto; min-height: 0; font: var(--ct-code-size)/1.6 var(--ct-mono); tab-size: 4; scrollbar-width: thin; overscroll-behavior: contain; }
.rows { position: relative; min-width: 100%; }
.row { contain: layout style; position: absolute; inset-inline: 0; height: var(--row, 21px); line-height: var(--row, 21px); display: flex; white-space: pre; cursor: pointer; }
.row:hover { background: var(--ct-faint); }
.gutter { position: sticky; inset-inline-start: 0; z-index: 1; flex: none; display: flex; background: var(--ct-bg); border-inline-end: 1px solid var(--ct-rule); color: var(--ct-muted); font-variant-numeric: tabular-nums; }
.row:hover .gutter { background: var(--ct-faint); }
.hits { width: var(--hits, 5ch); text-align: end; font-size: .82em; padding-inline: .5em .2em; }
.number { width: var(--digits, 3ch); text-align: end; margin-inline: .5ch 1.7ch; }
.text { padding-inline: .9ch 2ch; }
.row.next { background: color-mix(in srgb, var(--ct-here) 5%, var(--ct-bg)); }
.row.here, .row.here .gutter { background: var(--ct-here-bg); }
.row.here.bad, .row.here.bad .gutter { background: var(--ct-failed-bg); }
.row.here .number { color: var(--ct-here); font-weight: 700; }
.row.here.bad .number { color: var(--ct-failed); }
.gutter { position: sticky; }
.arrow { position: absolute; inset-inline-end: .25ch; width: 1.2ch; color: var(--ct-here); }
.row.next .arrow { color: var(--ct-muted); }
.row.here.bad .arrow { color: var(--ct-failed); }
.inline { display: inline-flex; gap: .5ch; align-items: center; padding-inline-end: 2ch; font-size: .92em; }
.chip { border-radius: 4px; padding: 0 .6ch; background: color-mix(in srgb, var(--ct-fg) 7%, transparent); line-height: 1.45; white-space: pre; max-width: 60ch; overflow: hidden; text-overflow: ellipsis; color: var(--ct-fg); }
.chip.changed { background: var(--ct-changed-bg); color: var(--ct-changed); }
.chip.failed { background: var(--ct-failed-bg); color: var(--ct-failed); }
.chip.output { color: var(--ct-output); }
.t1 { color: var(--ct-keyword); } .t2 { color: var(--ct-builtin); } .t3 { color: var(--ct-string); } .t4 { color: var(--ct-number); }
.t5 { color: var(--ct-comment); font-style: italic; } .t7 { color: var(--ct-defined); font-weight: 600; } .t8 { color: var(--ct-builtin); } .t9 { color: var(--ct-number); }
.m-fail { text-decoration: underline wavy var(--ct-failed); text-decoration-thickness: 1.5px; text-underline-offset: 3px; background: var(--ct-failed-bg); }
.m-point { background: color-mix(in srgb, var(--ct-here) 24%, transparent); border-radius: 3px; }
.m-find { background: color-mix(in srgb, var(--ct-chosen) 22%, transparent); border-radius: 3px; }
.files { display: flex; gap: .15rem; padding: .25rem .5rem 0; overflow-x: auto; border-bottom: 1px solid var(--ct-rule); flex: none; scrollbar-width: none; }
.rest { position: absolute; inset-inline: 0; display: flex; height: var(--row, 21px); }
.rest button { color: var(--ct-here); padding-inline: 1rem; font: .92em var(--ct-sans); text-decoration: underline; text-underline-offset: 2px; }
`;

const PANELS = `
.side { display: flex; flex-direction: column; min-height: 0; min-width: 0; border-top: 1px solid var(--ct-rule); }
.tabs { display: flex; gap: .1rem; padding: .25rem .5rem 0; border-bottom: 1px solid var(--ct-rule); flex: none; overflow-x: auto; scrollbar-width: none; }
.tab { border: 0; background: none; padding: .2rem .6rem .3rem; border-radius: 6px 6px 0 0; color: var(--ct-muted); border-bottom: 2px solid transparent; white-space: nowrap; }
.tab:hover { color: var(--ct-fg); background: var(--ct-faint); }
.tab[aria-selected="true"] { color: var(--ct-fg); border-bottom-color: var(--ct-here); font-weight: 600; }
.tabpanel { flex: 1 1 auto; min-height: 0; display: flex; flex-direction: column; }
.panel { min-height: 0; overflow: auto; padding: .45rem .75rem .6rem; scrollbar-width: thin; overscroll-behavior: contain; }
.panel + .panel { border-top: 1px solid var(--ct-rule); }
.panel > h3, .title { font-size: .86em; font-weight: 600; color: var(--ct-muted); margin-bottom: .25rem; display: flex; gap: .5rem; align-items: baseline; }
.panel > h3 { position: sticky; top: -.45rem; margin: -.45rem -.75rem .1rem; padding: .45rem .75rem .15rem; background: var(--ct-bg); z-index: 1; }
.panel.fill { flex: 1 1 0; min-height: 5.5rem; }
.panel.doing { flex: 0 0 auto; height: clamp(7.2rem, 30%, 13rem); }
.panel.written { flex: 0 1 auto; max-height: 26%; min-height: 3.4rem; }
.alone .panel { flex: 1 1 0; max-height: none; }
.alone .panel.doing { flex: 0 0 auto; height: 4.9rem; }
.alone .panel.doing h3 { display: none; }
.what { font-weight: 600; overflow-wrap: anywhere; }
.what.bad { color: var(--ct-failed); }
.facts-list { display: grid; grid-template-columns: minmax(0, max-content) minmax(5rem, 1fr); gap: .05rem .8rem; margin-top: .25rem; font: var(--ct-code-size)/1.5 var(--ct-mono); }
.facts-list > * { min-width: 0; }
.fact { display: contents; }
.fact > span { overflow: hidden; text-overflow: ellipsis; white-space: pre; border-radius: 3px; }
.fact:hover > span { background: var(--ct-faint); }
.sign { color: var(--ct-muted); padding-inline-end: .5ch; }
.fact.changed .value { color: var(--ct-changed); }
.fact.failed .value { color: var(--ct-failed); }
.fact.output .value { color: var(--ct-output); white-space: pre-wrap; }
`;

const VARIABLES = `
.frame { margin-bottom: .35rem; }
.frame > button { width: 100%; display: flex; gap: .5rem; align-items: baseline; padding: .12rem .25rem; border-radius: 5px; color: var(--ct-fg); }
.frame > button:hover { background: var(--ct-faint); }
.frame > button .name { font-family: var(--ct-mono); font-size: var(--ct-code-size); font-weight: 600; }
.frame > button .brief { font: var(--ct-code-size) var(--ct-mono); color: var(--ct-muted); overflow: hidden; text-overflow: ellipsis; white-space: pre; min-width: 0; }
.frame > button .where { color: var(--ct-muted); font-size: .92em; flex: none; }
.twist { flex: none; width: 1.1em; display: inline-grid; place-items: center; color: var(--ct-muted); }
.twist svg { width: 10px; height: 10px; transition: transform .12s; }
[aria-expanded="true"] > .twist svg { transform: rotate(90deg); }
.tree { font: var(--ct-code-size)/1.5 var(--ct-mono); }
.var { display: flex; align-items: baseline; gap: .4ch; padding: .04rem .25rem; border-radius: 4px; min-height: 1.6em; position: relative; cursor: pointer; }
.var:hover { background: var(--ct-faint); }
.var .name { flex: none; color: var(--ct-fg); max-width: 45%; overflow: hidden; text-overflow: ellipsis; white-space: pre; }
.var .eq { color: var(--ct-muted); flex: none; }
.var .value { flex: 0 1 auto; min-width: 3ch; overflow: hidden; text-overflow: ellipsis; white-space: pre; }
.var .was { color: var(--ct-muted); flex: 0 2 auto; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: pre; font-size: .92em; }
.var.changed { background: var(--ct-changed-bg); }
.var.changed .value { color: var(--ct-changed); font-weight: 600; }
.mark { flex: none; color: var(--ct-changed); font: 600 .8em var(--ct-sans); white-space: nowrap; }
.var.chosen { box-shadow: inset 3px 0 0 var(--ct-chosen); background: var(--ct-chosen-bg); }
.badge { flex: 0 1000 auto; min-width: 7ch; margin-inline-start: auto; font: .8em/1.5 var(--ct-mono); padding: 0 .5ch; border-radius: 999px; border: 1px solid var(--ct-rule); color: var(--ct-muted); background: var(--ct-bg); white-space: nowrap; max-width: 50%; overflow: hidden; text-overflow: ellipsis; }
.badge.shared { border-style: dashed; border-color: var(--ct-edge); }
.v-str { color: var(--ct-string); } .v-int, .v-float, .v-complex { color: var(--ct-number); } .v-bool, .v-NoneType { color: var(--ct-keyword); } .v-ref { color: var(--ct-fg); } .v-redacted { color: var(--ct-muted); font-style: italic; }
.defined { display: block; max-width: 100%; overflow: hidden; text-overflow: ellipsis; white-space: pre; color: var(--ct-muted); padding: .1rem .25rem .1rem calc(.25rem + 1.1em + .4ch); }
.defined:hover { color: var(--ct-fg); }
.more { color: var(--ct-here); text-decoration: underline; text-underline-offset: 2px; padding: .1rem .25rem; font: .92em var(--ct-sans); }
.waiting { color: var(--ct-muted); }
p.waiting { animation: ct-late .2s .35s both; }
@keyframes ct-late { from { opacity: 0; } }
.empty { color: var(--ct-muted); font-family: var(--ct-sans); padding: .1rem .25rem; }
.chosenbox { flex: none; border-top: 1px solid var(--ct-rule); padding: .35rem .75rem .45rem; background: var(--ct-chosen-bg); max-height: 11rem; overflow: auto; }
.chosenbox .line { display: flex; gap: .4rem; align-items: center; white-space: nowrap; }
.chosenbox .line .where { flex: 0 1 auto; min-width: 0; overflow: hidden; text-overflow: ellipsis; }
.chosenbox .name { font-family: var(--ct-mono); font-weight: 600; color: var(--ct-chosen); }
.chosenbox .key { height: 24px; min-width: 26px; }
.chosenbox .key svg { width: 14px; height: 14px; }
.strip { display: flex; gap: .25rem; overflow-x: auto; padding: .3rem 0 .2rem; scrollbar-width: thin; }
.strip > * { flex: none; white-space: nowrap; }
.past-value { flex: none; border: 1px solid var(--ct-rule); border-radius: 5px; background: var(--ct-bg); padding: 0 .45rem; font: var(--ct-code-size)/1.5 var(--ct-mono); max-width: 22ch; overflow: hidden; text-overflow: ellipsis; white-space: pre; }
.past-value:hover { border-color: var(--ct-chosen); }
.past-value[aria-current="true"] { border-color: var(--ct-chosen); color: var(--ct-chosen); font-weight: 600; box-shadow: inset 0 -2px 0 var(--ct-chosen); }
.chart { display: block; width: 100%; height: 44px; }
.written pre { margin: 0; font: var(--ct-code-size)/1.45 var(--ct-mono); white-space: pre-wrap; overflow-wrap: anywhere; }
.err { color: var(--ct-failed); }
.now { background: color-mix(in srgb, var(--ct-output) 18%, transparent); box-shadow: inset 2px 0 0 var(--ct-output); }
`;

const LISTS = `
.calls { position: relative; overflow: auto; flex: 1 1 auto; min-height: 0; font: var(--ct-code-size)/1.6 var(--ct-mono); }
.call { position: absolute; inset-inline: 0; height: 24px; display: flex; align-items: center; gap: .5ch; padding-inline: .5rem; white-space: pre; cursor: pointer; overflow: hidden; }
.call:hover { background: var(--ct-faint); }
.call.path { font-weight: 600; }
.call.here { background: var(--ct-here-bg); color: var(--ct-here); font-weight: 700; }
.call .where { color: var(--ct-muted); font: .9em var(--ct-sans); font-weight: 400; }
.call .args { font-weight: 400; overflow: hidden; text-overflow: ellipsis; min-width: 0; margin-inline-start: -.5ch; }
.call .result { color: var(--ct-number); font-weight: 400; flex: 0 1 auto; overflow: hidden; text-overflow: ellipsis; min-width: 3ch; }
.call .result.bad { color: var(--ct-failed); }
.call .where { flex: none; margin-inline-start: auto; }
.searchbar { display: flex; gap: .4rem; align-items: center; padding: .4rem .75rem; flex-wrap: wrap; }
.searchbar input[type="search"] { flex: 1 1 9rem; min-width: 6rem; padding: .2rem .5rem; border: 1px solid var(--ct-edge); border-radius: 6px; background: var(--ct-bg); font-family: var(--ct-mono); }
.searchbar select { border: 1px solid var(--ct-edge); border-radius: 6px; background: var(--ct-bg); color: var(--ct-fg); padding: .18rem .2rem; }
.hit { display: grid; grid-template-columns: 6.5ch 1fr; gap: 1ch; width: 100%; padding: .1rem .5rem; border: 0; background: none; text-align: start; font: var(--ct-code-size)/1.5 var(--ct-mono); color: var(--ct-fg); }
.hit span { overflow: hidden; text-overflow: ellipsis; white-space: pre; }
.hit .step { color: var(--ct-muted); text-align: end; font-variant-numeric: tabular-nums; }
.hit:hover { background: var(--ct-faint); }
.hit[aria-current="true"] { background: var(--ct-chosen-bg); color: var(--ct-chosen); font-weight: 600; }
.help { position: absolute; inset: 0; z-index: 10; display: grid; place-items: center; background: color-mix(in srgb, var(--ct-bg) 55%, transparent); backdrop-filter: blur(2px); padding: .75rem; }
.sheet { background: var(--ct-bg); border: 1px solid var(--ct-rule); border-radius: 10px; box-shadow: 0 10px 40px rgb(0 0 0 / .25); padding: .9rem 1.1rem 1rem; width: min(44rem, 100%); max-height: 100%; overflow: auto; }
.sheet:focus { outline: none; }
.sheet header { display: flex; align-items: baseline; gap: 1rem; margin-bottom: .5rem; }
.sheet h2 { font-weight: 700; font-size: 1.1em; flex: 1; }
.sheet .columns { columns: 18rem; column-gap: 1.5rem; }
.sheet h3 { font-weight: 600; color: var(--ct-muted); font-size: .9em; margin-block: .35rem .1rem; break-after: avoid; }
.sheet section { break-inside: avoid-column; }
.sheet dl > div { display: flex; gap: .8rem; padding-block: .12rem; break-inside: avoid; align-items: baseline; }
.sheet dt { flex: 0 0 7.2rem; white-space: nowrap; }
kbd { font: .88em var(--ct-mono); border: 1px solid var(--ct-rule); border-bottom-width: 2px; border-radius: 4px; padding: 0 .35em; background: var(--ct-soft); }
.button { border: 1px solid var(--ct-edge); border-radius: 6px; background: var(--ct-soft); padding: .15rem .6rem; }
.button:hover { border-color: var(--ct-here); color: var(--ct-here); }
`;

const WIDTHS = `
@container timeline (min-width: 720px) {
  .body { grid-template-columns: minmax(0, 1.15fr) minmax(18rem, 1fr); grid-template-rows: minmax(0, 1fr); }
  .side { border-top: 0; border-inline-start: 1px solid var(--ct-rule); }
}
@container timeline (max-width: 519px) {
  .ct { height: var(--ct-height, clamp(min(37rem, 96vh), 28rem + var(--ct-lines, 20) * 1rem, min(44rem, 96vh))); }
  .bar { gap: .3rem; padding-inline: .5rem; }
  .head, .passes { padding-inline: .5rem; }
  .notices, .scrub { margin-inline: .5rem; }
  .key { min-width: 29px; padding: 0 4px; }
  .head { flex-wrap: wrap; }
  .ending { max-width: 100%; }
  .facts { margin-inline-start: 0; white-space: normal; }
  .hits { display: none; }
  .rare { display: none; }
  .pass .key { min-width: 22px; }
}
@media (prefers-reduced-motion: reduce) {
  *, *::before, *::after { transition: none !important; animation: none !important; scroll-behavior: auto !important; }
}
@media (forced-colors: active) {
  .ct {
    --ct-past: Highlight; --ct-future: GrayText; --ct-here: CanvasText; --ct-failed: CanvasText; --ct-output: CanvasText;
    --ct-chosen: Highlight; --ct-edge: GrayText;
  }
  .row.here { outline: 2px solid Highlight; outline-offset: -2px; }
  .var.changed { outline: 1px dashed CanvasText; outline-offset: -1px; }
  .var.chosen, .past-value[aria-current="true"], .tab[aria-selected="true"], .hit[aria-current="true"] { outline: 2px solid Highlight; outline-offset: -2px; }
  .key, .button, .past-value { border: 1px solid ButtonText; }
  .key[aria-disabled="true"] { color: GrayText; }
  .scrub { forced-color-adjust: none; }
}
`;

/** The whole style sheet. */
export const CSS = [COLOURS, FRAME, HEADER, CONTROLS, SCRUBBER, CODE, PANELS, VARIABLES, LISTS, WIDTHS].join("");

/** Give `root` our styles, without a style element: a strict content security policy forbids those. */
export function adoptStyles(root: ShadowRoot): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  root.adoptedStyleSheets = [sheet];
}
