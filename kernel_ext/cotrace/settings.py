"""What a user may set, in one table: `Settings`. Its fields are the keys, with their defaults and their meaning.

A value is taken from the first of these that has the key:

1. an argument: an option of the command line or the magic, a parameter in Python
2. the environment: ``COTRACE_LIMITS_STEPS=5000`` sets ``limits.steps``; lists are separated by commas
3. the nearest ``pyproject.toml``, from the current folder upwards, that has a ``[tool.cotrace]``
4. the user's own file ``config.toml`` in `config_folder`, with the same keys and without that heading

A key that is not in the table is an error that names the nearest one, wherever it stands.
"""

from __future__ import annotations

import contextlib
import math
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, get_args

from cotrace.errors import SettingsError
from cotrace.model.limits import Limits
from cotrace.model.reasoning import Style
from cotrace.model.trace import EngineName
from cotrace.unchanged import FileMark, environment_mark, file_mark, is_settled

STYLES: tuple[Style, ...] = get_args(Style)

ENGINES: tuple[EngineName, ...] = get_args(EngineName)

OTHER_VARIABLES = (
    "COTRACE_STATE_DIR",
    "COTRACE_CONFIG_DIR",
    "COTRACE_CORE",
    "COTRACE_CORPORA",
    "COTRACE_REWRITE_GOLDEN",
)
"""Variables that begin like a setting's: where our files are, what a build of cotrace and its own tests are told."""

_LIMITS = Limits()

_WAY = re.compile(r"^(COTRACE_)?(LIMITS_|limits\.)?")
"""What stands before the telling part of a key or variable."""

T = TypeVar("T")


# --- kinds of values ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of value: how it is told to a person, recognised, and read from a plain text."""

    expected: str
    accept: Callable[[Any], object]
    """Return the value, or raise ValueError or TypeError; what comes is what TOML gave or an argument."""

    parse: Callable[[str], object] = str
    """Make of a text what `accept` takes: for the environment, and for arguments given as text."""


def _whole(least: int) -> Kind:
    def accept(value: Any) -> int:
        if type(value) is not int or value < least:
            raise ValueError
        return value

    return Kind(f"a whole number from {least} on", accept, int)


def _accept_seconds(value: Any) -> float:
    if type(value) not in (int, float) or not 0 <= value < math.inf:
        raise ValueError
    return float(value)


def _accept_switch(value: Any) -> bool:
    if type(value) is not bool:
        raise TypeError
    return value


def _parse_switch(text: str) -> bool:
    return {
        "1": True,
        "true": True,
        "yes": True,
        "on": True,
        "0": False,
        "false": False,
        "no": False,
        "off": False,
    }[text.lower()]


def _one_of(*allowed: str) -> Kind:
    def accept(value: Any) -> str:
        return allowed[allowed.index(value)]

    return Kind(f"one of {', '.join(allowed)}", accept)


def _texts(expected: str, is_good: Callable[[str], object]) -> Kind:
    def accept(value: Any) -> tuple[str, ...]:
        if not isinstance(value, list | tuple):
            raise TypeError
        if not all(isinstance(text, str) and is_good(text) for text in value):
            raise ValueError
        return tuple(value)

    return Kind(expected, accept, lambda text: [part for piece in text.split(",") if (part := piece.strip())])


def _is_module(name: str) -> bool:
    return all(part.isidentifier() for part in name.split("."))


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


def _accept_path(value: Any) -> Path:
    if not isinstance(value, str | Path) or not str(value):
        raise TypeError
    return Path(value).expanduser()


SECONDS = Kind("a number of seconds, or 0 for no limit", _accept_seconds, float)
SWITCH = Kind("true or false", _accept_switch, _parse_switch)
MODULES = _texts('a list of modules such as ["mypackage", "other.part"]', _is_module)
PATTERNS = _texts('a list of regular expressions such as ["iban", "^tax_"]', _is_pattern)
PATH = Kind("a path", _accept_path)


