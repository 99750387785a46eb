"""Write down the call that was recorded, so that it can be made again.

The text that was recorded of it is taken where it is whole: it is what the user wrote. Else the call is written from
what the parameters held when the call began. A parameter that the call left to a default which calls have changed
since (``def f(seen=[])``) is given as well. An argument that only an import could spell (a date, a Decimal) becomes
input of the record.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cotrace.dataset.names import BUILTIN_NAMES, defined_names, parsed, parsed_expression, read_by
from cotrace.formats.values import exact, short_type, show
from cotrace.model.state import Atom, Ref, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotrace.model.trace import Frame, Trace

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
NUMBER_NAMES = {"nan", "inf"}
CONSTRUCTORS = ("__init__", "__new__", "__post_init__")


@dataclass
class Call:
    """A call as an expression, and what it takes that can't be written in it."""

    text: str = ""
    input: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)


def outermost(trace: Trace) -> Frame | None:
    """Return the frame that the recording began with: the call's, the cell's or the script's."""
    return next((frame for frame in trace.frames if frame.kind != "globals" and frame.parent < 0), None)


def is_whole_text(main: Frame | None) -> bool:
    """Tell whether a cell, a script or a block ran, rather than a call."""
    return main is None or main.kind in ("module", "block") or main.name == "<module>"


def call_of(trace: Trace) -> Call:
    """Return the call that was recorded; an empty one of a cell or script."""
    main = outermost(trace)
    if main is None or is_whole_text(main):
        return Call()
    if main.source < 0:
        return Call(missing=["the source of what ran is not in the recording"])
    return _Writer(trace, main).call()


class _Writer:
    def __init__(self, trace: Trace, main: Frame) -> None:
        self.trace = trace
        self.main = main
        start = trace.snapshot(main.start)
        self.heap = start.heap
        self.held = start.frames.get(main.id, {})
        self.tree = parsed(trace.sources[main.source].text)
        self.definition = _definition_at(self.tree, main.line)
        self.found = Call()

    def call(self) -> Call:
        """Write the call down."""
        recorded = self.recorded()
        if self.is_bound_method(recorded):
            owner = short_type(self.heap[self.self_id()].type)
            self.found.missing.append(
                f"{self.main.name} was called as a method of an object: write the call so that it makes the "
                f"{owner} as well"
            )
        elif recorded is not None:
            self.found.text = self.with_changed_defaults(recorded)
        else:
            self.written()
        if self.main.kind == "coroutine" and self.found.text and self.is_direct(self.found.text):
            self.found.text = f"asyncio.run({self.found.text})"
        return self.found

    # --- as it was recorded -----------------------------------------------------------------------------------

    def recorded(self) -> ast.Call | None:
        """Return the text that was recorded of the call, if it is one that can be evaluated again."""
        if "<redacted" in self.trace.call:
            self.found.missing.append("the call holds a secret, which was taken out")
        call = parsed_expression(self.trace.call)
        if not isinstance(call, ast.Call) or "…" in self.trace.call:
            return None
        is_partial = _root_of(call.func) == "partial" and self.main.name != "partial"
        names = {node.id for node in ast.walk(call) if isinstance(node, ast.Name)}
        own = defined_names(self.trace.sources[self.main.source].text)
        return None if is_partial or names & NUMBER_NAMES - own else call

    def self_id(self) -> int:
        """Return the number of the object that is the first argument, -1 if that is no instance."""
        first = next(_parameters(self.definition), None)
        value = self.held.get(first[1]) if first is not None else None
        is_instance = isinstance(value, Ref) and self.heap[value.id].kind == "instance"
        return value.id if is_instance and isinstance(value, Ref) else -1

    def is_bound_method(self, call: ast.Call | None) -> bool:
        """Tell whether the call's text leaves out the object: ``Account.deposit(5)`` for ``account.deposit(5)``."""
        owner, _, method = self.main.name.rpartition(".")
        if not owner or owner.endswith("<locals>") or method in CONSTRUCTORS or self.self_id() < 0:
            return False
        return call is None or ast.unparse(call.func) in (self.main.name, owner)

    def is_direct(self, text: str) -> bool:
        """Tell whether the call's text gives the coroutine itself."""
        call = parsed_expression(text)
        return isinstance(call, ast.Call) and ast.unparse(call.func) in (self.main.name, self.own_name())

    def with_changed_defaults(self, call: ast.Call) -> str:
        """Give the parameters that were left to a default whose value is not the one that its text says."""
        if not self.is_direct(ast.unparse(call)) or any(isinstance(a, ast.Starred) for a in call.args):
            return self.trace.call.strip()
        given = {word.arg for word in call.keywords}
        added = []
        for place, (kind, name, default) in enumerate(_parameters(self.definition)):
            is_given = name in given or (place < len(call.args) and kind != "keyword")
            if default is None or kind == "positional" or is_given or name not in self.held:
                continue
            if self.has_changed(default, exact(self.held[name], self.heap)):
                added.append(f"{name}={self.argument(name, self.held[name])}")
        if not added:
            return self.trace.call.strip()
        inside = ", ".join([ast.unparse(part) for part in (*call.args, *call.keywords)] + added)
        return f"{ast.unparse(call.func)}({inside})"

    @staticmethod
    def has_changed(default: ast.expr, text: str | None) -> bool:
        """Tell whether a container that is a parameter's default holds other things than its text says."""
        if isinstance(default, ast.Call):
            return {"list()": "[]", "dict()": "{}", "set()": "set()"}.get(ast.unparse(default), text) != text
        return isinstance(default, (ast.List, ast.Dict, ast.Set)) and not is_literal_of(default, text or "")

    # --- from the parameters ------------------------------------------------------------------------------------

    def own_name(self) -> str:
        """Return the name that the function is called by, or "" where it has none outside another function."""
        if "<locals>" in self.main.name:
            return ""
        if self.main.name != "<lambda>":
            return self.main.name
        for statement in self.tree.body:
            if isinstance(statement, ast.Assign) and statement.value is self.definition:
                return ast.unparse(statement.targets[0])
        return ""

    def written(self) -> None:
        """Write the call from what the parameters hold."""
        name = self.own_name()
        if not name or self.definition is None:
            what = "a function without a name" if "<lambda>" in self.main.name else self.main.name
            self.found.missing.append(f"{what} can't be called from outside: trace the call that makes it")
            return
        parts = [part for parameter in _parameters(self.definition) for part in self.given(*parameter)]
        if not self.found.missing:
            self.found.text = f"{name}({', '.join(parts)})"

    def given(self, kind: str, name: str, default: ast.expr | None) -> list[str]:
        """Return what the call gives for one parameter."""
        value = self.held.get(name)
        if value is None or (
            name == "cls" and isinstance(value, Ref) and self.heap[value.id].kind == "class"
        ):
            return []
        if kind in ("rest", "words") and isinstance(value, Ref):
            seen = self.heap[value.id]
            if seen.cut:
                return [self.argument(name, value)]
            if kind == "rest":
                return [self.argument(name, element) for element in seen.elements]
            pairs = [(key.value, held) for key, held in seen.entries if isinstance(key, Atom)]
            return [f"{key}={self.argument(str(key), held)}" for key, held in pairs]
        text = self.argument(name, value)
        has_rest = self.definition is not None and self.definition.args.vararg is not None
        is_by_place = kind == "positional" or (kind == "any" and (has_rest or default is None))
        return [text if is_by_place else f"{name}={text}"]

    def argument(self, name: str, value: Value) -> str:
        """Return an expression for a value; what can't be had becomes a shortcoming, or input."""
        text = exact(value, self.heap)
        if text is not None:
            spelled = spelled_out(text)
            if spelled is not None:
                return spelled
            self.found.input[self.free_name(name)] = text
            return self.free_name(name)
        named = self.definition_named_by(value)
        if not named:
            shown = show(value, self.heap)
            self.found.missing.append(f"the argument {name} is {shown}, which can't be written down exactly")
        return named

    def definition_named_by(self, value: Value) -> str:
        """Return the name of a function or class of the same text, or a built-in one; else ""."""
        seen = self.heap.get(value.id) if isinstance(value, Ref) else None
        if seen is None or seen.kind not in ("function", "class"):
            return ""
        module = self.trace.frames[self.main.globals].name
        name = seen.text.removeprefix(f"{module}.")
        return (
            name if name in defined_names(self.trace.sources[self.main.source].text) | BUILTIN_NAMES else ""
        )

    def free_name(self, name: str) -> str:
        """Return a name for an input that the code does not use otherwise."""
        used = read_by(*self.tree.body) | defined_names(self.trace.sources[self.main.source].text)
        return f"given_{name}" if name in used | BUILTIN_NAMES else name


