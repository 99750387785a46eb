"""Cut out of source texts what some names need: definitions, imports, constants, and what sets these up.

`cut` starts from the names that are wanted and follows what the statements that bind them read, through all the texts
of one module (the cells of a notebook are several texts of one). It leaves out what only runs when the file is the
main program, and variables whose value comes from elsewhere.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from cotrace.dataset.names import BUILTIN_NAMES, STAR, bound_by, parsed, read_by

DEFINITION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
IMPORT = (ast.Import, ast.ImportFrom)

IsInput = Callable[[str, ast.stmt], bool]
"""Tells whether the value of a name that a statement binds or changes comes from elsewhere, so that the statement is
not wanted."""


@dataclass
class Cut:
    """What was cut out of several texts."""

    parts: list[str] = field(default_factory=list)
    """The code of each text, in the order given."""

    defined: set[str] = field(default_factory=set)
    """The names that it binds."""

    read: set[str] = field(default_factory=set)
    """The global names that it reads, wherever they are bound."""


def cut(texts: Mapping[str, set[int]], wanted: Iterable[str], is_input: IsInput, module: str = "") -> Cut:
    """Return what binds the `wanted` names, and all that this needs.

    `texts` gives each text with lines that ran: where several texts bind a name, the one whose code ran is meant.
    `module` is the module's name, which its relative imports start from.
    """
    cutter = _Cutter(texts, set(wanted), is_input)
    cutter.grow()
    return Cut([cutter.code(place, module) for place in range(len(texts))], cutter.defined, cutter.needed)


def names_at(text: str, lines: set[int]) -> set[str]:
    """Return the names of the top-level statements that hold any of these lines."""
    return {name for s in parsed(text).body if _rows(s) & lines for name in bound_by(s)}


def is_main_guard(statement: ast.stmt) -> bool:
    """Tell whether a statement is ``if __name__ == "__main__":``."""
    return isinstance(statement, ast.If) and "__name__" in {
        node.id for node in ast.walk(statement.test) if isinstance(node, ast.Name)
    }


@dataclass(eq=False)
class _Statement:
    """One top-level statement of one of the texts."""

    node: ast.stmt
    text: int
    bound: set[str]
    root: str
    """Whose state it sets up without binding it: ``d`` of ``d["a"] = 1``, ``random`` of ``random.seed(1)``."""


class _Cutter:
    def __init__(self, texts: Mapping[str, set[int]], wanted: set[str], is_input: IsInput) -> None:
        self.texts = list(texts)
        self.is_input = is_input
        self.needed = set(wanted)
        self.defined: set[str] = set()
        self.kept: set[_Statement] = set()
        self.statements = [
            _Statement(node, place, bound_by(node), _root(node))
            for place, text in enumerate(self.texts)
            for node in parsed(text).body
            if not is_main_guard(node) and not is_future(node)
        ]
        self.owners = self._owners(texts)

    def _owners(self, texts: Mapping[str, set[int]]) -> dict[str, int]:
        """Say which text each name is taken from."""
        owners: dict[str, int] = {}
        for statement in self.statements:
            for name in statement.bound:
                owners.setdefault(name, statement.text)
        for place, (text, lines) in enumerate(texts.items()):
            owners |= dict.fromkeys(names_at(text, lines), place)
        return owners

    def grow(self) -> None:
        """Keep statements until what is kept needs no more."""
        found = True
        while found:
            found = False
            for statement in self.statements:
                if statement not in self.kept and self._is_wanted(statement):
                    self.kept.add(statement)
                    self.needed |= read_by(statement.node)
                    self.defined |= statement.bound
                    found = True

    def _is_wanted(self, statement: _Statement) -> bool:
        bound = {name for name in statement.bound & self.needed if self.owners[name] == statement.text}
        if STAR in statement.bound:
            return bool(self.needed - set(self.owners) - BUILTIN_NAMES)
        if bound and not self._all_input(statement):
            return True
        return self._sets_up(statement)

    def _all_input(self, statement: _Statement) -> bool:
        return all(self.is_input(name, statement.node) for name in statement.bound)

    def _sets_up(self, statement: _Statement) -> bool:
        """Tell whether a statement changes the state of something kept, or registers a function with it."""
        if ast.unparse(statement.node).startswith("sys.setrecursionlimit("):
            self.needed.add("sys")
            return True
        if statement.root in self.needed & self.defined:
            return not self.is_input(statement.root, statement.node)
        if not isinstance(statement.node, DEFINITION):
            return False
        roots = {_root_of(decorator) for decorator in statement.node.decorator_list} & self.defined
        return any(self._fills_variable(root) for root in roots)

    def _fills_variable(self, decorator: str) -> bool:
        """Tell whether a decorator is a kept variable's method, or a kept function that reads such a variable."""
        variables = {
            name for kept in self.kept if _is_variable(kept.node) for name in kept.bound & self.needed
        }
        makers = [k.node for k in self.kept if decorator in k.bound and isinstance(k.node, DEFINITION)]
        return decorator in variables or any(read_by(maker) & variables for maker in makers)

    def code(self, place: int, module: str) -> str:
        """Return the kept statements of one text as they were written, definitions apart from each other."""
        rows = self.texts[place].replace("\r\n", "\n").replace("\r", "\n").split("\n")
        kept = [s for s in self.statements if s.text == place and s in self.kept]
        shared = _shared_rows([s.node for s in self.statements if s.text == place])
        code = ""
        for before, statement in zip([None, *kept], kept, strict=False):
            spaced = isinstance(statement.node, DEFINITION) or (
                before is not None and isinstance(before.node, DEFINITION)
            )
            code += "\n\n" if spaced and code else ""
            code += _written(statement.node, rows, shared, module) + "\n"
        return code


def _root(node: ast.stmt) -> str:
    """Return the name whose state a statement changes without binding it, or ""."""
    match node:
        case ast.Expr(value=ast.Call(func=ast.Attribute() as changed)):
            return _root_of(changed)
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript() as changed, *_]):
            return _root_of(changed)
        case ast.AugAssign(target=ast.Attribute() | ast.Subscript() as changed):
            return _root_of(changed)
        case ast.For() | ast.While() | ast.If() | ast.With():
            roots = {_root(inner) for inner in node.body} - {""}
            return roots.pop() if len(roots) == 1 else ""
    return ""


def _root_of(node: ast.expr) -> str:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _is_variable(node: ast.stmt) -> bool:
    return not isinstance(node, (*DEFINITION, *IMPORT))


def is_future(node: ast.stmt) -> bool:
    """Tell whether a statement is ``from __future__ import ...``."""
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _rows(node: ast.stmt) -> set[int]:
    return set(range(_first_row(node), (node.end_lineno or node.lineno) + 1))


def _first_row(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _shared_rows(body: list[ast.stmt]) -> set[int]:
    """Return the rows that hold more than one statement, as ``a = 1; b = 2`` does."""
    seen: set[int] = set()
    shared: set[int] = set()
    for node in body:
        shared |= seen & _rows(node)
        seen |= _rows(node)
    return shared


def _written(node: ast.stmt, rows: list[str], shared: set[int], module: str) -> str:
    if isinstance(node, ast.ImportFrom) and node.level:
        base = module.split(".")[: -node.level] or [module]
        name = ".".join([*base, *filter(None, [node.module])])
        return ast.unparse(ast.ImportFrom(name, node.names, 0))
    if _rows(node) & shared:
        return ast.unparse(node)
    return "\n".join(rows[_first_row(node) - 1 : node.end_lineno])
