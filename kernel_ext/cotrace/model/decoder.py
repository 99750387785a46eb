"""Read the lines of a trace, in any order that can be meant, and refuse what can't be.

A file may come from another machine, be cut or be damaged, so nothing is believed: every field's type is
looked at, and every number that points at a source, span, frame, step or object. `cotrace.model.codec`
describes the lines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeAlias, TypeVar, get_args

from cotrace.errors import FileFormatError
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
    ObjectKind,
    Ref,
    SetAttribute,
    SetElement,
    SetEntry,
    Splice,
    Unbind,
    Value,
)
from cotrace.model.trace import (
    Entry,
    EventKind,
    Frame,
    FrameKind,
    Note,
    Outcome,
    OutcomeKind,
    Output,
    Step,
    Trace,
)

Row: TypeAlias = list[Any]
"""A line, or a part of one: a JSON array whose members are yet to be looked at."""

KILLED = Outcome(
    "killed", message="the process ended before the recording did; this is what had been written"
)

_EVENTS = {kind.value: kind for kind in EventKind}
_FRAME_KINDS = frozenset(get_args(FrameKind))
_OBJECT_KINDS = frozenset(get_args(ObjectKind))
_OUTCOME_KINDS = frozenset(get_args(OutcomeKind))
_NONE = Atom("NoneType", "None")
_TRUE = Atom("bool", "True")
_FALSE = Atom("bool", "False")

T = TypeVar("T")


class Decoder:
    """Collects the parts of one trace, line by line; `trace` gives the whole."""

    def __init__(self) -> None:
        self._run = ("", "", "", Limits())
        self._sources: list[Source] = []
        self._frames: list[Row] = []
        self._steps: list[Step] = []
        self._entries: list[Entry] = []
        self._outputs: dict[int, list[Output]] = {}
        self._notes: list[Note] = []
        self._end: tuple[Outcome, tuple[Delta, ...], str] = (KILLED, (), "")
        self._values = _Values()
        self._deltas = _Deltas(self._values)
        self._readers: dict[str, Callable[[Row], None]] = {
            **dict.fromkeys(_EVENTS, self._read_step),
            "run": self._read_run,
            "source": self._read_source,
            "frame": self._read_frame,
            "frame_end": self._read_frame_end,
            "atom": self._values.define,
            "entry": self._read_entry,
            "stdout": self._read_output,
            "stderr": self._read_output,
            "note": self._read_note,
            "end": self._read_end,
        }

    @property
    def ended(self) -> bool:
        """True once the ``end`` line was read."""
        return not self._readers

    def read(self, row: Any) -> None:
        """Take in one line, read as JSON. Raises FileFormatError, without the line's number."""
        if self.ended:
            raise FileFormatError(f"expected nothing after the line 'end', found {_shown(row)}")
        try:
            row = _list(row)
            self._readers[row[0]](row)
        except (ValueError, TypeError, LookupError) as error:
            reason = f"{error} is unknown here" if isinstance(error, KeyError) else error
            raise FileFormatError(f"expected a line of format 1, found {_shown(row)}: {reason}") from error

    def trace(self) -> Trace:
        """Return what was read; without an ``end`` line, its outcome is ``killed``."""
        for index, outputs in self._outputs.items():
            step = self._steps[index]
            self._steps[index] = Step(
                index, step.event, step.frame, step.line, step.depth, step.delta, step.value, tuple(outputs)
            )
        call, engine, python, limits = self._run
        outcome, final, truncated = self._end
        return Trace(
            sources=tuple(self._sources),
            frames=tuple(Frame(number, *row) for number, row in enumerate(self._frames)),
            steps=tuple(self._steps),
            entries=tuple(self._entries),
            final=final,
            outcome=outcome,
            limits=limits,
            call=call,
            notes=tuple(self._notes),
            truncated=truncated,
            engine=engine,
            python=python,
        )

    # --- one reader a tag -------------------------------------------------------------------------------

    def _read_run(self, row: Row) -> None:
        _, call, engine, python, limits = row
        names = [field.name for field in fields(Limits)]
        if not isinstance(limits, dict) or list(limits) != names:
            raise ValueError(f"expected the limits {', '.join(names)}")
        seconds = limits["seconds"]
        if seconds is not None and type(seconds) is not int and type(seconds) is not float:
            raise ValueError("expected seconds to be a number or null")
        whole = {name: _whole(limits[name]) for name in names if name != "seconds"}
        self._run = (_text(call), _text(engine), _text(python), Limits(**whole, seconds=seconds))

    def _read_source(self, row: Row) -> None:
        _, name, text, spans = row
        self._sources.append(Source(_text(name), _text(text), tuple(map(_span, _list(spans)))))

    def _read_frame(self, row: Row) -> None:
        _, kind, name, source, line, parent, globals_, start, end, thread = row
        number = len(self._frames)
        self._frames.append(
            [
                _one_of(_FRAME_KINDS, kind),
                _text(name),
                _below(len(self._sources), source, least=-1),
                _whole(line),
                _below(number, parent, least=-1),
                _below(number + 1, globals_),
                _whole(start),
                _whole(end),
                _whole(thread),
            ]
        )
        self._deltas.frames = number + 1

    def _read_frame_end(self, row: Row) -> None:
        _, frame, step = row
        self._frames[_below(len(self._frames), frame)][-2] = _whole(step)

    def _read_step(self, row: Row) -> None:
        tag, frame, line, depth, *rest = row
        if not (type(frame) is type(line) is type(depth) is int and 0 <= frame < len(self._frames)):
            raise ValueError("expected a frame that is there, a line and a depth")
        index = len(self._steps)
        if not rest:
            self._steps.append(Step(index, _EVENTS[tag], frame, line, depth))
            return
        delta = self._deltas.read(rest[0], index)
        value = self._values.read(rest[1]) if len(rest) > 1 else None
        if len(rest) > 2:
            raise ValueError(f"expected 6 members at most, found {len(row)}")
        self._steps.append(Step(index, _EVENTS[tag], frame, line, depth, delta, value))

    def _read_entry(self, row: Row) -> None:
        _, back, source, span, value, *rest = row
        steps = len(self._steps)
        if not (
            type(back) is type(source) is type(span) is int
            and 0 < back <= steps
            and 0 <= source < len(self._sources)
            and 0 <= span < len(self._sources[source].spans)
        ):
            raise ValueError("expected a step, a source and a span that are there")
        if not rest:
            self._entries.append(Entry(steps - back, steps, source, span, self._values.read(value)))
            return
        if len(rest) > 2:
            raise ValueError(f"expected 7 members at most, found {len(row)}")
        objects = tuple(map(self._values.object, _list(rest[1]))) if len(rest) > 1 else ()
        at = steps + _whole(rest[0])
        self._entries.append(Entry(steps - back, at, source, span, self._values.read(value), objects))

    def _read_output(self, row: Row) -> None:
        stream, back, text, *rest = row
        if len(rest) > 2 or not (rest == [] or type(rest[0]) is bool):
            raise ValueError("expected true or false and a number after the text, or nothing")
        steps = len(self._steps)
        step = _below(steps, steps - _whole(back))
        at = steps + _whole(rest[1]) if len(rest) > 1 else steps
        self._outputs.setdefault(step, []).append(
            Output(step, stream, _text(text), bool(rest and rest[0]), at)
        )

    def _read_note(self, row: Row) -> None:
        _, subject, reason, advice = row
        self._notes.append(Note(_text(subject), _text(reason), _text(advice)))

    def _read_end(self, row: Row) -> None:
        _, final, kind, exception, message, truncated, *rest = row
        if len(rest) > 1:
            raise ValueError(f"expected 7 members at most, found {len(row)}")
        value = self._values.read(rest[0]) if rest else None
        outcome = Outcome(_one_of(_OUTCOME_KINDS, kind), value, _text(exception), _text(message))
        self._end = (outcome, self._deltas.read(final, len(self._steps)), _text(truncated))
        self._readers = {}


