"""Take secrets out of a finished trace that were recorded before it was known that they are secret."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

from cotrace.model.source import Source
from cotrace.model.state import Atom
from cotrace.model.trace import Trace

if TYPE_CHECKING:
    from cotrace.tracing.secrets import Redactor


def scrubbed(trace: Trace, redactor: Redactor) -> Trace:
    """Return `trace` without the secrets that `redactor` knows."""
    if not redactor.has_learned:
        return trace
    parts = {f.name: getattr(trace, f.name) for f in fields(Trace) if f.name not in ("live", "limits")}
    return replace(trace, **{name: _clean(part, redactor) for name, part in parts.items()})


def _clean(part: Any, redactor: Redactor) -> Any:
    if type(part) is str:
        return redactor.text(part)
    if type(part) is tuple:
        cleaned = tuple([_clean(inner, redactor) for inner in part])
        return part if cleaned == part else cleaned
    if type(part) is Source:
        return replace(part, text=redactor.masked(part.text))
    if is_dataclass(part) and not isinstance(part, type):
        changed = {}
        for field in fields(part):
            before = getattr(part, field.name)
            after = _clean(before, redactor)
            if after is not before and after != before:
                changed[field.name] = after
        if changed and type(part) is Atom:
            changed["type"] = "redacted"
        return replace(part, **changed) if changed else part
    return part
