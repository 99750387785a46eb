"""Which code is traced, and why the rest is not.

In scope is the user's own code: every file that is neither part of the interpreter and its standard library nor
installed as a package, the cells of a notebook, and text that code in scope executes. What is asked for by name
(`include`) or is the very thing to be traced (`files`) is in scope wherever it lies.
"""

from __future__ import annotations

import linecache
import sys
import sysconfig
from pathlib import Path
from types import FrameType, FunctionType, ModuleType
from typing import TYPE_CHECKING

from cotrace.tracing.private import BUILTINS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import CodeType

__builtins__ = BUILTINS

INSTALLED = ("site-packages", "dist-packages")
OWN_FOLDER = str(Path(__file__).parent.parent)
OWN_EXAMPLES = str(Path(OWN_FOLDER, "examples"))


SHARED_NAME = "<string>"
"""What `exec` calls every text, and so does ``python -c``, whose text Python 3.13 keeps as the source of this name."""

LIBRARY_FOLDERS = tuple({sysconfig.get_paths()["stdlib"], sysconfig.get_paths()["platstdlib"]})


def is_library_file(name: str) -> bool:
    """Tell whether a file belongs to the interpreter, its standard library or an installed package."""
    return name.startswith(("<frozen", *LIBRARY_FOLDERS)) or any(folder in name for folder in INSTALLED)


class Scope:
    """Decides for each code object; remembers the decision and its reason."""

    def __init__(self, files: Iterable[str] = (), include: Iterable[str] = (), function: str = "") -> None:
        """Put code of these files and modules (with what is in them) in scope beside the user's own.

        `function` limits the recording to what happens inside calls of the function of that name.
        """
        self.function = function
        self._files = set(files)
        self._include = tuple(include)
        self._decided: dict[int, tuple[CodeType, str]] = {}
        self._inside: set[int] = set()

    def reason_against(
        self, code: CodeType, namespace: dict[str, object], caller: FrameType | None = None
    ) -> str:
        """Return "" if `code` is to be traced, else the reason why not. `caller` is the frame that runs it."""
        known = self._decided.get(id(code))
        if known is None or known[0] is not code:
            known = self._decided[id(code)] = (code, self._decide(code, namespace, caller))
            if not known[1]:
                self._take_in(code)
        return known[1]

    @property
    def passed_over(self) -> tuple[str, ...]:
        """A folder whose code is out of scope without a look, and one in it of which that is not so; () for none."""
        asked_for = any(name.startswith(OWN_FOLDER) for name in self._files) or any(
            name.partition(".")[0] == "cotrace" for name in self._include
        )
        return () if asked_for else (OWN_FOLDER, OWN_EXAMPLES)

    def add_file(self, name: str) -> None:
        """Put the code of one more file, or of a text compiled under this name, in scope."""
        self._files.add(name)

    def user_modules(self, namespace: dict[str, object]) -> list[dict[str, object]]:
        """Return the namespaces of the user's own modules that a namespace names, or has functions of."""
        found: dict[int, dict[str, object]] = {}
        for value in list(namespace.values()):
            other = value.__dict__ if type(value) is ModuleType else None
            if type(value) is FunctionType and value.__globals__ is not namespace:
                other = value.__globals__
            if other is not None and self._is_users(other):
                found[id(other)] = other
        return list(found.values())

    def _is_users(self, module: dict[str, object]) -> bool:
        file, name = module.get("__file__"), module.get("__name__")
        return type(file) is str and type(name) is str and not self._reason_against_file(file, name)

    def is_root(self, code: CodeType) -> bool:
        """Return True if a recording limited to one function may begin with `code`."""
        return not self.function or self.function in (code.co_name, code.co_qualname)

    def _decide(self, code: CodeType, namespace: dict[str, object], caller: FrameType | None) -> str:
        module = namespace.get("__name__")
        name = code.co_filename
        if name.startswith("<") and not name.startswith("<frozen") and name not in self._files:
            return self._decide_text(code, namespace, caller)
        return self._reason_against_file(name, module if type(module) is str else "")

    def _reason_against_file(self, file: str, module: str) -> str:
        if file in self._files or self._is_included(module):
            return ""
        if file.startswith(OWN_FOLDER):
            return "" if file.startswith(OWN_EXAMPLES) else "part of cotrace"
        if any(folder in file for folder in INSTALLED):
            return f"installed package {module.partition('.')[0]}"
        if is_library_file(file):
            return f"standard library module {module}"
        return ""

    def _decide_text(self, code: CodeType, namespace: dict[str, object], caller: FrameType | None) -> str:
        """Code that was compiled from a text that is no file: a cell, or a text that somebody executes."""
        module = namespace.get("__name__")
        if (code.co_filename in linecache.cache and code.co_filename != SHARED_NAME) or id(
            code
        ) in self._inside:
            is_library = self._is_library_module(module) and not self._is_included(str(module))
            return f"standard library module {module}" if is_library else ""
        if code.co_name == "<module>" and caller is not None:
            reason = self.reason_against(caller.f_code, caller.f_globals, caller.f_back)
            return f"a text that code out of scope executes ({reason})" if reason else ""
        return "made by a library, without source"

    def _is_library_module(self, module: object) -> bool:
        return (
            isinstance(module, str)
            and module != "__main__"
            and module.partition(".")[0] in sys.stdlib_module_names
        )

    def _is_included(self, module: str) -> bool:
        return any(module == name or module.startswith(name + ".") for name in self._include)

    def _take_in(self, code: CodeType) -> None:
        """Functions made by code in scope are in scope, whatever they are called."""
        for constant in code.co_consts:
            if type(constant) is type(code) and id(constant) not in self._inside:
                self._inside.add(id(constant))
                self._take_in(constant)