# --- the table ------------------------------------------------------------------------------------------------------


def _key(name: str, kind: Kind, default: T, doc: str) -> T:
    made: T = field(default=default, metadata={"name": name, "kind": kind, "doc": doc})
    return made


@dataclass(frozen=True)
class Settings:
    """The value of every setting, and where it came from."""

    elements: int = _key(
        "limits.elements", _whole(1), _LIMITS.elements, "containers are kept whole up to this many elements"
    )
    edge: int = _key(
        "limits.edge",
        _whole(0),
        _LIMITS.edge,
        "how many elements of the head and of the tail of a cut container are kept",
    )
    string: int = _key(
        "limits.string",
        _whole(1),
        _LIMITS.string,
        "strings, bytes and numbers are kept up to this many characters",
    )
    depth: int = _key(
        "limits.depth", _whole(1), _LIMITS.depth, "objects are looked into this many references deep"
    )
    steps: int = _key("limits.steps", _whole(1), _LIMITS.steps, "recording ends after this many steps")
    bytes: int = _key(
        "limits.bytes", _whole(1), _LIMITS.bytes, "recording ends at about this many bytes of memory"
    )
    output: int = _key(
        "limits.output",
        _whole(0),
        _LIMITS.output,
        "this many characters of stdout and stderr are kept, together",
    )
    seconds: float | None = _key(
        "limits.seconds",
        SECONDS,
        None,
        "the program is stopped after this time; unset: never in a notebook, 10 s elsewhere; 0: never",
    )
    style: Style = _key(  # noqa: RUF009 - it makes a field
        "style", _one_of(*STYLES), "normal", "how much the reasoning tells: brief, normal or full"
    )
    engine: EngineName = _key(  # noqa: RUF009 - it makes a field
        "engine",
        _one_of(*ENGINES),
        "auto",
        "what records: native (compiled), reference (in Python), or auto: the native engine where it can run",
    )
    ledger: bool = _key("ledger", SWITCH, True, "whether the value of every sub-expression is recorded")
    include: tuple[str, ...] = _key(
        "include", MODULES, (), "modules, with what is in them, to trace beside your own code"
    )
    redact_names: tuple[str, ...] = _key(
        "redact_names", PATTERNS, (), "further patterns of names whose values are secret and are not recorded"
    )
    dataset: Path = _key(  # noqa: RUF009 - it makes a field
        "dataset", PATH, Path("dataset.jsonl"), "the dataset file where none is named"
    )
    store: bool = _key("store", SWITCH, True, "whether each run leaves its trace in the trace store")
    store_traces: int = _key("store_traces", _whole(1), 50, "how many traces the store keeps at most")
    store_bytes: int = _key("store_bytes", _whole(1), 200_000_000, "how many bytes the store takes at most")

    origins: Mapping[str, str] = field(default_factory=dict, compare=False)
    """Where each key that is not at its default was set, in words."""

    def limits(self, seconds: float | None = None) -> Limits:
        """Return the limits; `seconds` is the front end's own time limit, where the user set none."""
        if seconds is None or self.seconds is not None:
            return self._limits
        return replace(self._limits, seconds=seconds)

    @cached_property
    def _limits(self) -> Limits:
        return Limits(
            elements=self.elements,
            edge=self.edge,
            string=self.string,
            depth=self.depth,
            steps=self.steps,
            bytes=self.bytes,
            output=self.output,
            seconds=self.seconds or None,
        )

    def effective(self) -> list[Effective]:
        """Return every key with its value and where it came from, in the table's order."""
        return [
            Effective(
                name, getattr(self, field.name), self.origins.get(name, "default"), field.metadata["doc"]
            )
            for name, field in _FIELDS.items()
        ]


class Effective(NamedTuple):
    """One row of what `cotrace info` prints."""

    key: str
    value: object
    origin: str
    doc: str


