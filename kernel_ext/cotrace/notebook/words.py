"""Reasoning with its verdicts, as plain text and as HTML. Pure.

A sentence carries the symbol and the word of the verdict that a reader must know of, the worst on its claims;
what the recording contradicts or can't speak to is told below, with the reason. Nothing hangs on colour.
"""

from __future__ import annotations

from cotrace.formats.escape import html, visible
from cotrace.model.grounding import Grounding, Judged, Verdict
from cotrace.model.reasoning import Reasoning

WORST_FIRST = (Verdict.CONTRADICTED, Verdict.UNSUPPORTED, Verdict.UNCHECKABLE, Verdict.SUPPORTED)


def words_text(reasoning: Reasoning, grounding: Grounding) -> str:
    """Return the sentences one a line with their marks, then the reasons and the counts."""
    lines = []
    for place, sentence in enumerate(reasoning.sentences):
        lines += [""] if sentence.opens else []
        lines.append(f"{_mark(grounding, place)} {visible(sentence.text)}")
    lines += ["", *map(_reason, _doubtful(grounding)), _counts(grounding)]
    return "\n".join(lines) + "\n"


def words_html(reasoning: Reasoning, grounding: Grounding) -> str:
    """Return the same as a fragment of HTML."""
    items = [
        f"<li>{html(sentence.text)} <small>{_mark(grounding, place)}</small></li>"
        for place, sentence in enumerate(reasoning.sentences)
    ]
    reasons = "".join(f"<p>{html(_reason(judged))}</p>\n" for judged in _doubtful(grounding))
    return (
        f'<div class="cotrace-words" dir="ltr">\n<ol>\n{chr(10).join(items)}\n</ol>\n'
        f"{reasons}<p>{html(_counts(grounding))}</p>\n</div>"
    )


def _mark(grounding: Grounding, sentence: int) -> str:
    found = {judged.verdict for judged in grounding.of_sentence(sentence)}
    worst = next((verdict for verdict in WORST_FIRST if verdict in found), None)
    return "no claim" if worst is None else f"{worst.symbol} {worst.value}"


def _doubtful(grounding: Grounding) -> list[Judged]:
    return [judged for judged in grounding.claims if judged.verdict is not Verdict.SUPPORTED]


def _reason(judged: Judged) -> str:
    return visible(f"{judged.verdict.symbol} {judged.verdict.value}: “{judged.claim.text}”: {judged.reason}")


def _counts(grounding: Grounding) -> str:
    counts = ", ".join(
        f"{verdict.symbol} {grounding.counts[verdict.value]} {verdict.value}" for verdict in Verdict
    )
    return f"{counts}; {grounding.coverage.told} of {grounding.coverage.total} changes told"
