"""Find, in a recording, the code and the input that give the same run again in a fresh process.

The code of a call is cut out of the files that ran: the functions and classes that were traced, and what these need
(other definitions, imports, constants). A script or cell is taken whole. Names that the code reads and does not
define become the record's input, with the value they had when they came into view. Modules of the user's own that
the code imports are put in front of it.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cotrace.dataset import standard_input
from cotrace.dataset.calling import Call, is_literal_of, is_whole_text, outermost
from cotrace.dataset.definitions import DEFINITION, Cut, cut, is_future, names_at
from cotrace.dataset.modules import Module, in_front, is_package, modules_of, with_modules
from cotrace.dataset.names import BUILTIN_NAMES, STAR, Needs, defined_names, needs, parsed, read_by
from cotrace.formats.values import exact, show
from cotrace.model.state import NO_CAUSE, Bind, Ref, Value

if TYPE_CHECKING:
    from cotrace.model.trace import Frame, Trace

SECRET = "<redacted"  # noqa: S105 - the mark that capture leaves


@dataclass
class Program:
    """A text that runs by itself, with its input; and what is missing from it."""

    main: str = ""
    """The code without the modules that it imports."""

    function: str = ""
    """The function that was called, "" where a cell or script ran."""

    modules: list[Module] = field(default_factory=list)
    """In the order in which they can be made."""

    input: dict[str, str] = field(default_factory=dict)
    """Name -> the repr of its value at entry."""

    missing: list[str] = field(default_factory=list)
    """What can't be had from the recording, in words."""

    @property
    def code(self) -> str:
        """The whole code, the modules in front."""
        return with_modules(self.main, self.modules)


def program_of(trace: Trace, call: Call) -> Program:
    """Return the self-contained program of a recording, with all that `call` names."""
    main = outermost(trace)
    if main is None:
        return Program(
            missing=[
                "nothing was recorded: a generator runs when its values are taken, and a call's arguments before it"
            ]
        )
    if main.source < 0:
        return Program(missing=["the source of what ran is not in the recording"])
    return _Finder(trace, main, call).program()


@dataclass(frozen=True)
class _Entry:
    """What a global variable held before the code ran, and the step at which it came into view."""

    value: Value
    step: int