class _Values:
    """Reads values and objects. Equal values are read as one, so that a long trace takes less memory."""

    def __init__(self) -> None:
        self._numbered: list[Atom] = []
        self._by_number: dict[int, Atom] = {}
        self._by_text: dict[str, Atom] = {}
        self._refs: dict[int, Ref] = {}

    def define(self, row: Row) -> None:
        """Read an ``atom`` line."""
        _, kind, text, *rest = row
        if len(rest) > 1:
            raise ValueError(f"expected 4 members at most, found {len(row)}")
        self._numbered.append(Atom(_text(kind), _text(text), *map(_length, rest)))

    def read(self, raw: Any) -> Value:
        """Read one value."""
        if raw is None:
            return _NONE
        kind = type(raw)
        if kind is int:
            return self._by_number.get(raw) or self._by_number.setdefault(raw, Atom("int", str(raw)))
        if kind is str:
            return self._by_text.get(raw) or self._by_text.setdefault(raw, _literal(raw))
        if kind is bool:
            return _TRUE if raw else _FALSE
        if kind is dict and list(raw) == ["atom"]:
            return self._numbered[_below(len(self._numbered), raw["atom"])]
        if kind is list and len(raw) == 1:
            number = _whole(raw[0])
            return self._refs.get(number) or self._refs.setdefault(number, Ref(number))
        if kind is list and len(raw) == 2:
            return Atom(_text(raw[0]), _text(raw[1]))
        raise ValueError(f"expected a value, found {_shown(raw)}")

    def many(self, raw: Any) -> tuple[Value, ...]:
        """Read an array of values."""
        return tuple(map(self.read, _list(raw)))

    def object(self, raw: Any) -> HeapObject:
        """Read an object."""
        number, kind, name, parts = _list(raw)
        if not isinstance(parts, dict):
            raise TypeError("expected an object's parts as a JSON object")
        read = {part: self._PARTS[part](self, content) for part, content in parts.items()}
        return HeapObject(_whole(number), _one_of(_OBJECT_KINDS, kind), _text(name), **read)

    def _pairs(self, raw: Any) -> tuple[tuple[Value, Value], ...]:
        return tuple((self.read(key), self.read(value)) for key, value in _list(raw))

    def _named(self, raw: Any) -> tuple[tuple[str, Value], ...]:
        return tuple((_text(name), self.read(value)) for name, value in _list(raw))

    _PARTS: dict[str, Callable[[_Values, Any], Any]] = {  # noqa: RUF012 - never changed
        "elements": many,
        "entries": _pairs,
        "attributes": _named,
        "length": lambda _, raw: _length(raw),
        "positions": lambda _, raw: tuple(map(_whole, _list(raw))),
        "cut": lambda _, raw: _text(raw),
        "text": lambda _, raw: _text(raw),
    }


