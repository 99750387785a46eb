"""One function per kind of claim that a phrase makes: does it hold at the steps of a window?

Each takes the window, the phrase and its slots, works everything out anew from the trace, and returns a `Finding`. A
slot whose text is not of its kind raises SlotError: then the phrase was not the one meant.
"""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Final

from cotrace.grounding.code import place_of
from cotrace.grounding.evaluate import FailedError, MissingError, UnknownError, evaluate
from cotrace.grounding.passes import Run
from cotrace.grounding.phrases import PHRASES, Phrase
from cotrace.grounding.templates import Slot, split_binding, split_list
from cotrace.grounding.values import (
    ELIDED,
    Thing,
    UnreadableError,
    from_ast,
    parsed,
    readable,
    same,
    shown,
    written,
)
from cotrace.grounding.window import Finding, SlotError, Window, place_tree, root_of
from cotrace.grounding.worded import expression, sides
from cotrace.model.state import Ref
from cotrace.model.trace import EventKind, Frame

Slots = Mapping[str, Slot]
Predicate = Callable[[Window, Phrase, Slots], Finding]


def judge(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    """Return whether a phrase holds at the steps of a window. Raises SlotError where it can't be the one meant."""
    if phrase.parts:
        return _every([judge(window, _named(name), _part(slots, filled)) for name, filled in phrase.parts])
    if phrase.parts:
        return _at_one(
            window, lambda group: _every(judge(group, part, of) for part, of in _parts(phrase, slots))
        )
    return PREDICATES[phrase.claim](window, phrase, slots)


def _parts(phrase: Phrase, slots: Slots) -> Iterator[tuple[Phrase, Slots]]:
    """Yield the phrases that a phrase is made of, each with its own slots."""
    for name, mapping in phrase.parts:
        yield _BY_NAME[name], {own: slots[slot] for own, slot in mapping}


_BY_NAME = {phrase.name: phrase for phrase in PHRASES}


def _part(slots: Slots, filled: tuple[tuple[str, str], ...]) -> Slots:
    """Return the slots of one part of a phrase that is made of two."""
    return {own: slots[name] for own, name in filled}


@cache
def _named(name: str) -> Phrase:
    return next(phrase for phrase in PHRASES if phrase.name == name)


# --- slots ------------------------------------------------------------------------------------------------------------


class Candidate:
    """A value that free text writes, compared as people round and abbreviate."""

    def __init__(self, value: object) -> None:
        self.value = value

    def same(self, found: object) -> bool | None:
        """Tell whether this is the value that was found; None where that can't be told."""
        return same(self.value, found)


class Written(Candidate):
    """A value slot: what its text writes, compared strictly with what was recorded."""

    def __init__(self, slot: Slot) -> None:
        self.text = slot.text
        self.readable = True
        try:
            super().__init__(written(slot.text))
        except UnreadableError:
            super().__init__(None)
            self.readable = False
            if not slot.text.startswith("<") or not slot.text.endswith(">"):
                raise SlotError(slot.text) from None

    def same(self, found: object) -> bool | None:
        """Tell whether this is the value that was found; None where that can't be told."""
        if self.readable:
            return same(self.value, found, strict=True)
        if isinstance(found, Thing):
            said = self.text.strip("<>").removeprefix(f"{found.type} ")
            return said in (found.text.strip("<>"), found.type)
        return False


def _value(slots: Slots, name: str) -> Written:
    return Written(slots[name])


def _worked(slot: Slot) -> tuple[list[ast.expr], object]:
    """Read an equation: its sides, and the value of the last. Raises SlotError unless it is one that stands alone."""
    texts = sides(slot.text)
    if len(texts) < 2:
        raise SlotError(slot.text)
    try:
        trees = [expression(text) for text in texts]
        result = from_ast(trees[-1], readable(texts[-1]))
    except UnreadableError:
        raise SlotError(slot.text) from None
    return trees, result


def _bindings(slot: Slot) -> list[tuple[ast.expr, Written]]:
    found: list[tuple[ast.expr, Written]] = []
    for part in split_list(slot):
        binding = split_binding(part)
        if binding is None:
            raise SlotError(slot.text)
        found.append((place_tree(binding[0].text), Written(binding[1])))
    return found


# --- findings ---------------------------------------------------------------------------------------------------------


def _among(value: Candidate, candidates: Iterable[tuple[int, object]], slot: str, nothing: str) -> Finding:
    """Find a value among those seen; say what was there instead."""
    best: Finding | None = None
    for step, found in candidates:
        alike = value.same(found)
        if alike:
            return Finding(True, (step,), shown(found))
        if best is None or alike is None:
            best = Finding(None if alike is None else False, (step,), shown(found), slot, shown(found))
    return best or Finding(False, (), nothing)


def _every(findings: Iterable[Finding]) -> Finding:
    """All must hold; the first that does not is the finding."""
    steps: list[int] = []
    texts: list[str] = []
    unknown: Finding | None = None
    for finding in findings:
        if finding.holds is False:
            return finding
        if finding.holds is None:
            unknown = unknown or finding
        steps += finding.steps
        texts.append(finding.found)
    return unknown or Finding(True, tuple(dict.fromkeys(steps)), ", ".join(t for t in texts if t))


def _at_one(window: Window, predicate: Callable[[Window], Finding]) -> Finding:
    """Find one statement among those here at which everything holds."""
    best: Finding | None = None
    for group in window.statements():
        finding = predicate(group)
        if finding.holds:
            return finding
        if best is None or (finding.right and not best.right):
            best = finding
    return best or _no("nothing runs here")


def _no(found: str, *steps: int) -> Finding:
    return Finding(False, steps, found)


# --- values given and read ----------------------------------------------------------------------------------------------


def _set(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    if phrase.name == "same-object":
        return _same_object(window, slots)
    if "bindings" in slots:
        return _every(
            _given(window, place, value, "bindings") for place, value in _bindings(slots["bindings"])
        )
    place = place_tree(slots["place"].text)
    findings: list[Callable[[], Finding]] = []
    if "working" in slots:
        return _at_one(window, lambda group: _set_working(group, slots, place))
    value = _value(slots, "value")
    findings.append(lambda: _given(window, place, value, "value"))
    if "source" in slots:
        source = place_tree(slots["source"].text)
        findings.append(
            lambda: _among(value, window.read(source), "value", f"{slots['source'].text} has no value here")
        )
        findings.append(lambda: _mentions(window, source))
    return _every(finding() for finding in findings)


def _given(window: Window, place: ast.expr, value: Candidate, slot: str) -> Finding:
    name = ast.unparse(place)
    return _among(value, window.given(place), slot, f"{name} gets no value here")


def _mentions(window: Window, place: ast.expr) -> Finding:
    """Find a line here that uses the place by its name."""
    root = root_of(place)
    for step in window.steps:
        if window.mentions(step, root):
            return Finding(True, (step,))
    return _no(f"the lines here do not use {root}", *window.steps[:1])


def _set_working(window: Window, slots: Slots, place: ast.expr) -> Finding:
    trees, _ = _worked(slots["working"])
    value = Written(Slot("value", sides(slots["working"].text)[-1], 0, 0))
    checks = [_given(window, place, value, "working"), _arithmetic(trees)]
    if "old" in slots:
        checks.append(_among(_value(slots, "old"), window.before(place), "old", "it had no value before"))
    checks.append(_happened(window, trees))
    return _every(checks)


def _same_object(window: Window, slots: Slots) -> Finding:
    first, second = place_tree(slots["place"].text), place_tree(slots["source"].text)
    for step in window.steps:
        frame, moment = window.index.steps[step].frame, window.index.after(step)
        one, other = window.raw(first, frame, moment), window.raw(second, frame, moment)
        if isinstance(one, Ref) and one == other:
            return Finding(True, (step,))
    return _no("they are not one object here", *window.steps[:1])


def _read(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    if "bindings" in slots:
        pairs = _bindings(slots["bindings"])
    else:
        value = slots.get("value", Slot("value", "None", 0, 0))
        pairs = [(place_tree(slots["place"].text), Written(value))]
    slot = "value" if "value" in slots else "bindings"
    return _every(_has(window, place, value, slot) for place, value in pairs)


def _has(window: Window, place: ast.expr, value: Candidate, slot: str) -> Finding:
    """Look at each line that uses the place, before it and at what it gave; at one that only stores, at that alone."""
    root = root_of(place)
    best: Finding | None = None
    for step in window.steps:
        single = Window(window.index, window.passes, (step,))
        if not single.uses(step, place):
            continue
        candidates = list(single.given(place))
        if not candidates or (single.loads(step, root) and step > window.told.get(root, -1)):
            candidates += single.read(place)
        finding = _among(value, candidates, slot, f"{ast.unparse(place)} has no value here")
        if finding.holds:
            return finding
        best = best if best is not None and best.right else finding
    return best or _no(f"the lines here do not use {root}", *window.steps[:1])


def has_value(window: Window, place: ast.expr, value: Candidate, *, changes: bool) -> Finding | None:
    """Tell whether a place has a value at the steps of free text; None where they do not concern the place."""
    root = root_of(place)
    if not any(window.mentions(step, root) for step in window.steps):
        return None
    if changes and any(True for _ in window.given(place)):
        return _given(window, place, value, "value")
    finding = _has(window, place, value, "value")
    if finding.holds is False and not finding.right:
        return None
    if finding.holds is False and any(value.same(found) for _, found in window.read(place)):
        return Finding(True, finding.steps)
    return finding


# --- arithmetic ---------------------------------------------------------------------------------------------------------


def _arithmetic(trees: list[ast.expr]) -> Finding:
    """Every side of an equation must have the value of the last."""
    try:
        values = [evaluate(tree) for tree in trees]
    except UnknownError as error:
        return Finding(None, (), f"it can't be worked out: {error}")
    for tree, value in zip(trees, values, strict=True):
        if not same(value, values[-1], strict=True):
            return Finding(False, (), f"{ast.unparse(tree)} is {shown(value)}", "working", shown(value))
    return Finding(True, (), shown(values[-1]))


def _happened(window: Window, trees: list[ast.expr]) -> Finding:
    """The first side must be what an expression of the lines here worked out, value for value."""
    known = False
    for step in window.steps:
        for node in _worked_nodes(window, step):
            known = True
            if _fits(window, trees[0], node, step):
                return Finding(True, (step,), ast.unparse(node))
        known = known or bool(window.index.statements(step))
    if not known:
        return Finding(True, (), "")  # no source: the values alone must do
    return _no(f"nothing here works out {ast.unparse(trees[0])}", *window.steps[:1])


def _worked_nodes(window: Window, step: int) -> Iterator[ast.expr]:
    for statement in window.index.statements(step):
        if isinstance(statement, ast.AugAssign):
            target = statement.target
            yield ast.BinOp(target, statement.op, statement.value, **_place_of_statement(statement))
    yield from window.index.expressions(step)


def _place_of_statement(statement: ast.AugAssign) -> dict[str, int]:
    # Its place must differ from that of every expression, or the ledger would answer for it.
    return {
        "lineno": statement.lineno,
        "col_offset": -1,
        "end_lineno": statement.lineno,
        "end_col_offset": -1,
    }


def _fits(window: Window, said: ast.expr, node: ast.expr, step: int) -> bool:
    """Tell whether an expression over values is the node of the source with its values filled in."""
    if isinstance(said, ast.BinOp) and isinstance(node, ast.BinOp) and type(said.op) is type(node.op):
        if _fits(window, said.left, node.left, step) and _fits(window, said.right, node.right, step):
            return True
    if isinstance(said, ast.UnaryOp) and isinstance(node, ast.UnaryOp) and type(said.op) is type(node.op):
        return _fits(window, said.operand, node.operand, step)
    if isinstance(said, ast.BinOp):
        return False
    try:
        value = evaluate(said)
    except UnknownError:
        return False
    return any(same(value, found, strict=True) for found in window.node_values(node, step))


def _work(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    if "working" in slots:
        trees, _ = _worked(slots["working"])
        return _every([_arithmetic(trees), _happened(window, trees)])
    if "callee" not in slots:
        return _comes_to(window, slots)
    return _gave(window, slots)


def _comes_to(window: Window, slots: Slots) -> Finding:
    """A phrase that names no function: something here was worked out to this result."""
    result = _value(slots, "result")
    best: Finding | None = None
    for step in window.steps:
        for _, found in window.index.entries(step):
            if result.same(found):
                return Finding(True, (step,), shown(found))
            best = Finding(False, (step,), shown(found), "result", shown(found))
    return best or _no("nothing was worked out here", *window.steps[:1])


def _gave(window: Window, slots: Slots) -> Finding:
    """A function or method that is not worked out anew gave a result: look it up where it was called."""
    callee, result = slots["callee"].text, _value(slots, "result")
    given = (
        [[v for _, v in window.operand(s.text)] for s in split_list(slots["args"])]
        if "args" in slots
        else None
    )
    owner = [v for _, v in window.operand(slots["a"].text)] if "a" in slots else None
    best: Finding | None = None
    for step, node in window.call_nodes(callee):
        if given is not None and not _arguments_fit(window, node, given, step):
            continue
        if owner is not None and not _owner_fits(window, node, owner, step):
            continue
        for found in window.node_values(node, step):
            alike = result.same(found)
            if alike:
                return Finding(True, (step,), shown(found))
            best = Finding(alike, (step,), shown(found), "result", shown(found))
    return best or _no(f"no call of {callee} with these values is made here", *window.steps[:1])


def _arguments_fit(window: Window, node: ast.Call, given: list[list[object]], step: int) -> bool:
    nodes = [a.value if isinstance(a, ast.Starred) else a for a in node.args] + [
        k.value for k in node.keywords
    ]
    if len(nodes) != len(given):
        return False
    return all(_any_same(said, window.node_values(n, step)) for said, n in zip(given, nodes, strict=True))


def _owner_fits(window: Window, node: ast.Call, owner: list[object], step: int) -> bool:
    return isinstance(node.func, ast.Attribute) and _any_same(
        owner, window.node_values(node.func.value, step)
    )


def _any_same(said: list[object], found: list[object]) -> bool:
    return any(same(s, f, strict=True) is not False or s is f for s in said for f in found)


def _apply(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    """Work the meaning out over the operands; the lines here must have come to that result."""
    meaning = parsed(phrase.meaning)
    result = _result(phrase, slots)
    best: Finding | None = None
    for step in window.steps:
        single = Window(window.index, window.passes, (step,))
        for names in _fillings(single, slots):
            try:
                value = evaluate(meaning, lambda name, names=names: names[name])  # type: ignore[misc]
            except FailedError as error:
                best = best or _no(f"it can't be worked out: {error}", step)
                continue
            except UnknownError as error:
                best = best or Finding(None, (step,), f"it can't be worked out: {error}")
                continue
            alike = result.same(value)
            stranger = next((v for v in names.values() if not _occurs(single, step, v)), None)
            if alike and stranger is None and _came_to(single, step, value):
                return Finding(True, (step,), shown(value))
            best = Finding(False, (step,), shown(value), "result" if "result" in slots else "", shown(value))
            if alike:
                best = _no(f"nothing here comes to {shown(value if stranger is None else stranger)}", step)
    return best or _no("the values are not known here", *window.steps[:1])


def _occurs(window: Window, step: int, operand: object) -> bool:
    """Tell whether an operand, or each of several, was at hand at a step. Bounds that nobody writes are 0, 1 and ''."""
    if isinstance(operand, list) and operand and not _came_to(window, step, operand):
        generated = window.index.inner_yields(step)
        if generated:
            return any(same(operand, given, strict=True) is not False for given in generated)
        return all(_occurs(window, step, part) for part in operand)
    return operand in (0, 1, "", None) or _came_to(window, step, operand)


def _result(phrase: Phrase, slots: Slots) -> Written:
    if "result" in slots:
        return _value(slots, "result")
    return Written(Slot("value", "1" if phrase.name == "count-once" else "True", 0, 0))


def _fillings(window: Window, slots: Slots) -> Iterator[dict[str, object]]:
    """Yield every way to fill the operands with what they stood for at a step, the likeliest first."""
    choices: dict[str, list[object]] = {}
    for name, slot in slots.items():
        if name == "result":
            continue
        if slot.kind == "operands":
            parts = [_distinct(v for _, v in window.operand(s.text)) for s in split_list(slot)]
            if not all(parts):
                return
            choices[name] = [[p[0] for p in parts], [p[-1] for p in parts]]
        else:
            choices[name] = _distinct(v for _, v in window.operand(slot.text))
    for turn in range(max((len(c) for c in choices.values()), default=0)):
        if all(choices.values()):
            yield {name: values[min(turn, len(values) - 1)] for name, values in choices.items()}


def _distinct(values: Iterable[object]) -> list[object]:
    found: list[object] = []
    for value in values:
        if not any(type(value) is type(f) and same(value, f, strict=True) for f in found):
            found.append(value)
    return found


def _came_to(window: Window, step: int, value: object) -> bool:
    """Tell whether an expression of a step's line had this value, or nothing is known of its expressions."""
    entries = window.index.entries(step)
    if not window.index.statements(step) or any(same(value, found, strict=True) for _, found in entries):
        return True
    if isinstance(value, bool) and any(found is (not value) for _, found in entries):
        return True
    return any(
        same(value, v, strict=True)
        for n in window.index.expressions(step)
        for v in window.node_values(n, step)
    )


# --- conditions ---------------------------------------------------------------------------------------------------------


def _tested(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    wanted = phrase.claim == "true"
    if "condition" in slots:
        return _condition(window, slots["condition"], wanted=wanted)
    if "working" in slots:
        return _worked_condition(window, slots, wanted=wanted)
    if phrase.name == "not-none":
        return _not_none(window, slots["operand"])
    if "operand" in slots:
        return _truthy(window, slots["operand"], wanted=wanted)
    for step in window.steps:
        truths = _truths(window, step)
        if wanted in truths:
            return Finding(True, (step,))
    return _no("no test here came out so", *window.steps[:1])


def _condition(window: Window, slot: Slot, *, wanted: bool) -> Finding:
    try:
        tree = expression(slot.text)
    except UnreadableError:
        raise SlotError(slot.text) from None
    if not isinstance(tree, ast.Compare) or not _is_condition(window, tree):
        raise SlotError(slot.text)
    best: Finding | None = None
    for step in window.steps:
        for moment in window.index.moments(step)[:1]:
            try:
                truth = bool(evaluate(tree, window.index.names(window.index.steps[step].frame, moment)))
            except (FailedError, MissingError) as error:
                best = best or _no(f"it can't be worked out: {error}", step)
                continue
            except UnknownError as error:
                recorded = _recorded_truth(window, tree, step)
                if recorded is None:
                    best = best or Finding(None, (step,), f"it can't be worked out: {error}")
                    continue
                truth = recorded
            if truth is not wanted:
                best = _no(f"{slot.text} is {'true' if truth else 'false'}", step)
            elif _is_tested(window, tree, step):
                return Finding(True, (step,))
            else:
                best = best or _no(f"nothing here compares {slot.text}", step)
    return best or _no("nothing is compared here")


def _is_condition(window: Window, tree: ast.Compare) -> bool:
    """Tell a comparison from a sentence that Python's grammar happens to take for one: ``x is 3``, ``s is empty``."""
    for op, operand in zip(tree.ops, tree.comparators, strict=True):
        if isinstance(op, (ast.Is, ast.IsNot)):
            constant = isinstance(operand, ast.Constant) and operand.value in (None, True, False)
            if not constant and not isinstance(operand, (ast.Name, ast.Attribute, ast.Subscript)):
                return False
    callees = {id(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in callees}
    return all(window.index.tracks(name) or name in ("nan", "inf") for name in names)


_OPPOSITES: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    one: other
    for pair in (
        (ast.In, ast.NotIn),
        (ast.Is, ast.IsNot),
        (ast.Eq, ast.NotEq),
        (ast.Lt, ast.GtE),
        (ast.Gt, ast.LtE),
    )
    for one, other in (pair, pair[::-1])
}


def _recorded_truth(window: Window, said: ast.Compare, step: int) -> bool | None:
    """Return what the ledger has for a comparison of values that are known by their type only."""
    for node in window.index.expressions(step):
        if isinstance(node, ast.Compare) and len(node.ops) == len(said.ops) == 1:
            links = ((said.left, node.left), (said.comparators[0], node.comparators[0]))
            found = window.index.by_place(step).get(place_of(node))
            if not found or not all(_operand_fits(window, s, n, step) for s, n in links):
                continue
            if type(node.ops[0]) is type(said.ops[0]):
                return bool(found[-1])
            if _OPPOSITES.get(type(node.ops[0])) is type(said.ops[0]):
                return not found[-1]
    return None


def _is_tested(window: Window, said: ast.expr, step: int) -> bool:
    """Tell whether a step's line makes the comparison that is said, value for value."""
    if not window.index.statements(step) or not isinstance(said, ast.Compare):
        return True
    for node in window.index.expressions(step):
        if isinstance(node, ast.Compare):
            operands = [node.left, *node.comparators]
            for place, op in enumerate(node.ops):
                if _is_like(op, said.ops[0]) and len(said.ops) == 1:
                    links = ((said.left, operands[place]), (said.comparators[0], operands[place + 1]))
                    if all(_operand_fits(window, s, n, step) for s, n in links):
                        return True
            if len(said.ops) > 1 and [type(o) for o in said.ops] == [type(o) for o in node.ops]:
                links_all = zip([said.left, *said.comparators], operands, strict=True)
                if all(_operand_fits(window, s, n, step) for s, n in links_all):
                    return True
    return False


_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


def _is_like(made: ast.cmpop, said: ast.cmpop) -> bool:
    """A test that failed may be told as its opposite, which holds: 3 is not in the list."""
    return type(made) is type(said) or _OPPOSITES.get(type(made)) is type(said)


def _operand_fits(window: Window, said: ast.expr, node: ast.expr, step: int) -> bool:
    if ast.dump(said) == ast.dump(node):
        return True
    if isinstance(said, (ast.Name, ast.Attribute, ast.Subscript)) and not window.loads(step, root_of(said)):
        return False
    try:
        value = evaluate(said, window.index.names(window.index.steps[step].frame, step))
    except UnknownError:
        return False
    found = window.node_values(node, step)
    return any(same(value, f, strict=True) is not False for f in found)


def _worked_condition(window: Window, slots: Slots, *, wanted: bool) -> Finding:
    """``7 mod 2 = 1, not 0``: the equation is right, and the test that compares it came out so."""
    trees, result = _worked(slots["working"])
    checks = [_arithmetic(trees), _happened(window, trees)]
    if "wanted" in slots:
        asked = _value(slots, "wanted")
        if asked.same(result):
            return _no(f"{asked.text} is what it is")
        checks.append(_compared(window, asked))
    checks.append(_came_out(window, wanted=wanted))
    return _every(checks)


def _compared(window: Window, asked: Written) -> Finding:
    for step in window.steps:
        for node in window.index.expressions(step):
            if isinstance(node, ast.Compare):
                for operand in (node.left, *node.comparators):
                    if any(asked.same(v) for v in window.node_values(operand, step)):
                        return Finding(True, (step,))
    return _no(f"nothing here is compared with {asked.text}", *window.steps[:1])


def _came_out(window: Window, *, wanted: bool) -> Finding:
    for step in window.steps:
        if wanted in _truths(window, step):
            return Finding(True, (step,))
    return _no(f"no test here is {'true' if wanted else 'false'}", *window.steps[:1])


def _truths(window: Window, step: int) -> list[bool]:
    """Return what the tests in a step's line came to."""
    found: list[bool] = []
    for node in window.index.expressions(step):
        if isinstance(node, (ast.Compare, ast.BoolOp)) or (
            isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
        ):
            found += [bool(v) for v in window.node_values(node, step) if not isinstance(v, Thing)]
    for entry, value in window.index.entries(step):
        if window.index.trace.span(entry).role == "truth" or isinstance(value, bool):
            found.append(bool(value))
    return found or [True, False]


def _not_none(window: Window, slot: Slot) -> Finding:
    for step, value in window.operand(slot.text):
        if value is not None:
            return Finding(True, (step,), shown(value))
    return _no(f"{slot.text} is None or has no value here", *window.steps[:1])


def _truthy(window: Window, slot: Slot, *, wanted: bool) -> Finding:
    best: Finding | None = None
    for step, value in window.operand(slot.text):
        if isinstance(value, Thing):
            truths = [
                bool(v) for e, v in window.index.entries(step) if window.index.trace.span(e).role == "truth"
            ]
            best = Finding(wanted in truths if truths else None, (step,))
            if best.holds:
                return best
            continue
        if bool(value) is wanted and _came_to(window, step, value):
            return Finding(True, (step,))
        best = _no(f"{slot.text} counts as {'false' if wanted else 'true'}", step)
    return best or _no(f"{slot.text} has no value here")


def is_compared(window: Window, operands: list[ast.expr]) -> Finding | None:
    """Tell whether the lines here compare two values of free text; None where it can't be said that they do not.

    It is an error to name one of two compared values wrong; a comparison of values that are not compared here at
    all may be the writer's own.
    """
    if len(operands) != 2 or any(isinstance(n, ast.Name) for o in operands for n in ast.walk(o)):
        return None
    try:
        said = [evaluate(operand) for operand in operands]
    except UnknownError:
        return None
    near: Finding | None = None
    for step, found in window.index.comparisons:
        if step in window:
            hits = [any(same(value, v) for values in found for v in values) for value in said]
            if all(hits):
                return Finding(True, (step,))
            if any(hits):
                near = _no(f"other values are compared: {', '.join(shown(v[-1], 40) for v in found if v)}", step)
    return near


# --- loops --------------------------------------------------------------------------------------------------------------


def _pass(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    said = tuple(map(int, slots["pass"].text.split(".")))
    first = window.steps[0] if window.steps else -1
    path = window.passes.path(first)
    if path[-len(said) :] == said and (len(said) == len(path) or window.whole is False):
        return Finding(True, (first,))
    right = ".".join(map(str, path))
    return Finding(False, (first,), f"pass {right}" if path else "no loop", "pass", right)


def _loop_headers(window: Window) -> Iterator[tuple[int, ast.For | ast.AsyncFor]]:
    for step in window.steps:
        for statement in window.index.statements(step):
            if isinstance(statement, (ast.For, ast.AsyncFor)):
                yield step, statement


def _over(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    if "first" in slots:
        return _over_range(window, slots)
    best: Finding | None = None
    for step, loop in _loop_headers(window):
        if not slots:
            return Finding(True, (step,))
        single = Window(window.index, window.passes, (step,))
        if "operands" in slots:
            operands = [[v for _, v in single.operand(s.text)] for s in split_list(slots["operands"])]
            if all(any(_any_same(said, [v]) for _, v in window.index.entries(step)) for said in operands):
                return Finding(True, (step,))
            best = _no("it goes over other values", step)
            continue
        said = [v for _, v in single.operand(slots["operand"].text)]
        if not _way_fits(phrase, loop.iter):
            best = _no("the loop goes another way", step)
            continue
        found = window.node_values(loop.iter, step)
        if _any_same(said, found) or _any_same(said, [_listed(f) for f in found]):
            return Finding(True, (step,))
        if any(same(s, v, strict=True) for s in said for _, v in window.index.entries(step)):
            return Finding(True, (step,))
        best = Finding(
            False,
            (step,),
            shown(found[0]) if found else "another value",
            "operand",
            shown(found[0]) if found else "",
        )
    return best or _no("no loop begins here", *window.steps[:1])


_WAYS = {"over-reversed": "reversed", "over-items": "items", "over-keys": "keys", "over-values": "values"}


def _way_fits(phrase: Phrase, iterated: ast.expr) -> bool:
    """Tell whether a loop goes over its operand in the way that a phrase tells."""
    way = _WAYS.get(phrase.name)
    callees = {
        n.func.attr if isinstance(n.func, ast.Attribute) else ast.unparse(n.func)
        for n in ast.walk(iterated)
        if isinstance(n, ast.Call)
    }
    if way == "reversed":
        return way in callees or any(isinstance(n, ast.Slice) for n in ast.walk(iterated))
    return way in callees if way else not callees & {"reversed", "items", "values"}


def _listed(value: object) -> object:
    return list(value) if isinstance(value, (range, str, set, dict)) and len(value) < 2_000 else value


def _over_range(window: Window, slots: Slots) -> Finding:
    first, last = _value(slots, "first"), _value(slots, "last" if "last" in slots else "first")
    step_by = _value(slots, "step") if "step" in slots else None
    best: Finding | None = None
    for step, loop in _loop_headers(window):
        for found in window.node_values(loop.iter, step):
            if isinstance(found, range) and len(found):
                right = first.same(found[0]) and last.same(found[-1])
                if right and (
                    len(found) == 1
                    or (step_by is None and found.step == 1)
                    or (step_by and step_by.same(found.step))
                ):
                    return Finding(True, (step,))
                best = _no(f"it counts from {found[0]} to {found[-1]} in steps of {found.step}", step)
    return best or _no("no loop over numbers begins here", *window.steps[:1])


def _same_way(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    if phrase.name == "continue":
        for step in window.steps:
            if any(isinstance(s, ast.Continue) for s in window.index.statements(step)):
                return Finding(True, (step,))
        return _no("no pass is cut short here", *window.steps[:1])
    first = tuple(map(int, slots["first"].text.split(".")))
    last = tuple(map(int, slots["last"].text.split(".")))
    last = (*first[: -len(last)], *last)  # "passes 2.3 to 5" are 2.3 to 2.5
    for run in _runs(window):
        if (
            (*run.path, first[-1])[-len(first) :] == first
            and first[:-1] == last[:-1]
            and first[-1] <= last[-1] <= run.passes
        ):
            shapes = {_shape(window, run, number) for number in range(first[-1], last[-1] + 1)}
            if len(shapes) == 1:
                return Finding(True, (run.starts[first[-1] - 1],))
            return _no("they take different branches", run.starts[first[-1] - 1])
    return _no("no loop here has these passes", *window.steps[:1])


def _shape(window: Window, run: Run, number: int) -> tuple[int, ...]:
    """Return the lines that a pass runs, in its own frame."""
    start = run.starts[number - 1]
    stop = run.starts[number] if number < run.passes else run.end + 1
    steps = window.index.trace.frame_steps(run.frame)
    lines = [
        window.index.steps[s].line
        for s in steps
        if start <= s < stop and window.index.steps[s].event is EventKind.LINE
    ]
    if number == run.passes and lines and lines[-1] == run.loop.first and len(lines) > 1:
        lines.pop()  # the look that ends the loop
    return tuple(lines)


def _runs(window: Window) -> Iterator[Run]:
    """Yield the runs of loops that the steps here belong to, inner ones first."""
    seen: set[int] = set()
    for step in window.steps:
        for run, _ in reversed(window.passes.at.get(step, ())):
            if id(run) not in seen:
                seen.add(id(run))
                yield run


def _passes(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    if phrase.name == "break":
        return _broken(window, slots)
    said = {"no-pass": 0, "after-one-pass": 1}.get(phrase.name)
    said = int(slots["count"].text) if said is None else said
    best: Finding | None = None
    last = window.steps[-1] if window.steps else -1
    for run in _runs(window):
        if window.whole or run.end in window or run.begin in window or last >= run.end:
            if run.passes == said:
                return Finding(True, (run.end,))
            best = best or Finding(False, (run.end,), f"{run.passes} passes", "count", str(run.passes))
    return best or _no("no loop ends here", *window.steps[-1:])


def _broken(window: Window, slots: Slots) -> Finding:
    said = tuple(map(int, slots["pass"].text.split(".")))
    best: Finding | None = None
    for run in _runs(window):
        path = (*run.path, run.passes)
        if run.end not in window and not window.whole:
            continue
        if path[-len(said) :] == said:
            return Finding(True, (run.end,))
        right = ".".join(map(str, path))
        best = best or Finding(False, (run.end,), f"pass {right}", "pass", right)
    return best or _no("no loop is left here", *window.steps[-1:])


def _stretches(window: Window, slots: Slots) -> bool:
    """Tell whether the steps here reach from the one pass that is named to the other."""
    first = tuple(map(int, slots["first"].text.split(".")))
    last = int(slots["last"].text.rpartition(".")[2])
    return any(
        (*run.path, first[-1])[-len(first) :] == first
        and bisect_right(run.starts, window.steps[0]) == first[-1]
        and bisect_right(run.starts, window.steps[-1]) == last
        for run in _runs(window)
    )


def _series(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    if "first" in slots and not _stretches(window, slots):
        return _no("these are other passes", *window.steps[:1])
    place = place_tree(slots["place"].text)
    said: list[object] = []
    for part in split_list(slots["series"]):
        said.append(ELIDED if part.text == "…" else Written(part).value)
    if phrase.name == "ends-at":
        return _left_at(window, slots, place, said)
    found: list[object] = []
    frame = window.index.steps[window.steps[0]].frame
    for step in window.steps:
        if window.index.steps[step].frame == frame:  # a called function may have a variable of that name
            found += _last_given(window, step, place)
    for candidate in (found, _collapsed(found)):
        if same(said, candidate, strict=True):
            return Finding(True, window.steps[:1])
    if same(_collapsed(said), _collapsed(found), strict=True):
        return Finding(True, window.steps[:1])
    return Finding(False, window.steps[:1], shown(found), "series", ", ".join(shown(v) for v in found[:12]))


def _last_given(window: Window, step: int, place: ast.expr) -> list[object]:
    return [v for _, v in Window(window.index, window.passes, (step,)).given(place)][-1:]


def _left_at(window: Window, slots: Slots, place: ast.expr, said: list[object]) -> Finding:
    """Compare what is said with the last value that each pass of a stretch gave a place."""
    frame = window.index.steps[window.steps[0]].frame
    first = int(slots["first"].text.rpartition(".")[2])
    depth = slots["first"].text.count(".")
    by_pass: dict[int, object] = {}
    for step in window.steps:
        if window.index.steps[step].frame == frame:
            for value in _last_given(window, step, place):
                path = window.passes.path(step)
                by_pass[path[depth] if len(path) > depth else first] = value
    found = [by_pass[number] for number in sorted(by_pass)]
    if same(said, found, strict=True):
        return Finding(True, window.steps[:1])
    return Finding(False, window.steps[:1], shown(found), "series", ", ".join(shown(v) for v in found[:12]))


def _stretch(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    if _stretches(window, slots):
        return Finding(True, window.steps[:1])
    return _no("these are other passes", *window.steps[:1])


def _collapsed(values: list[object]) -> list[object]:
    """Drop each value that equals the one before it: giving a variable the value it has leaves no trace."""
    return [v for n, v in enumerate(values) if n == 0 or not same(v, values[n - 1], strict=True)]


# --- changes of objects ---------------------------------------------------------------------------------------------------


def _change(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    place = place_tree(slots["place"].text)
    if phrase.name == "unset":
        return _unset(window, place)
    if phrase.name == "alias":
        return _any_effect(window, place)
    said = {name: _value(slots, name) for name in ("added", "removed", "after") if name in slots}
    count = int(slots["count"].text) if "count" in slots else None
    best: Finding | None = None
    for step, before, after in _around(window, place):
        if "after" in said and said["after"].same(after) is False:
            best = best or Finding(False, (step,), shown(after), "after", shown(after))
            continue
        if count is not None and (not hasattr(after, "__len__") or len(after) != count):
            best = best or Finding(
                False, (step,), shown(after), "count", str(len(after)) if hasattr(after, "__len__") else ""
            )
            continue
        finding = _changed_so(
            phrase, said, step, before, after, int(slots["index"].text) if "index" in slots else 0
        )
        if finding.holds:
            return finding
        best = best if best is not None and best.slot and not finding.slot else finding
    return best or _no(f"{ast.unparse(place)} does not change here", *window.steps[:1])


def _around(window: Window, place: ast.expr) -> Iterator[tuple[int, object, object]]:
    """Yield (step, before, after) for a place over each step, and over each change within one."""
    for step in window.steps:
        for frame in window.seen_from(step):
            values: list[object] = []
            for moment in window.index.moments(step):
                try:
                    values.append(evaluate(place, window.index.names(frame, moment)))
                except UnknownError:
                    continue
            for before, after in zip(values, values[1:], strict=False):
                yield step, before, after
            if len(values) > 2:
                yield step, values[0], values[-1]


def _changed_so(
    phrase: Phrase, said: dict[str, Written], step: int, before: object, after: object, index: int
) -> Finding:
    """Tell whether the difference between two values is the change that a phrase tells."""
    name = phrase.name.removesuffix("-now")
    if name == "unchanged":
        alike = same(before, after, strict=True)
        return Finding(alike, (step,), shown(after))
    if isinstance(before, Thing) or isinstance(after, Thing):
        return Finding(None, (step,), "only a part of it was recorded")
    if same(before, after, strict=True) and name in ("changed", "changed-length", "append", "add", "removed"):
        return _no("it stays as it is", step)
    if name == "insert":
        return _inserted(said["added"], index, step, before, after)
    if name in ("append", "add"):
        return _grew(said["added"], step, before, after, at_end=name == "append")
    if name in ("removed", "removed-key"):
        return _shrank(said["removed"], step, before, after, key=name == "removed-key")
    return Finding(True, (step,), shown(after))


def _inserted(added: Written, index: int, step: int, before: object, after: object) -> Finding:
    if not isinstance(before, (list, deque)) or not isinstance(after, (list, deque)):
        return _no("it is no list", step)
    new = list(after)
    if len(new) != len(before) + 1 or index >= len(new):
        return _no(shown(after), step)
    right = same(list(before), new[:index] + new[index + 1 :], strict=True)
    if right and added.same(new[index]):
        return Finding(True, (step,), shown(after))
    return Finding(
        False, (step,), shown(after), "added" if right else "index", shown(new[index]) if right else ""
    )


def _grew(added: Written, step: int, before: object, after: object, *, at_end: bool) -> Finding:
    if isinstance(before, (list, tuple, deque)) and isinstance(after, (list, tuple, deque)):
        old, new = list(before), list(after)
        if len(new) <= len(old):
            return _no("nothing is added", step)
        extra = new[len(old) :]
        if same(old, new[: len(old)], strict=True) is not False and any(
            added.same(v) is not False for v in extra
        ):
            return Finding(True, (step,), shown(after))
        if not at_end and any(added.same(v) for v in new) and len(new) == len(old) + 1:
            return Finding(True, (step,), shown(after))
        return Finding(False, (step,), shown(extra[0]), "added", shown(extra[0]))
    if isinstance(before, (set, frozenset, dict)) and isinstance(after, (set, frozenset, dict)):
        fresh = [v for v in after if v not in before]
        if any(added.same(v) is not False for v in fresh):
            return Finding(True, (step,), shown(after))
        return Finding(
            False, (step,), shown(fresh[0]) if fresh else "nothing", "added", shown(fresh[0]) if fresh else ""
        )
    return _no("it is no container that grows", step)


def _shrank(removed: Written, step: int, before: object, after: object, *, key: bool) -> Finding:
    if isinstance(before, (list, tuple, deque)) and isinstance(after, (list, tuple, deque)):
        old, new = list(before), list(after)
        for place, value in enumerate(old):
            if (
                removed.same(value) is not False
                and same(old[:place] + old[place + 1 :], new, strict=True) is not False
            ):
                return Finding(True, (step,), shown(after))
        gone = [v for v in old if not any(same(v, w, strict=True) for w in new)]
        if any(removed.same(v) for v in gone):
            return Finding(True, (step,), shown(after))
        return Finding(
            False,
            (step,),
            shown(gone[0]) if gone else shown(after),
            "removed",
            shown(gone[0]) if gone else "",
        )
    if isinstance(before, (set, frozenset, dict)) and isinstance(after, (set, frozenset, dict)):
        gone = [v for v in before if v not in after]
        values = [before[k] for k in gone] if isinstance(before, dict) and not key else []
        if any(removed.same(v) is not False for v in [*gone, *values]):
            return Finding(True, (step,), shown(after))
        return Finding(
            False, (step,), shown(gone[0]) if gone else "nothing", "removed", shown(gone[0]) if gone else ""
        )
    return _no("it is no container that shrinks", step)


def _unset(window: Window, place: ast.expr) -> Finding:
    for step in window.steps:
        frame, moment = window.index.steps[step].frame, window.index.after(step)
        if window.raw(place, frame, step) is not None and window.raw(place, frame, moment) is None:
            return Finding(True, (step,))
        if any(
            getattr(e.delta, "name", "") == ast.unparse(place) and not hasattr(e.delta, "value")
            for e in window.effects(step)
        ):
            return Finding(True, (step,))
    return _no(f"{ast.unparse(place)} is not deleted here", *window.steps[:1])


def _any_effect(window: Window, place: ast.expr) -> Finding:
    for step, before, after in _around(window, place):
        if not same(before, after, strict=True):
            return Finding(True, (step,), shown(after))
    return _no(f"{ast.unparse(place)} does not change here", *window.steps[:1])


# --- calls ----------------------------------------------------------------------------------------------------------------


def _call(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    callee = slots["callee"].text
    said = _bindings(slots["bindings"]) if "bindings" in slots else []
    best: Finding | None = None
    for frame in window.called(callee):
        finding = _parameters(window, frame, said)
        if finding.holds:
            return finding
        best = finding
    return best or _no(f"{callee} is not called here", *window.steps[:1])


def _parameters(window: Window, frame: Frame, said: list[tuple[ast.expr, Written]]) -> Finding:
    """All that is said must be parameters, each once, and all parameters must be said if any is."""
    given = window.index.parameters(frame)
    names = [root_of(place) for place, _ in said]
    if len({ast.unparse(place) for place, _ in said}) < len(said):
        return _no("a parameter is told twice", frame.start)
    missing = next((name for name in names if name not in given), None)
    if missing is not None:
        return _no(f"{missing} is no parameter", frame.start)
    finding = _every(
        _among(value, _at(place, window, frame), "bindings", f"{ast.unparse(place)} is no parameter")
        for place, value in said
    )
    return finding if said else Finding(True, (frame.start,))


def _at(place: ast.expr, window: Window, frame: Frame) -> Iterator[tuple[int, object]]:
    try:
        yield frame.start, evaluate(place, window.index.names(frame.id, frame.start))
    except UnknownError:
        return


def _return(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    callee = slots["callee"].text
    checks: list[Finding] = []
    if "working" in slots:
        trees, _ = _worked(slots["working"])
        result = Written(Slot("value", sides(slots["working"].text)[-1], 0, 0))
        checks = [_arithmetic(trees), _happened(window, trees)]
    else:
        result = _value(slots, "result")
    said = _bindings(slots["bindings"]) if "bindings" in slots else []
    best: Finding | None = None
    for frame in window.ended(callee):
        ending = window.index.ending(frame)
        if ending is None or ending.event is not EventKind.RETURN:
            continue
        found = window.index.step_value(ending.index)
        alike = result.same(found)
        finding = Finding(
            alike,
            (ending.index,),
            shown(found),
            "" if alike else "working" if "working" in slots else "result",
            shown(found),
        )
        if "source" in slots:
            finding = _every([finding, _returned_from(window, slots["source"], result, frame, ending.index)])
        finding = _every([finding, _parameters(window, frame, said), *checks])
        if finding.holds:
            return finding
        best = best or finding
    return best or _no(f"no call of {callee} ends here with a value", *window.steps[:1])


def _returned_from(window: Window, slot: Slot, result: Written, frame: Frame, ending: int) -> Finding:
    """The place that is said to be returned must be named by the line that returned, and hold the result."""
    place = place_tree(slot.text)
    before = window.index.trace.previous_in_frame(ending)
    line = ending if before is None else before
    if not window.mentions(line, root_of(place)):
        return _no(f"the line that returns does not use {root_of(place)}", line)
    return _among(
        result, Window(window.index, window.passes, (line, ending)).read(place), "result", "it has no value"
    )


def _yield(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    callee = slots["callee"].text
    kinds = {"yield": (EventKind.YIELD,), "resume": (EventKind.RESUME, EventKind.START)}.get(
        phrase.name, (EventKind.RETURN, EventKind.UNWIND)
    )
    best: Finding | None = None
    for step in _near(window):
        frame = window.index.frame(window.index.steps[step].frame)
        if window.index.steps[step].event not in kinds or callee not in (
            frame.name,
            frame.name.rpartition(".")[2],
        ):
            continue
        if "result" not in slots:
            return Finding(True, (step,))
        found = window.index.step_value(step)
        alike = _value(slots, "result").same(found)
        if alike:
            return Finding(True, (step,), shown(found))
        best = best or Finding(alike, (step,), shown(found), "result", shown(found))
    return best or _no(f"{callee} does not do so here", *window.steps[:1])


def _near(window: Window) -> Iterator[int]:
    """Yield the steps here, and the events in their frames up to the next line: what a line brought about."""
    for step in window.steps:
        yield step
        following = window.index.trace.next_in_frame(step)
        while following is not None and window.index.steps[following].event not in (
            EventKind.LINE,
            EventKind.START,
        ):
            if following not in window:
                yield following
            following = window.index.trace.next_in_frame(following)


# --- exceptions, output, and the rest -----------------------------------------------------------------------------------


def _raise(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    best: Finding | None = None
    for step in _near(window):
        if window.index.steps[step].event not in (EventKind.RAISE, EventKind.UNWIND):
            continue
        kind, message = exception_at(window, step)
        if kind.rpartition(".")[2] != slots["type"].text.rpartition(".")[2]:
            best = best or Finding(False, (step,), kind, "type", kind)
            continue
        if "message" not in slots:
            return Finding(True, (step,), kind)
        alike = _value(slots, "message").same(message) if message is not None else None
        if alike:
            return Finding(True, (step,), kind)
        best = Finding(alike, (step,), repr(message), "message", repr(message))
    return best or _no("no exception is raised here", *window.steps[:1])


def exception_at(window: Window, step: int) -> tuple[str, str | None]:
    """Return an exception's type and its message, None where that is not known."""
    found = window.index.step_value(step)
    if not isinstance(found, Thing):
        return type(found).__name__, None
    outcome = window.index.trace.outcome
    if outcome.value is not None and outcome.value == window.index.steps[step].value:
        return found.type, outcome.message
    args = found.attributes.get("args")
    if isinstance(args, tuple):
        return found.type, str(args[0]) if len(args) == 1 and isinstance(args[0], (str, int, float)) else None
    return found.type, found.text or None


def _handle(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    for step in range(window.index.end):
        if window.index.steps[step].event is not EventKind.RAISE:
            continue
        handled = window.index.trace.handled_at(step)
        if handled is not None and (
            step in window or handled in window or window.index.trace.previous_in_frame(step) in window
        ):
            kind, _ = exception_at(window, step)
            if kind.rpartition(".")[2] == slots["type"].text.rpartition(".")[2]:
                return Finding(True, (handled,), kind)
    return _no(f"no {slots['type'].text} is caught here", *window.steps[:1])


def _unwind(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    for frame in window.ended(slots["callee"].text):
        ending = window.index.ending(frame)
        if ending is not None and ending.event is EventKind.UNWIND:
            kind, _ = exception_at(window, ending.index)
            if kind.rpartition(".")[2] == slots["type"].text.rpartition(".")[2]:
                return Finding(True, (ending.index,), kind)
            return Finding(False, (ending.index,), kind, "type", kind)
    return _no(f"{slots['callee'].text} does not end so here", *window.steps[:1])


def _output(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    said = _value(slots, "text")
    best: Finding | None = None
    pieces: list[str] = []
    written_here = [o for step in window.index.steps for o in step.output if o.step in window]
    for output in written_here:
        pieces.append(output.text)
        for text in (output.text, "".join(pieces)):
            for candidate in (text, text.removesuffix("\n")):
                if said.same(candidate):
                    return Finding(True, (output.step,), repr(text))
        best = best or Finding(
            False, (output.step,), repr(output.text), "text", repr(output.text.removesuffix("\n"))
        )
    return best or _no("nothing is printed here", *window.steps[:1])


def _match(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    for step, value in window.operand(slots["operand"].text):
        if _came_to(window, step, value) or any(same(value, v, strict=True) for v in _subjects(window, step)):
            return Finding(True, (step,))
    return _no(f"{slots['operand'].text} is not matched here", *window.steps[:1])


def _subjects(window: Window, step: int) -> Iterator[object]:
    for statement in window.index.statements(step):
        if isinstance(statement, ast.Match):
            yield from window.node_values(statement.subject, step)


def _define(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    names = [s.text for s in split_list(slots["names"])] if "names" in slots else [slots["name"].text]
    stored = {name for step in window.steps for name in window.index.stores(step)}
    missing = [name for name in names if name.partition(".")[0] not in stored]
    return (
        Finding(True, window.steps[:1])
        if not missing
        else _no(f"{missing[0]} is not defined here", *window.steps[:1])
    )


def answer(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    """The run's outcome, whatever the steps."""
    outcome = window.index.trace.outcome
    if phrase.name.startswith("answer-raised"):
        if outcome.kind != "raised":
            return _no(f"the run {outcome.kind}")
        if outcome.exception.rpartition(".")[2] != slots["type"].text.rpartition(".")[2]:
            return Finding(False, (), outcome.exception, "type", outcome.exception)
        if "message" in slots and not _value(slots, "message").same(outcome.message):
            return Finding(False, (), repr(outcome.message), "message", repr(outcome.message))
        return (
            Finding(True, (), outcome.exception)
            if "message" in slots or not outcome.message
            else _no("it has a message")
        )
    if phrase.name == "answer-output":
        text = window.index.trace.stdout
        said = _value(slots, "text")
        right = said.same(text) or said.same(text.removesuffix("\n"))
        return Finding(bool(right), (), repr(text), "" if right else "text", repr(text))
    if phrase.name == "answer-nothing":
        shows = outcome.kind != "returned" or outcome.value is not None
        return _no("there is a result") if shows else Finding(True)
    if outcome.kind != "returned" or outcome.value is None:
        return _no(f"the run gave no value: {outcome.kind}")
    found = window.index.outcome_value
    finding = _among(_value(slots, "value"), [(window.index.end, found)], "value", "no value")
    if "bindings" not in slots or not finding.holds:
        return finding
    return _every(
        [finding, *(_attribute(found, place, value) for place, value in _bindings(slots["bindings"]))]
    )


def _attribute(found: object, place: ast.expr, value: Written) -> Finding:
    if not isinstance(found, Thing):
        return _no("it has no attributes")
    name = ast.unparse(place)
    if name not in found.attributes:
        return _no(f"it has no {name}")
    right = value.same(found.attributes[name])
    return Finding(right, (), shown(found.attributes[name]), "" if right else "bindings", "")


def _stop(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    trace = window.index.trace
    ended = trace.outcome.kind in ("returned", "raised") and not trace.truncated
    return _no("the recording is whole") if ended else Finding(True, ())


PREDICATES: Final[dict[str, Predicate]] = {
    "begin": _read,
    "set": _set,
    "read": _read,
    "work": _work,
    "apply": _apply,
    "true": _tested,
    "false": _tested,
    "pass": _pass,
    "over": _over,
    "same": _same_way,
    "series": _series,
    "stretch": _stretch,
    "passes": _passes,
    "change": _change,
    "call": _call,
    "return": _return,
    "yield": _yield,
    "raise": _raise,
    "handle": _handle,
    "unwind": _unwind,
    "output": _output,
    "match": _match,
    "define": _define,
    "answer": answer,
    "stop": _stop,
}
