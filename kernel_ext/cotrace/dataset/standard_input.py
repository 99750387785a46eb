"""Put together what a program read from its standard input, from the values that its reading calls had.

A recording does not hold the text that the program was given, but the ledger has what ``input()``,
``sys.stdin.readline()`` and their like gave, in order. Where the program read in another way (``for line in
sys.stdin``), that is said instead.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cotrace.dataset.names import parsed, parsed_expression
from cotrace.formats.values import exact

if TYPE_CHECKING:
    from cotrace.model.trace import Entry, Trace

NAME = "sys.stdin"
"""How a record's input calls the text."""

STREAMS = {"sys.stdin", "stdin"}
METHODS = {f"{stream}.{method}" for stream in STREAMS for method in ("read", "readline", "readlines")}
READERS = {"input", *METHODS}
UNKNOWN = (
    "it reads its standard input in a way that the recording does not hold: "
    "use input(), sys.stdin.readline() or sys.stdin.read()"
)


def standard_input(trace: Trace) -> tuple[str | None, list[str]]:
    """Return the text that a program read, None if it read none, and what is missing of it."""
    found = [mention for number in range(len(trace.sources)) for mention in _that_ran(trace, number)]
    if not all(mention.is_followed for mention in found):
        return None, [UNKNOWN]
    pieces = [_read(trace, entry) for entry in trace.entries if _is_reading(trace, entry)] if found else []
    whole = [piece for piece in pieces if piece is not None]
    if len(whole) < len(pieces):
        return None, ["what it read from its standard input was cut"]
    return ("".join(whole) if found else None), []


# --- the places that read -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Mention:
    """One place in a text that names the standard input."""

    node: ast.expr
    parent: ast.AST
    statement: ast.stmt

    @property
    def is_followed(self) -> bool:
        """True if the ledger has what is read here: a reader is called, or is what ``input`` stands for."""
        if ast.unparse(self.node) not in READERS:
            return False
        if isinstance(self.parent, ast.Call):
            return self.parent.func is self.node
        return isinstance(self.parent, ast.Assign) and ast.unparse(self.parent.targets[0]) == "input"

    @property
    def lines(self) -> set[int]:
        return set(range(self.statement.lineno, (self.node.end_lineno or self.node.lineno) + 1))


def _that_ran(trace: Trace, source: int) -> list[_Mention]:
    text = trace.sources[source].text
    if "stdin" not in text and "input" not in text and "open(" not in text:
        return []
    ran = {step.line for step in trace.steps if trace.frames[step.frame].source == source}
    return [mention for mention in _mentions(parsed(text)) if ran & mention.lines]


def _mentions(tree: ast.Module) -> Iterator[_Mention]:
    """Yield the places that name the standard input, the outermost expression of each."""
    parameters = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    waiting: list[tuple[ast.AST, ast.AST, ast.stmt | None]] = [(tree, tree, None)]
    while waiting:
        node, parent, around = waiting.pop()
        statement = node if isinstance(node, ast.stmt) else around
        if statement is not None and isinstance(node, ast.expr) and _names_input(node):
            is_called = isinstance(parent, ast.Call) and parent.func is node
            if is_called or not isinstance(node, ast.Name) or node.id not in parameters:
                yield _Mention(node, parent, statement)
            continue
        waiting += [(child, node, statement) for child in ast.iter_child_nodes(node)]


def _names_input(node: ast.expr) -> bool:
    if isinstance(node, (ast.Name, ast.Attribute)):
        return isinstance(node.ctx, ast.Load) and ast.unparse(node) in READERS | STREAMS
    if not isinstance(node, ast.Call) or ast.unparse(node.func) not in ("open", "io.open", "os.fdopen"):
        return False
    file = node.args[0] if node.args else None
    return isinstance(file, ast.Constant) and file.value in (0, "/dev/stdin")


# --- what they read ---------------------------------------------------------------------------------------------


def _is_reading(trace: Trace, entry: Entry) -> bool:
    span = trace.span(entry)
    return span.kind == "Call" and span.role == "value" and _reader(trace, entry) in READERS


def _reader(trace: Trace, entry: Entry) -> str:
    """Return the function of a call as the text has it."""
    call = parsed_expression(f"({trace.text_of(entry)})")
    return ast.unparse(call.func) if isinstance(call, ast.Call) else ""


def _read(trace: Trace, entry: Entry) -> str | None:
    """Return what one call read, with the line's end that `input` takes off."""
    heap = dict(trace.snapshot(entry.step).heap) | {seen.id: seen for seen in entry.objects}
    text = exact(entry.value, heap)
    if text is None:
        return None
    value = ast.literal_eval(text)
    if isinstance(value, list):
        return "".join(value)
    is_line = _reader(trace, entry) == "input" and not value.endswith("\n")
    return f"{value}\n" if is_line else str(value)