class _Deltas:
    """Reads what changed, and knows which objects and how many frames there are to change."""

    def __init__(self, values: _Values) -> None:
        self.frames = 0
        self._objects: set[int] = set()
        self._values = values
        self._readers: dict[str, Callable[[Row, int], Delta]] = {
            "bind": self._bind,
            "unbind": self._unbind,
            "appear": self._appear,
            "become": self._become,
            "set_element": self._set_element,
            "splice": self._splice,
            "set_entry": self._set_entry,
            "delete_entry": self._delete_entry,
            "set_attribute": self._set_attribute,
            "delete_attribute": self._delete_attribute,
        }

    def read(self, raw: Any, step: int) -> tuple[Delta, ...]:
        """Read an array of deltas that were seen at `step`."""
        readers = self._readers
        return tuple([readers[row[0]](row, _cause(row[1], step)) for row in _list(raw)])

    def _frame(self, raw: object) -> int:
        return _below(self.frames, raw)

    def _object(self, raw: object) -> int:
        number = _whole(raw)
        if number not in self._objects:
            raise ValueError(f"object {number} has not appeared")
        return number

    def _whole_object(self, raw: object) -> HeapObject:
        seen = self._values.object(raw)
        self._objects.add(seen.id)
        return seen

    def _bind(self, row: Row, cause: int) -> Delta:
        _, _, frame, name, value = row
        return Bind(self._frame(frame), _text(name), self._values.read(value), cause)

    def _unbind(self, row: Row, cause: int) -> Delta:
        _, _, frame, name = row
        return Unbind(self._frame(frame), _text(name), cause)

    def _appear(self, row: Row, cause: int) -> Delta:
        _, _, seen = row
        return Appear(self._whole_object(seen), cause)

    def _become(self, row: Row, cause: int) -> Delta:
        _, _, seen = row
        return Become(self._whole_object(seen), cause)

    def _set_element(self, row: Row, cause: int) -> Delta:
        _, _, number, index, value = row
        return SetElement(self._object(number), _whole(index), self._values.read(value), cause)

    def _splice(self, row: Row, cause: int) -> Delta:
        _, _, number, index, removed, came = row
        return Splice(self._object(number), _whole(index), _whole(removed), self._values.many(came), cause)

    def _set_entry(self, row: Row, cause: int) -> Delta:
        _, _, number, key, value = row
        return SetEntry(self._object(number), self._values.read(key), self._values.read(value), cause)

    def _delete_entry(self, row: Row, cause: int) -> Delta:
        _, _, number, key = row
        return DeleteEntry(self._object(number), self._values.read(key), cause)

    def _set_attribute(self, row: Row, cause: int) -> Delta:
        _, _, number, name, value = row
        return SetAttribute(self._object(number), _text(name), self._values.read(value), cause)

    def _delete_attribute(self, row: Row, cause: int) -> Delta:
        _, _, number, name = row
        return DeleteAttribute(self._object(number), _text(name), cause)