def is_literal_of(node: ast.expr, text: str) -> bool:
    """Tell whether a literal in a program says the same value as a repr."""
    try:
        return repr(ast.literal_eval(node)) == text
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False


def spelled_out(text: str) -> str | None:
    """Return a repr as an expression that needs no imports, or None where there is none."""
    tree = parsed_expression(text)
    if tree is None:
        return None
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    if names - BUILTIN_NAMES - NUMBER_NAMES:
        return None
    return ast.unparse(_FloatCalls().visit(tree)) if names & NUMBER_NAMES else text


class _FloatCalls(ast.NodeTransformer):
    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in NUMBER_NAMES:
            return node
        return ast.Call(ast.Name("float", ast.Load()), [ast.Constant(node.id)], [])


def _definition_at(tree: ast.Module, line: int) -> Definition | None:
    """Return the function whose code's first line is this one: its first decorator's, if it has any."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            decorators: list[ast.expr] = getattr(node, "decorator_list", [])
            if min([node.lineno, *(decorator.lineno for decorator in decorators)]) == line:
                return node
    return None


def _parameters(definition: Definition | None) -> Iterator[tuple[str, str, ast.expr | None]]:
    """Yield the kind, name and default of each parameter, in order."""
    if definition is None:
        return
    args = definition.args
    plain = [("positional", arg.arg) for arg in args.posonlyargs] + [("any", arg.arg) for arg in args.args]
    without = len(plain) - len(args.defaults)
    for place, (kind, name) in enumerate(plain):
        yield kind, name, args.defaults[place - without] if place >= without else None
    if args.vararg is not None:
        yield "rest", args.vararg.arg, None
    for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield "keyword", arg.arg, default
    if args.kwarg is not None:
        yield "words", args.kwarg.arg, None


def _root_of(node: ast.expr) -> str:
    return re.split(r"\W", ast.unparse(node), maxsplit=1)[0]