_FIELDS: dict[str, Field[Any]] = {f.metadata["name"]: f for f in fields(Settings) if f.metadata}
_VARIABLES = {f"COTRACE_{name.replace('.', '_').upper()}": name for name in _FIELDS}


# --- where values come from -----------------------------------------------------------------------------------------


ARGUMENT = "argument"
"""The origin of what an option of the command line or the magic says, or a parameter in Python."""

OPTIONS = {
    "limits.steps": "--max-steps",
    "limits.seconds": "--seconds",
    "limits.depth": "--depth",
    "style": "--style",
    "include": "--include",
    "dataset": "--dataset",
}
"""The options that the command line and the magic have for keys."""


class _Layer(NamedTuple):
    """One place that sets keys."""

    origin: str
    values: Mapping[str, object]
    folder: Path
    """What relative paths in it are relative to."""

    textual: bool
    """True where a text may stand for a number, a switch or a list."""


class _Remembered(NamedTuple):
    """Settings that were read, with all that they were read from."""

    settings: Settings
    folder: str
    environment: Mapping[Any, Any]
    files: Mapping[str, FileMark | None]

    def still_hold(self) -> bool:
        """Tell whether reading them again would give the same."""
        return (
            os.getcwd() == self.folder  # noqa: PTH109 - asked at every recording: Path takes three times as long
            and environment_mark() == self.environment
            and all(file_mark(path) == made for path, made in self.files.items())
        )


_remembered: list[_Remembered] = []
"""What `current` found last, if it may be trusted."""


def current() -> Settings:
    """Return what `load` does without arguments: read again only if the folder, the environment or a file changed."""
    with contextlib.suppress(OSError):  # the folder is gone: `_current_folder` says so
        for known in _remembered:
            if known.still_hold():
                return known.settings
    folder, environment, files = _current_folder(), environment_mark(), dict[str, FileMark | None]()
    settings = load(folder=folder, files=files)
    if all(map(is_settled, files.values())):
        _remembered[:] = [_Remembered(settings, str(folder), environment, files)]
    return settings


def load(
    arguments: Mapping[str, object] | None = None,
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    files: dict[str, FileMark | None] | None = None,
) -> Settings:
    """Return the settings that hold in `folder` (default: the current one), `arguments` first.

    An argument of None counts as not given. Every file that was looked for is put into `files`, with its mark.
    Raises SettingsError.
    """
    folder = _current_folder() if folder is None else folder
    environment = os.environ if environment is None else environment
    values: dict[str, object] = {}
    origins: dict[str, str] = {}
    for layer in _layers(arguments or {}, folder, environment, {} if files is None else files):
        for name, raw in layer.values.items():
            value = _read(name, raw, layer)
            if name not in origins:
                origins[name] = layer.origin
                values[_FIELDS[name].name] = value
    chosen: dict[str, Any] = {**values, "origins": origins}  # each was read as its key's kind
    return replace(Settings(), **chosen)


def _current_folder() -> Path:
    try:
        return Path.cwd()
    except OSError as error:
        raise SettingsError(
            "expected a current folder, found it gone: change to a folder that exists"
        ) from error


def _layers(
    arguments: Mapping[str, object],
    folder: Path,
    environment: Mapping[str, str],
    files: dict[str, FileMark | None],
) -> Iterator[_Layer]:
    given = {name: value for name, value in arguments.items() if value is not None}
    yield _Layer(ARGUMENT, given, folder, textual=True)
    yield from _environment_layers(environment, folder)
    for project in (parent / "pyproject.toml" for parent in (folder, *folder.parents)):
        tables = _toml(project, files).get("tool", {})
        if isinstance(tables, dict) and "cotrace" in tables:
            yield _Layer(str(project), _flat(tables["cotrace"], str(project)), project.parent, textual=False)
            break
    own = config_folder(environment) / "config.toml"
    yield _Layer(str(own), _flat(_toml(own, files), str(own)), own.parent, textual=False)