# --- one field --------------------------------------------------------------------------------------


def _whole(raw: object) -> int:
    if type(raw) is not int:  # bool is a kind of int, but not here
        raise TypeError(f"expected a whole number, found {_shown(raw)}")
    return raw


def _below(count: int, raw: object, least: int = 0) -> int:
    number = _whole(raw)
    if not least <= number < count:
        raise ValueError(f"expected a number from {least} to {count - 1}, found {number}")
    return number


def _length(raw: object) -> int:
    number = _whole(raw)
    if number < 0:
        raise ValueError(f"expected a length, found {number}")
    return number


def _text(raw: object) -> str:
    if type(raw) is str:
        return raw
    return "".join(map(_piece, _list(raw)))


def _piece(raw: object) -> str:
    if type(raw) is not str:
        raise TypeError(f"expected a text, found {_shown(raw)}")
    return raw


def _list(raw: object) -> Row:
    if type(raw) is not list:
        raise TypeError(f"expected an array, found {_shown(raw)}")
    return raw


def _one_of(allowed: frozenset[T], raw: Any) -> T:
    if raw not in allowed:
        raise ValueError(f"expected one of {', '.join(sorted(map(str, allowed)))}, found {_shown(raw)}")
    return raw  # type: ignore[no-any-return]


def _cause(back: object, step: int) -> int:
    return NO_CAUSE if back is None else _below(step + 1, step - _whole(back))


def _literal(text: str) -> Atom:
    if text[:1] in ("'", '"'):
        return Atom("str", text)
    if text[:2] in ("b'", 'b"'):
        return Atom("bytes", text)
    if not text:
        raise ValueError("expected a value, found an empty text")
    return Atom("float", text)


def _span(row: Row) -> Span:
    kind, *place, role, parent = row
    line, column, end_line, end_column = map(_whole, place)
    return Span(_text(kind), line, column, end_line, end_column, _text(role), _whole(parent))


def _shown(raw: object) -> str:
    return ascii(raw)[:80]
