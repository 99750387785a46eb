"""What a record asks, in words and as an expression, and the answer to it.

==========================  ================================  =================================
what ran                    call of the record                answer
==========================  ================================  =================================
a call                      the call                          the repr of what it returned
a cell                      none                              what it displayed, else printed
a script                    none                              what it printed
any, and `answer` a name    the name                          the repr of its value at the end
==========================  ================================  =================================

What ended with an exception has its type and message for an answer, whatever ran. The question "which input gives
this?" turns a call round: the arguments become a hole in a condition, and the answer. Of code without a call it asks
for the values of the names that it reads.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cotrace.dataset import standard_input
from cotrace.dataset.calling import Call, is_whole_text, outermost
from cotrace.dataset.names import parsed_expression
from cotrace.formats.values import exact, show

if TYPE_CHECKING:
    from cotrace.dataset.selfcontained import Program
    from cotrace.model.record import QuestionKind
    from cotrace.model.state import Value
    from cotrace.model.trace import Trace

HOLE = "??"
ADDRESS = re.compile(r" at 0x[0-9A-Fa-f]{6,}>")


@dataclass
class Asked:
    """The expression that a record evaluates, and its answer."""

    call: str = ""
    answer: str = ""
    missing: list[str] = field(default_factory=list)
    """Why the answer, or the question, can't be had; in words."""

    statement: str = ""
    """What runs before: the recorded call, where the answer is a name's value after it."""


def asked(trace: Trace, call: Call, name: str = "") -> Asked:
    """Return what a recording answers; `name` is the variable that holds the answer."""
    found = _asked(trace, call, name)
    if ADDRESS.search(found.answer):
        found.missing.append("the answer holds an address in memory, which is another in each run")
    return found


def _asked(trace: Trace, call: Call, name: str) -> Asked:
    kind = trace.outcome.kind
    if trace.truncated:
        return Asked(call.text, "", [f"not all of the run is recorded: {trace.truncated}"])
    if kind == "raised" or (kind == "exited" and trace.outcome.message not in ("", "0", "None")):
        return Asked(call.text, _exception(trace))
    if kind not in ("returned", "exited"):
        return Asked("", "", [f"the run did not come to its end: {trace.outcome.message or kind}"])
    if name:
        return _named(trace, call, name)
    if is_whole_text(outermost(trace)) or kind == "exited":
        return _shown(trace, call)
    value = trace.outcome.value
    if value is None:
        return Asked(call.text, "", ["what it returned is not in the recording"])
    text, missing = _written(trace, value, "what it returned")
    return Asked(call.text, text, missing)


def _exception(trace: Trace) -> str:
    kind = trace.outcome.exception.rpartition(".")[2]
    return f"{kind}: {trace.outcome.message}" if trace.outcome.message else kind


def _shown(trace: Trace, call: Call) -> Asked:
    """What a cell or script shows: its displayed value, else what it prints."""
    value = trace.outcome.value if trace.outcome.kind == "returned" else None
    text, missing = ("None", []) if value is None else _written(trace, value, "what it displays")
    if text != "None":
        return Asked(call.text, text, missing)
    if any(out.cut for out in trace.outputs):
        return Asked(call.text, "", ["what it printed was cut"])
    printed = trace.stdout.rstrip("\n")
    if not printed.strip():
        missing = ["nothing was displayed or printed: name the variable that holds the answer"]
    return Asked(call.text, printed, missing)


def _named(trace: Trace, call: Call, name: str) -> Asked:
    """The value of a variable at the end."""
    main, end = outermost(trace), trace.snapshot(len(trace.steps))
    owners = [main.globals, main.id] if main is not None else []
    value = next((end.frames[f][name] for f in owners if name in end.frames.get(f, {})), None)
    if value is None:
        return Asked(name, "", [f"{name} is no variable that is there when all has run: name another"])
    text, missing = _written(trace, value, name)
    return Asked(name, text, missing, statement=call.text)


def _written(trace: Trace, value: Value, what: str) -> tuple[str, list[str]]:
    heap = trace.snapshot(len(trace.steps)).heap
    text = exact(value, heap)
    if text is not None:
        return text, []
    return "", [f"{what} is {show(value, heap)}, which can't be written down exactly"]


def turned_round(trace: Trace, found: Asked, program: Program) -> Asked:
    """Return the question which input gives this, as a condition and what makes it true."""
    call = parsed_expression(found.call)
    if found.missing:
        return found
    if trace.outcome.kind != "returned":
        return Asked(found.call, found.answer, ["only what returned can be asked for its input"])
    if isinstance(call, ast.Call) and (call.args or call.keywords):
        function = _segment(found.call, call.func)
        arguments = found.call.strip()[len(function) :].strip()[1:-1].strip().removesuffix(",")
        return Asked(f"{function}({HOLE}) == {found.answer}", arguments)
    given = [f"{name} = {text}" for name, text in sorted(program.input.items()) if name.isidentifier()]
    if isinstance(call, ast.Name) and given:
        return Asked(f"{found.call} == {found.answer}", "\n".join(given), statement=found.statement)
    return Asked(
        found.call,
        found.answer,
        [
            "only a call with arguments, or a cell's variable and the names it reads, can be asked for the input"
        ],
    )


def _segment(text: str, node: ast.expr) -> str:
    return ast.get_source_segment(text.strip(), node) or ast.unparse(node)


# --- in words -----------------------------------------------------------------------------------------------------


def question_of(kind: QuestionKind, found: Asked, program: Program) -> str:
    """Return the question in words, with the code it is about."""
    return f"{_sentence(kind, found, program)}\n\n{_code(kind, program)}"


def _sentence(kind: QuestionKind, found: Asked, program: Program) -> str:
    if kind == "input" and HOLE in found.call:
        return f"What can stand in place of `{HOLE}`, so that {_inline(found.call)} is true?"
    if kind == "input" and " == " in found.call:
        names = [_inline(name) for name in sorted(program.input) if name.isidentifier()]
        listed = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
        return f"For which {listed} before this code runs is {_inline(found.call)} true after it?"
    if found.call.isidentifier():
        return f"What is the value of {_inline(found.call)} after this code has run?"
    if found.call:
        return f"What does {_inline(found.call)} return or raise?"
    if program.function:
        return f"What does {_inline(f'{program.function}(…)')} return or raise?"
    return "What does this code show when it is run?"


def _code(kind: QuestionKind, program: Program) -> str:
    blocks = [f"Module `{module.name}`:\n\n{_fenced(module.text)}" for module in program.modules]
    given = "".join(
        f"{name} = {value}\n"
        for name, value in sorted(program.input.items())
        if name != standard_input.NAME and kind != "input"
    )
    blocks.append(_fenced(f"{given}\n{program.main}" if given else program.main))
    if program.modules:
        blocks[-1] = f"The main program:\n\n{blocks[-1]}"
    text = program.input.get(standard_input.NAME)
    if text is not None:
        blocks.append(f"Its standard input:\n\n{_fenced(ast.literal_eval(text), '')}")
    return "\n\n".join(blocks)


def _fenced(text: str, language: str = "python") -> str:
    """Return a text as a block of Markdown, with a fence that does not occur in it."""
    fence = _ticks(text, 3)
    return f"{fence}{language}\n{text.strip(chr(10))}\n{fence}"


def _inline(text: str) -> str:
    ticks = _ticks(text, 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{space}{text}{space}{ticks}"


def _ticks(text: str, least: int) -> str:
    longest = max(map(len, re.findall("`+", text)), default=0)
    return "`" * (max(least, longest + 1) if longest >= least else least)
