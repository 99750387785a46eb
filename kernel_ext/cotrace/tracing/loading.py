"""Make the world that a program finds: the text of its file, ``__main__`` or the imported module, and the call to make.

A program that can't begin is refused with a TraceError, whose message is for the user.
"""

from __future__ import annotations

import ast
import difflib
import importlib.util
import inspect
import io
import os
import sys
import tokenize
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import cast

from cotrace.errors import TraceError

CALL_FILE = str(Path(__file__).with_name("<call>"))
"""What the call's own code is compiled under: a name in this folder, so it is not taken for the user's code."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that can run: its text, and the code that Python makes of it."""

    path: str
    text: str
    code: CodeType


def read_source(path: str) -> SourceFile:
    """Read and compile a file as Python does, with the warnings that Python gives; the code has no probes."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise TraceError(
            f"{path}: expected a file that can be read, but {error.strerror}: check the path"
        ) from error
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        text = content.decode(encoding)
        return SourceFile(path, text, compile(content, path, "exec", dont_inherit=True))
    except SyntaxError as error:
        if error.lineno is None:  # about the encoding
            raise TraceError(_no_text(path, error.msg)) from error
        raise TraceError(
            f"{path}: expected Python, found a mistake in it\n{_shown(error)}\ncorrect it first"
        ) from error
    except ValueError as error:  # a byte that is not of the encoding; a null byte
        raise TraceError(_no_text(path, str(error))) from error


def _no_text(path: str, why: str) -> str:
    return f"{path}: expected Python source as text, found other bytes ({why}): name a source file"


def _shown(error: SyntaxError) -> str:
    rows = [f"  line {error.lineno}: {error.msg}"]
    if error.text:
        text = error.text.rstrip("\n")
        rows.append(f"    {text.lstrip()}")
        if error.offset:
            rows.append(f"    {' ' * (error.offset - 1 - (len(text) - len(text.lstrip())))}^")
    return "\n".join(rows)


# --- a script -----------------------------------------------------------------------------------------------------


def main_module(file: str, path: str) -> ModuleType:
    """Put a new ``__main__`` in place, with the names that ``python FILE`` gives it; return it."""
    module = ModuleType("__main__")
    names = {  # in Python's order: a program may list its globals
        "__loader__": SourceFileLoader("__main__", path),
        "__annotations__": {},
        "__builtins__": sys.modules["builtins"],
        "__file__": path,
        "__cached__": None,
    }
    vars(module).update(names)
    sys.modules["__main__"] = module
    _put_first(str(Path(os.path.realpath(file)).parent))
    return module


def _put_first(folder: str) -> None:
    if not sys.flags.safe_path:
        sys.path.insert(0, folder)


# --- a module and a call ------------------------------------------------------------------------------------------


def new_module(path: str) -> ModuleType:
    """Return the module that importing the file gives, in `sys.modules` but not run."""
    file = Path(os.path.realpath(path))
    parts = [file.stem]
    folder = file.parent
    while (folder / "__init__.py").exists():
        parts.insert(0, folder.name)
        folder = folder.parent
    _put_first(str(folder))
    if parts[-1] == "__init__" and len(parts) > 1:
        parts.pop()
    name = ".".join(parts)
    if len(parts) > 1:
        importlib.import_module(name.rpartition(".")[0])
    spec = _spec(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    return module


def _spec(name: str, path: str) -> ModuleSpec:
    spec = importlib.util.spec_from_file_location(name, path, loader=SourceFileLoader(name, path))
    if spec is None:
        raise TraceError(
            f"{path}: expected a file that can be imported: name a source file, as in program.py"
        )
    return spec


@dataclass(frozen=True, slots=True)
class Call:
    """One call that can be made."""

    text: str
    function: object
    make: Callable[[], object]


def prepared_call(module: ModuleType, qualname: str, text: str) -> Call:
    """Evaluate the function and the arguments of a call, and return it ready to be made.

    Without a text, the function is called without arguments.
    """
    named = _found(module, qualname) if qualname else None
    if not text:
        _require_no_arguments(named, qualname)
        return Call(f"{qualname}()", named, partial(_called, named))
    try:
        call = ast.parse(text.strip(), CALL_FILE, "eval").body
    except SyntaxError as error:
        raise TraceError(f'expected a call such as --call "f(3)", found {text!r}: {error.msg}') from error
    if not isinstance(call, ast.Call):
        raise TraceError(f'expected a call such as --call "f(3)", found {text!r}, which calls nothing')
    namespace = vars(module)
    function = _evaluated(call.func, namespace)
    arguments = ast.Call(ast.Lambda(_ANY_ARGUMENTS, _BOTH), call.args, call.keywords)
    ready = ast.fix_missing_locations(ast.copy_location(arguments, call))
    args, kwargs = cast("tuple[tuple[object, ...], dict[str, object]]", _evaluated(ready, namespace))
    return Call(text.strip(), function, partial(_called, function, *args, **kwargs))


_ANY_ARGUMENTS = ast.parse("lambda *args, **kwargs: 0", mode="eval").body.args  # type: ignore[attr-defined]
_BOTH = ast.parse("args, kwargs", mode="eval").body


def _called(function: object, /, *args: object, **kwargs: object) -> object:
    """Make the call; a coroutine is run to its end."""
    result = function(*args, **kwargs)  # type: ignore[operator]
    if inspect.iscoroutine(result):
        import asyncio

        return asyncio.run(result)
    return result


def _evaluated(node: ast.expr, namespace: dict[str, object]) -> object:
    code = compile(ast.Expression(node), CALL_FILE, "eval", dont_inherit=True)
    try:
        return eval(code, namespace)  # noqa: S307 - the call that the user asked for
    except Exception as error:
        what = ast.unparse(node) if not isinstance(node, ast.Call) else "its arguments"
        message = f"the call can't be made: {type(error).__name__} from {what}: {error}"
        raise TraceError(f"{message}; correct --call") from error


def _found(module: ModuleType, qualname: str) -> object:
    found: object = module
    for name in qualname.split("."):
        try:
            found = getattr(found, name)
        except AttributeError:
            raise TraceError(
                f"{module.__file__} has no {qualname}: {_suggestion(module, qualname)}"
            ) from None
    if not callable(found):
        raise TraceError(
            f"expected {qualname} to be a function, found a {type(found).__name__}: name a function"
        )
    return found


def _suggestion(module: ModuleType, qualname: str) -> str:
    names = [name for name, value in vars(module).items() if isinstance(value, (FunctionType, type))]
    own = [name for name in names if getattr(vars(module)[name], "__module__", "") == module.__name__]
    close = difflib.get_close_matches(qualname, own, 1)
    if close:
        return f"did you mean {close[0]}?"
    return f"it has {', '.join(own)}" if own else "it has no functions"


def _require_no_arguments(function: object, qualname: str) -> None:
    try:
        signature = inspect.signature(function)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    needed = [
        p.name for p in signature.parameters.values() if p.default is p.empty and p.kind not in variadic
    ]
    if needed:
        example = f"{qualname}({', '.join(f'{name}=...' for name in needed)})"
        raise TraceError(f'{qualname} needs {", ".join(needed)}: give them a value with --call "{example}"')