class _Finder:
    def __init__(self, trace: Trace, main: Frame, call: Call) -> None:
        self.trace = trace
        self.main = main
        self.main_text = self.text_of(main)
        self.call = call
        self.found = Program(input=dict(call.input), missing=list(call.missing))
        self.entries = self.entry_values()
        self.texts = self.texts_by_namespace()

    def program(self) -> Program:
        """Put the program together."""
        own = self.texts.pop(self.main.globals, {})
        if self.main.kind == "block":
            self.found.missing.append("a block's lines can't be told from the rest of its function")
        if is_whole_text(self.main):
            self.whole(own)
        else:
            self.found.function = self.main.name
            self.cut_out(own)
        main = Module(self.module_name, self.found.main, is_package(self.trace, self.main))
        self.found.modules, missing = modules_of(self.trace, self.texts, main)
        self.found.missing += missing
        text, missing = standard_input.standard_input(self.trace)
        self.found.missing += missing
        if text is not None:
            self.found.input[standard_input.NAME] = repr(text)
        if SECRET in self.found.code:
            self.found.missing.append("the code holds a secret, which was taken out")
        return self.found

    # --- texts ------------------------------------------------------------------------------------------------

    def text_of(self, frame: Frame) -> str:
        """Return the text that a frame's code is in."""
        return self.trace.sources[frame.source].text

    def texts_by_namespace(self) -> dict[int, dict[str, set[int]]]:
        """Return, for each module, its texts with the first lines of the code in them that ran."""
        found: dict[int, dict[str, set[int]]] = {}
        for frame in self.trace.frames:
            if frame.source >= 0:
                found.setdefault(frame.globals, {}).setdefault(self.text_of(frame), set()).add(frame.line)
        return found

    def whole(self, own: dict[str, set[int]]) -> None:
        """Take a script or cell as it is, with what it uses of other cells in front of it."""
        text = self.main_text.strip("\n")
        needed = needs(self.main_text)
        if "get_ipython" in needed.at_once | needed.later:
            needed.at_once.discard("get_ipython")
            needed.later.discard("get_ipython")
            self.found.missing.append("it uses commands of IPython's own, which plain Python does not have")
        others = {other: lines for other, lines in own.items() if other != self.main_text}
        outside = needed.at_once | (needed.later - defined_names(self.main_text))
        found = cut(others, outside, self.is_input, self.module_name)
        needed.at_once |= found.read - outside
        given = self.supply(needed, found)
        self.found.main = in_front(text, "\n".join([*given, _joined(found, "")])) if others or given else text
        self.found.main = self.found.main.strip("\n") + "\n"

    def cut_out(self, own: dict[str, set[int]]) -> None:
        """Take the definitions that ran, with all that they and the call need."""
        call = ast.parse(self.call.text or "None", mode="eval").body
        wanted = read_by(call).union(*(names_at(text, lines) for text, lines in own.items()))
        found = cut(own, wanted, self.is_input, self.module_name)
        given = self.supply(Needs(found.read, set()), found)
        if self.call.text.startswith("asyncio.run(") and "asyncio" not in found.defined:
            given.insert(0, "import asyncio")
        futures = {ast.unparse(node): None for text in own for node in parsed(text).body if is_future(node)}
        head = "\n".join([*futures, *given])
        self.found.main = f"{head}\n\n\n{_joined(found, chr(10) * 2)}".strip("\n") + "\n"

    @property
    def module_name(self) -> str:
        """The main module's name, with one part more for a package, as relative imports count."""
        name = self.trace.frames[self.main.globals].name
        return f"{name}.__init__" if is_package(self.trace, self.main) else name

    # --- values at entry --------------------------------------------------------------------------------------

    def entry_values(self) -> dict[str, _Entry]:
        """Return the variables of the main module that were there before the code ran."""
        found: dict[str, _Entry] = {}
        seen: set[str] = set()
        for step, delta in self.trace.deltas():
            if isinstance(delta, Bind) and delta.frame == self.main.globals and delta.name not in seen:
                seen.add(delta.name)
                if delta.cause == NO_CAUSE:
                    found[delta.name] = _Entry(delta.value, step)
        return found

    def exact(self, name: str) -> str | None:
        """Return the repr of a name's value at entry, None where it is not known exactly."""
        entry = self.entries.get(name)
        return None if entry is None else exact(entry.value, self.trace.snapshot(entry.step).heap)

    def is_input(self, name: str, statement: ast.stmt) -> bool:
        """Tell whether a name's value at entry is known, so that it need not be computed again.

        Not for a constant whose text says the value: ``LIMIT = 10`` reads best where it stands.
        """
        text = self.exact(name)
        if isinstance(statement, ast.ImportFrom) and (name == STAR or text is not None):
            return not self.can_be_imported(statement)
        if text is None or isinstance(statement, (*DEFINITION, ast.Import)):
            return False
        value = statement.value if isinstance(statement, (ast.Assign, ast.AnnAssign)) else None
        return value is None or not is_literal_of(value, text)

    def can_be_imported(self, statement: ast.ImportFrom) -> bool:
        """Tell whether the module is a library's, or one that ran."""
        name = statement.module or ""
        ran = {self.trace.frames[namespace].name for namespace in self.texts}
        return bool(statement.level) or name in ran or name.partition(".")[0] in sys.stdlib_module_names

    def supply(self, needed: Needs, found: Cut) -> list[str]:
        """Give the code the names that it does not define: as input, or by imports, which are returned."""
        imports: list[str] = []
        own = defined_names(self.main_text) if is_whole_text(self.main) else set()
        for name in sorted((needed.at_once | needed.later) - found.defined - BUILTIN_NAMES):
            text = self.exact(name)
            if text is not None:
                self.found.input[name] = text
            elif STAR in found.defined | own:
                continue  # it comes from there
            elif name in self.entries and (name in needed.at_once or name not in own):
                imports += self.imported(name)
        return imports

    def imported(self, name: str) -> list[str]:
        """Return the import that gives a module, or a library's class or function; else say that it is missing."""
        entry = self.entries[name]
        heap = self.trace.snapshot(entry.step).heap
        seen = heap.get(entry.value.id) if isinstance(entry.value, Ref) else None
        if seen is not None and seen.kind == "module":
            return [f"import {name}" if seen.text == name else f"import {seen.text} as {name}"]
        is_definition = seen is not None and seen.kind in ("class", "function")
        if seen is not None and is_definition and "<" not in seen.text:
            module, _, own = seen.text.rpartition(".")
            if module.partition(".")[0] in sys.stdlib_module_names - {"__main__"}:
                return [f"from {module} import {own}" + ("" if own == name else f" as {name}")]
        if is_definition:
            self.found.missing.append(
                f"{name} was defined before, in code that is not in the recording: define it in what is recorded"
            )
        else:
            self.found.missing.append(
                f"{name} was {show(entry.value, heap)} before, which can't be written down exactly"
            )
        return []


def _joined(found: Cut, between: str) -> str:
    """Return the parts of several texts, each after those whose names its statements read when they run."""
    waiting = [part.strip("\n") for part in found.parts if part.strip()]
    ordered: list[str] = []
    while waiting:
        ready = (part for part in waiting if not _reads_others(part, waiting))
        ordered.append(next(ready, waiting[0]))
        waiting.remove(ordered[-1])
    return f"\n{between}".join(ordered)


def _reads_others(part: str, others: list[str]) -> bool:
    read = needs(part).at_once
    return any(read & defined_names(other) for other in others if other is not part)
