"""Write the parts of a trace as lines, one by one: what a traced child streams and what `encode` packs.

`cotrace.model.codec` describes the lines. They are put together by hand rather than by `json.dumps`, since a
step is written while the traced program waits; only strings go through json's own quoting.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import asdict
from json.encoder import encode_basestring_ascii
from typing import TypeAlias

from cotrace.model.limits import Limits
from cotrace.model.source import Source, Span
from cotrace.model.state import (
    NO_CAUSE,
    Appear,
    Atom,
    Become,
    Bind,
    DeleteAttribute,
    DeleteEntry,
    Delta,
    HeapObject,
    Ref,
    SetAttribute,
    SetElement,
    SetEntry,
    Splice,
    Unbind,
    Value,
)
from cotrace.model.trace import Entry, Frame, Note, Outcome, Output, Step

VERSION = 1
"""The version of the format that is written."""

SHORT = 40
"""An atom whose text is longer than this gets a line of its own, and a number where it is used."""

REMEMBERED = 4_096
"""How many long atoms the encoder remembers; then it forgets them all, and may write one a second time."""

_PLAIN_INT = re.compile(r"0|-?[1-9][0-9]{0,14}")  # 15 digits: a number that every JSON reader keeps exactly
_SPLIT_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_BOOLEANS = {"True": "true", "False": "false"}

PartDelta: TypeAlias = SetElement | Splice | SetEntry | DeleteEntry | SetAttribute | DeleteAttribute


class PartEncoder:
    """Turns values, objects and deltas into JSON as the lines hold it; an atom with a long text once, by number."""

    def __init__(self) -> None:
        self.new_atoms: list[str] = []
        """The atoms with a long text that were numbered since somebody took these away: type, text, length."""

        self._atoms: dict[tuple[str, str, int], int] = {}
        self._atom_count = 0

    def value(self, value: Value) -> str:
        """Return a value as a line holds it."""
        if isinstance(value, Ref):
            return f"[{value.id}]"
        kept, kind = value.text, value.type
        if value.length >= 0 or not 0 < len(kept) <= SHORT:
            return self._long(value)
        if kind == "int" and _PLAIN_INT.fullmatch(kept):
            return kept
        if (
            (kind == "str" and kept[0] in "'\"")
            or (kind == "float" and kept[0] not in "'\"b")
            or (kind == "bytes" and kept[:2] in ("b'", 'b"'))
        ):
            shown = text(kept)
            if shown[0] == '"':  # an array of pieces would read as [type, text]
                return shown
        if kind == "NoneType" and kept == "None":
            return "null"
        if kind == "bool" and kept in _BOOLEANS:
            return _BOOLEANS[kept]
        return f"[{text(kind)},{text(kept)}]"

    def _long(self, atom: Atom) -> str:
        key = (atom.type, atom.text, atom.length)
        number = self._atoms.get(key)
        if number is None:
            if len(self._atoms) >= REMEMBERED:
                self._atoms.clear()
            number = self._atoms[key] = self._atom_count
            self._atom_count += 1
            length = f",{atom.length}" if atom.length >= 0 else ""
            self.new_atoms.append(f"{text(atom.type)},{text(atom.text)}{length}")
        return f'{{"atom":{number}}}'

    def _values(self, values: Iterable[Value]) -> str:
        return ",".join(map(self.value, values))

    def object(self, seen: HeapObject) -> str:
        """Return an object with all that is known of it."""
        parts = []
        if seen.elements:
            parts.append(f'"elements":[{self._values(seen.elements)}]')
        if seen.entries:
            pairs = ",".join(f"[{self.value(key)},{self.value(value)}]" for key, value in seen.entries)
            parts.append(f'"entries":[{pairs}]')
        if seen.attributes:
            pairs = ",".join(f"[{text(name)},{self.value(value)}]" for name, value in seen.attributes)
            parts.append(f'"attributes":[{pairs}]')
        if seen.length >= 0:
            parts.append(f'"length":{seen.length}')
        if seen.positions is not None:
            parts.append(f'"positions":[{",".join(map(str, seen.positions))}]')
        if seen.cut:
            parts.append(f'"cut":{text(seen.cut)}')
        if seen.text:
            parts.append(f'"text":{text(seen.text)}')
        return f'[{seen.id},"{seen.kind}",{text(seen.type)},{{{",".join(parts)}}}]'

    def deltas(self, deltas: Iterable[Delta], step: int) -> str:
        """Return deltas with commas between them; `step` is the one at which they were seen."""
        return ",".join([self._delta(delta, step) for delta in deltas])

    def _delta(self, delta: Delta, step: int) -> str:
        back = "null" if delta.cause == NO_CAUSE else step - delta.cause
        if isinstance(delta, Bind):
            return f'["bind",{back},{delta.frame},{text(delta.name)},{self.value(delta.value)}]'
        if isinstance(delta, Unbind):
            return f'["unbind",{back},{delta.frame},{text(delta.name)}]'
        if isinstance(delta, Appear):
            return f'["appear",{back},{self.object(delta.object)}]'
        if isinstance(delta, Become):
            return f'["become",{back},{self.object(delta.object)}]'
        return self._part_delta(delta, f"{back},{delta.id}")

    def _part_delta(self, delta: PartDelta, start: str) -> str:
        if isinstance(delta, SetElement):
            return f'["set_element",{start},{delta.index},{self.value(delta.value)}]'
        if isinstance(delta, Splice):
            return f'["splice",{start},{delta.index},{delta.removed},[{self._values(delta.inserted)}]]'
        if isinstance(delta, SetEntry):
            return f'["set_entry",{start},{self.value(delta.key)},{self.value(delta.value)}]'
        if isinstance(delta, DeleteEntry):
            return f'["delete_entry",{start},{self.value(delta.key)}]'
        if isinstance(delta, SetAttribute):
            return f'["set_attribute",{start},{text(delta.name)},{self.value(delta.value)}]'
        return f'["delete_attribute",{start},{text(delta.name)}]'


class StreamEncoder(PartEncoder):
    """Turns the parts of one trace into bytes, each to be written as soon as it is known.

    Every method returns whole lines, to be written with one `os.write`: a file cut anywhere can be read up to
    its last whole line. Order: `header`, `run`; a source before its frames and entries; a frame after its
    parent and its globals frame and before its first step; a step before its output; `end` last.
    """

    def __init__(self) -> None:
        super().__init__()
        self._steps = 0

    def header(self, form: str = "raw") -> bytes:
        """Return the first line of a file, which says how the rest is kept: ``raw`` or ``zlib``."""
        return f"cotrace {VERSION} {form}\n".encode("ascii")

    def run(self, call: str, limits: Limits, engine: str = "", python: str = "") -> bytes:
        """Return the line that says what runs, and within which limits."""
        kept = ",".join(f'"{name}":{_number(value)}' for name, value in asdict(limits).items())
        return self._line(f'["run",{text(call)},{text(engine)},{text(python)},{{{kept}}}]')

    def source(self, source: Source) -> bytes:
        """Return the line of the next source."""
        spans = ",".join(map(_span, source.spans))
        return self._line(f'["source",{text(source.name)},{text(source.text)},[{spans}]]')

    def frame(self, frame: Frame) -> bytes:
        """Return the line of the next frame; frames are numbered from 0 in the order of their lines."""
        return self._line(
            f'["frame","{frame.kind}",{text(frame.name)},{frame.source},{frame.line},{frame.parent},'
            f"{frame.globals},{frame.start},{frame.end},{frame.thread}]"
        )

    def frame_end(self, frame: int, step: int) -> bytes:
        """Return the line that says which step is the last one of a frame."""
        return self._line(f'["frame_end",{frame},{step}]')

    def step(self, step: Step) -> bytes:
        """Return the line of the next step, without its output."""
        index = step.index
        self._steps = index + 1
        line = f'["{step.event.value}",{step.frame},{step.line},{step.depth}'
        if step.delta or step.value is not None:
            line = f"{line},[{self.deltas(step.delta, index)}]"
            if step.value is not None:
                line = f"{line},{self.value(step.value)}"
        return self._line(line + "]")

    def entry(self, entry: Entry) -> bytes:
        """Return the line of the next entry of the expression ledger."""
        steps = self._steps
        line = f'["entry",{steps - entry.step},{entry.source},{entry.span},{self.value(entry.value)}'
        if entry.at != steps or entry.objects:
            line = f"{line},{entry.at - steps}"
            if entry.objects:
                line = f"{line},[{','.join(map(self.object, entry.objects))}]"
        return self._line(line + "]")

    def output(self, output: Output) -> bytes:
        """Return the line of a text that a step wrote."""
        steps = self._steps
        line = f'["{output.stream}",{steps - output.step},{text(output.text)}'
        if output.at != steps:
            return self._line(f"{line},{str(output.cut).lower()},{output.at - steps}]")
        return self._line(line + (",true]" if output.cut else "]"))

    def note(self, note: Note) -> bytes:
        """Return the line of a note."""
        return self._line(f'["note",{text(note.subject)},{text(note.reason)},{text(note.advice)}]')

    def end(self, outcome: Outcome, final: Iterable[Delta] = (), truncated: str = "") -> bytes:
        """Return the last line: the changes seen after the last step, and how the run ended."""
        value = "" if outcome.value is None else f",{self.value(outcome.value)}"
        return self._line(
            f'["end",[{self.deltas(final, self._steps)}],"{outcome.kind}",{text(outcome.exception)},'
            f"{text(outcome.message)},{text(truncated)}{value}]"
        )

    def _line(self, line: str) -> bytes:
        if self.new_atoms:
            line = "\n".join([*(f'["atom",{atom}]' for atom in self.new_atoms), line])
            self.new_atoms.clear()
        return f"{line}\n".encode("ascii")


def text(string: str) -> str:
    r"""Return `string` in JSON, in ASCII.

    A string that holds the two halves of a surrogate pair as two characters is written as an array of pieces,
    since a JSON reader would make one character of ``\ud83d\ude00``.
    """
    if string.isascii() or not _SPLIT_PAIR.search(string):
        return encode_basestring_ascii(string)
    pieces = re.split("(?<=[\ud800-\udbff])(?=[\udc00-\udfff])", string)
    return f"[{','.join(map(encode_basestring_ascii, pieces))}]"


def _span(span: Span) -> str:
    place = f"{span.line},{span.column},{span.end_line},{span.end_column}"
    return f"[{text(span.kind)},{place},{text(span.role)},{span.parent}]"


def _number(value: float | None) -> str:
    if value is None:
        return "null"
    return (
        "1e999" if value == math.inf else repr(value)
    )  # JSON has no name for it, and readers make inf of this
