"""The table as HTML that works everywhere: no scripts, nothing loaded, nothing of the traced program unescaped.

`html_fragment` is for a place inside another page, such as a notebook's output. Where a notebook is not
trusted its sanitizer drops the style sheet: what remains is a plain table that reads as well, since the
layout that meaning hangs on (the source's white space and its left edge) is written on the elements themselves.
Colours are taken from the surroundings, so that it fits a light or a dark theme without knowing which. `to_html`
is a page of its own, with the player of `cotrace_widgets` in front of the table.
"""

from __future__ import annotations

from cotrace.formats.escape import html
from cotrace.formats.folding import Gap
from cotrace.formats.table import Line, bars, rows_of, title
from cotrace.formats.telling import warnings
from cotrace.model.trace import Trace

FRAGMENT_ROWS = 200
PAGE_ROWS = 2_000

STYLE = """\
.cotrace table { border-collapse: collapse; font-size: 0.9em; }
.cotrace th, .cotrace td { text-align: left; vertical-align: top; padding: 1px 0.75em 1px 0; border: none; }
.cotrace thead th { border-bottom: 1px solid rgba(128, 128, 128, 0.6); }
.cotrace td.cotrace-number { text-align: right; opacity: 0.7; font-variant-numeric: tabular-nums; }
.cotrace tbody tr:nth-child(odd) { background: rgba(128, 128, 128, 0.08); }
.cotrace tbody tr:hover { background: rgba(80, 140, 255, 0.18); }
.cotrace code { background: none; color: inherit; padding: 0; }
.cotrace .cotrace-computed { opacity: 0.75; }
.cotrace .cotrace-ended { font-weight: 600; }
.cotrace .cotrace-gap td { font-style: italic; opacity: 0.75; }
.cotrace .cotrace-scroll { max-height: 36em; overflow: auto; }
"""

FRAGMENT = """\
<div class="cotrace" dir="ltr">
<style>
{style}</style>
<details open>
<summary><strong>{title}</strong></summary>
{warnings}<div class="cotrace-scroll" tabindex="0">
<table>
<thead><tr><th scope="col">step</th><th scope="col">line</th><th scope="col" style="text-align: left">source</th>\
<th scope="col" style="text-align: left">what it did</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
</div>
</details>
</div>"""

PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'; script-src {scripts}">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 1.5em; color: #1b1f24; background: #ffffff; }}
@media (prefers-color-scheme: dark) {{ body {{ color: #e6e6e6; background: #16181c; }} }}
.cotrace .cotrace-scroll {{ max-height: none; }}
</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def to_html(trace: Trace) -> str:
    """Return the trace as one self-contained page that loads nothing: a player, and where scripts don't run a table.

    Without the package `cotrace_widgets`, which brings the player, the page has the table only.
    """
    try:
        from cotrace_widgets.page import page
    except ImportError:
        return table_page(trace)
    return page(trace)


def table_page(trace: Trace) -> str:
    """Return the trace's table as a page of its own, without any script."""
    return page_around(title(trace), html_fragment(trace, PAGE_ROWS))


def page_around(heading: str, body: str, *, scripts: str = "'none'") -> str:
    """Return a page with `body`, which is markup, and a title, which is not; `scripts` says which ones may run.

    Its policy would stop anything else from loading or running should an escape ever be forgotten.
    """
    return PAGE.format(title=html(heading), body=body, scripts=scripts)


def notebook_html(trace: Trace) -> str:
    """Return the trace as HTML for a notebook's output: a player with the table in it, or the table alone."""
    table = html_fragment(trace)
    try:
        from cotrace_widgets.packing import Packing
        from cotrace_widgets.page import fragment
    except ImportError:
        return table
    return fragment(Packing(trace), table)


def html_fragment(trace: Trace, rows: int | None = FRAGMENT_ROWS) -> str:
    """Return the trace's table as HTML to put into a page, with at most about `rows` rows."""
    return fragment_of(trace, rows_of(trace, rows))


def fragment_of(trace: Trace, lines: list[Line | Gap]) -> str:
    """Return these rows of a trace as HTML to put into a page."""
    body = "\n".join(_gap(row) if isinstance(row, Gap) else _row(row) for row in lines)
    told = "".join(f'<p class="cotrace-warning">⚠ {html(sentence)}</p>\n' for sentence in warnings(trace))
    return FRAGMENT.format(style=STYLE, title=html(title(trace)), warnings=told, rows=body)


def _row(line: Line) -> str:
    depth = f'<span aria-hidden="true">{bars(line.depth)}</span>' if line.depth else ""
    phrases = "<br>".join(
        f'<code class="cotrace-{phrase.kind}" dir="ltr">{html(phrase.text)}</code>' for phrase in line.phrases
    )
    source = f'<code dir="ltr" style="white-space: pre">{html(line.source)}</code>'
    return (
        f'<tr><td class="cotrace-number">{line.step}</td><td class="cotrace-number">{line.line}</td>'
        f'<td style="text-align: left; white-space: pre">{depth}{source}</td>'
        f'<td style="text-align: left">{phrases}</td></tr>'
    )


def _gap(gap: Gap) -> str:
    return f'<tr class="cotrace-gap"><td>…</td><td></td><td colspan="2">{html(str(gap))}</td></tr>'
