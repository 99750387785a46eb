"""What is kept of values that other people's libraries made: bounded, and without running any of the user's code.

Arrays give their dtype, shape and elements (all of a small one, head and tail of a large one); data frames a line a
column; everything else of a library its type name. No library is imported here: a type is recognised by its name
and module, and only if that module is loaded.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from itertools import chain
from types import ModuleType
from typing import TYPE_CHECKING, Any

from cotrace.model.state import Atom
from cotrace.tracing.private import BUILTINS

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotrace.model.limits import Limits

__builtins__ = BUILTINS

COLUMNS = 12
"""A data frame's preview tells this many columns."""

ROWS = 3
"""... and this many rows from each end."""

SAFE_REPR = {
    "builtins": {"range", "NotImplementedType"},
    "datetime": {"date", "timedelta", "timezone"},
    "decimal": {"Decimal"},
    "fractions": {"Fraction"},
    "pathlib": {"PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath"},
    "pathlib._local": {"PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath"},
    "uuid": {"UUID"},
    "re": {"Pattern"},
    "zoneinfo": {"ZoneInfo"},
    "ipaddress": {"IPv4Address", "IPv6Address", "IPv4Network", "IPv6Network"},
}
"""Standard-library types whose repr runs no user code and tells the value."""

WITH_ZONE = {"datetime", "time"}
"""Types of `datetime` whose repr is safe unless their time zone is somebody's own class."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What is kept of a library's value."""

    text: str
    kind: str = "array"
    elements: list[object] = field(default_factory=list)
    """Plain Python scalars, or atoms for what is none."""

    positions: tuple[int, ...] | None = None
    length: int = -1
    cut: str = ""


name_of: Callable[[type], str] = type.__dict__["__qualname__"].__get__
"""The qualified name of a class, whatever its metaclass does to attributes."""

_module_of: Callable[[type], object] = type.__dict__["__module__"].__get__


def module_of(kind: type) -> str:
    """Return the name of the module a class says it comes from; "" where it says something else."""
    found = _module_of(kind)
    return found if type(found) is str else ""


def safe_repr(value: object) -> str | None:
    """Return the repr of a standard-library value for which that is safe, else None."""
    kind = type(value)
    module, name = module_of(kind), name_of(kind)
    if name in SAFE_REPR.get(module, ()) and _is_really(kind, module, name):
        return repr(value)
    if module == "datetime" and name in WITH_ZONE and _is_really(kind, module, name):
        zone = type(value.tzinfo)  # type: ignore[attr-defined]
        if zone is type(None) or zone.__name__ in SAFE_REPR["datetime"] | SAFE_REPR["zoneinfo"]:
            return repr(value)
    if isinstance(value, slice) and _is_plain_slice(value):
        return repr(value)
    return None


def _is_plain_slice(value: slice) -> bool:
    return all(type(part) in (int, type(None)) for part in (value.start, value.stop, value.step))


def has_preview(kind: type) -> bool:
    """Tell whether the values of a class have a preview, which may change as they do."""
    return _maker(kind) is not None


def preview(value: object, limits: Limits) -> Preview | None:
    """Return the preview of an array, tensor or data frame; None for anything else."""
    maker = _maker(type(value))
    if maker is None:
        return None
    try:
        return maker(value, limits)
    except Exception as error:  # noqa: BLE001 - a library's own failure must not reach the traced program
        return Preview(f"{name_of(type(value))} (no preview: {type(error).__name__})", kind="opaque")


def _maker(kind: type) -> Callable[[Any, Limits], Preview] | None:
    module, name = module_of(kind), name_of(kind)
    maker = MAKERS.get((module.partition(".")[0], name))
    return maker if maker is not None and _is_really(kind, module, name) else None


def _is_really(kind: type, module: str, name: str) -> bool:
    """Guard against a user's class that carries a library's name."""
    if module == "builtins":
        return True
    here = sys.modules.get(module)
    return type(here) is ModuleType and here.__dict__.get(name) is kind


def _array(value: Any, limits: Limits) -> Preview:
    size = int(value.size)
    what = f"{value.dtype} array of shape {tuple(int(n) for n in value.shape)}"
    if value.dtype.hasobject:
        return Preview(what, length=size, cut="length" if size else "")
    places = _places(size, limits)
    flat = value.flat
    whole = len(places) == size
    elements = value.ravel().tolist() if whole else [flat[i].item() for i in places]
    return Preview(
        what, elements=elements, positions=_or_none(places, size), length=size, cut=_cut(places, size)
    )


def _tensor(value: Any, limits: Limits) -> Preview:
    size = int(value.numel())
    what = f"{value.dtype} tensor of shape {tuple(value.shape)} on {value.device}"
    if value.device.type != "cpu" or not value.is_contiguous():
        return Preview(what, length=size, cut="length")  # reading it would wait for the device, or copy
    places = _places(size, limits)
    flat = value.detach().view(-1)
    elements = [flat[i].item() for i in places]
    return Preview(
        what, elements=elements, positions=_or_none(places, size), length=size, cut=_cut(places, size)
    )


def _series(value: Any, limits: Limits) -> Preview:
    size = len(value)
    places = _places(size, limits)
    parts = value.tolist() if len(places) == size else [value.iat[i] for i in places]
    elements = [_element(_plain(part)) for part in parts]
    what = f"Series of {size}, {value.dtype}"
    return Preview(
        what, elements=elements, positions=_or_none(places, size), length=size, cut=_cut(places, size)
    )


def _frame(value: Any, _limits: Limits) -> Preview:
    rows, columns = value.shape
    told = [_column(value, j, rows) for j in range(min(columns, COLUMNS))]
    more = f"; {columns - COLUMNS} more columns" if columns > COLUMNS else ""
    cut = "length" if rows > 2 * ROWS or columns > COLUMNS else ""
    return Preview(
        f"DataFrame of {rows} rows and {columns} columns: {'; '.join(told)}{more}", length=rows, cut=cut
    )


def _column(frame: Any, place: int, rows: int) -> str:
    ends = range(rows) if rows <= 2 * ROWS else chain(range(ROWS), range(rows - ROWS, rows))
    cells = [repr(_plain(frame.iat[i, place]))[:60] for i in ends]
    if rows > 2 * ROWS:
        cells.insert(ROWS, "…")
    label = _plain(frame.columns[place])
    return f"{label} {frame.dtypes.iat[place]} [{', '.join(cells)}]"


def _element(item: object) -> object:
    """What stands for one element: a plain scalar, or the text of anything else (a record, a date)."""
    if type(item) in (int, float, str, bool, bytes, complex, type(None)):
        return item
    return Atom(name_of(type(item)), repr(item)[:200])


def _plain(cell: Any) -> object:
    if type(cell) in (int, float, str, bool, type(None)):
        return cell
    if type(cell).__module__ == "numpy" and hasattr(cell, "item"):
        return cell.item()
    safe = safe_repr(cell)
    return safe if safe is not None else f"<{type(cell).__qualname__}>"


def _places(size: int, limits: Limits) -> list[int]:
    if size <= limits.elements:
        return list(range(size))
    return [*range(limits.edge), *range(size - limits.edge, size)]


def _or_none(places: list[int], size: int) -> tuple[int, ...] | None:
    return tuple(places) if len(places) < size else None


def _cut(places: list[int], size: int) -> str:
    return "length" if len(places) < size else ""


MAKERS = {
    ("numpy", "ndarray"): _array,
    ("torch", "Tensor"): _tensor,
    ("torch", "Parameter"): _tensor,
    ("pandas", "Series"): _series,
    ("pandas", "DataFrame"): _frame,
}