def _environment_layers(environment: Mapping[str, str], folder: Path) -> Iterator[_Layer]:
    """Yield one layer a variable, so that each is named as the origin of what it sets."""
    for variable, text in environment.items():
        if not variable.startswith("COTRACE_") or variable in OTHER_VARIABLES:
            continue
        if variable not in _VARIABLES:
            raise SettingsError(
                f"environment: expected a setting of cotrace, found {variable}{_nearest(variable, _VARIABLES)}"
            )
        yield _Layer(f"environment {variable}", {_VARIABLES[variable]: text}, folder, textual=True)


def _toml(path: Path, files: dict[str, FileMark | None]) -> dict[str, Any]:
    files[str(path)] = file_mark(path)  # before it is read: a change in between shows
    try:
        text = path.read_text(encoding="utf-8")
        import tomllib  # not before there is a file to read: it takes a while

        return tomllib.loads(text)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise SettingsError(f"{path}: expected a file that can be read, found: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{path}: expected TOML, found: {error}") from error


def _flat(table: object, origin: str) -> dict[str, object]:
    """Return the keys of a table with those of its section as ``limits.steps``."""
    if not isinstance(table, dict):
        raise SettingsError(f"{origin}: expected [tool.cotrace] to be a table, found {table!r:.80}")
    flat: dict[str, object] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{inner}": within for inner, within in value.items()}
        else:
            flat[name] = value
    return flat


def _read(name: str, raw: object, layer: _Layer) -> object:
    if name not in _FIELDS:
        raise SettingsError(
            f"{layer.origin}: expected a setting of cotrace, found {name!r}{_nearest(name, _FIELDS)}"
        )
    kind: Kind = _FIELDS[name].metadata["kind"]
    try:
        value = kind.accept(kind.parse(raw) if layer.textual and isinstance(raw, str) else raw)
    except (ValueError, TypeError, KeyError) as error:
        place = f"{layer.origin}: expected {name} to be"
        if layer.origin == ARGUMENT and name in OPTIONS:
            place = f"{OPTIONS[name]}: expected"  # what the user wrote, not what we call it
        raise SettingsError(f"{place} {kind.expected}, found {raw!r:.80}") from error
    return layer.folder / value if isinstance(value, Path) else value


def _nearest(name: str, known: Mapping[str, object]) -> str:
    """Return a hint at the key that was meant, where one is near."""
    import difflib  # for a slip only

    by_word = {_WAY.sub("", key): key for key in known}
    near = difflib.get_close_matches(_WAY.sub("", name), by_word, n=1)
    return f": did you mean {by_word[near[0]]}?" if near else f"; there are {', '.join(known)}"


# --- folders --------------------------------------------------------------------------------------------------------


def config_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Return the folder of the user's own settings; it need not be there. Raises SettingsError without a home."""
    environment = os.environ if environment is None else environment
    return _folder(environment, "COTRACE_CONFIG_DIR", "XDG_CONFIG_HOME", ".config", "APPDATA")


def state_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Return the folder of what cotrace keeps between runs; it need not be there. Raises SettingsError as above."""
    environment = os.environ if environment is None else environment
    return _folder(environment, "COTRACE_STATE_DIR", "XDG_STATE_HOME", ".local/state", "LOCALAPPDATA")


def _folder(environment: Mapping[str, str], own: str, xdg: str, usual: str, windows: str) -> Path:
    if environment.get(own):
        return Path(environment[own]).expanduser().absolute()
    if sys.platform == "win32" and environment.get(windows):
        return Path(environment[windows]) / "cotrace"
    if sys.platform not in ("win32", "darwin") and Path(environment.get(xdg, "")).is_absolute():
        return Path(environment[xdg]) / "cotrace"
    try:
        home = Path.home()
    except RuntimeError as error:
        raise SettingsError(
            f"expected a home folder, found none: set {own} to a folder for cotrace"
        ) from error
    return home / ("Library/Application Support" if sys.platform == "darwin" else usual) / "cotrace"
