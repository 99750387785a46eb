"""Write the TypeScript twin of `cotrace.model`'s values: timeline/src/model.ts.

``python widgets/generate_model.py`` writes it; a test compares. Kinds become unions of strings and lists in the order
of Python's, dataclasses become interfaces with the same fields. What is a union of classes in Python gets a ``kind``
here, by which TypeScript tells them apart.
"""

from __future__ import annotations

import sys
import types
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from cotrace.model import state, trace

TARGET = Path(__file__).parent / "timeline" / "src" / "model.ts"
BANNER = "/* Written by widgets/generate_model.py from cotrace.model: do not edit. */"

KINDS: dict[str, Any] = {
    "FrameKind": trace.FrameKind,
    "OutcomeKind": trace.OutcomeKind,
    "ObjectKind": state.ObjectKind,
}
VALUES = (state.Atom, state.Ref)
OBJECTS = (state.HeapObject,)
PLAIN = {int: "number", float: "number", str: "string", bool: "boolean", type(None): "null"}


def model() -> str:
    """Return the text of model.ts."""
    parts = [BANNER, _events(), *(_kind(name, kind) for name, kind in KINDS.items())]
    parts += [_interface(cls, tagged=True) for cls in VALUES]
    parts.append("export type Value = Atom | Ref;")
    parts += [_interface(cls) for cls in OBJECTS]
    return "\n\n".join(parts) + "\n"


def _events() -> str:
    names = ", ".join(f'"{kind.value}"' for kind in trace.EventKind)
    return (
        "/** What happened at a step, in the order in which columns number them. */\n"
        f"export const EVENTS = [{names}] as const;\n\n"
        "export type EventKind = (typeof EVENTS)[number];"
    )


def _kind(name: str, kind: Any) -> str:
    members = "\n".join(f'  | "{member}"' for member in get_args(kind))
    return f"export type {name} =\n{members};"


def _interface(cls: type, *, tagged: bool = False) -> str:
    assert is_dataclass(cls)
    hints = get_type_hints(cls)
    rows = [f'  readonly kind: "{cls.__name__.lower()}";'] if tagged else []
    rows += [f"  readonly {field.name}: {_type(hints[field.name])};" for field in fields(cls)]
    told = (cls.__doc__ or "").strip().split("\n")[0]
    return f"/** {told} */\nexport interface {cls.__name__} {{\n" + "\n".join(rows) + "\n}"


def _type(hint: Any) -> str:
    if hint in PLAIN:
        return PLAIN[hint]
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        name = next((name for name, kind in KINDS.items() if kind == hint), None)
        return name or " | ".join(f'"{member}"' for member in arguments)
    if origin in (Union, types.UnionType):
        return "Value" if set(arguments) == set(VALUES) else " | ".join(map(_type, arguments))
    if origin is tuple and arguments[-1] is Ellipsis:
        inner = _type(arguments[0])
        return f"readonly ({inner})[]" if " " in inner else f"readonly {inner}[]"
    if origin is tuple:
        return f"readonly [{', '.join(map(_type, arguments))}]"
    raise TypeError(f"expected a type that model.ts can have, found {hint!r}")


if __name__ == "__main__":
    if "--check" in sys.argv and TARGET.read_text() != model():
        sys.exit(f"{TARGET.name} is not what cotrace.model says: run python widgets/generate_model.py")
    TARGET.write_text(model())
