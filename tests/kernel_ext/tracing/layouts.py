"""Layouts of programs: the ways from line to line in their code, and the same program laid out at random."""

import dis
import io
import tokenize
from itertools import pairwise

_JUMPS = frozenset(dis.hasjrel) | frozenset(dis.hasjabs)
_LAST = {
    "RETURN_VALUE", "RETURN_CONST", "RERAISE", "RAISE_VARARGS", "JUMP_FORWARD", "JUMP_BACKWARD",
    "JUMP_BACKWARD_NO_INTERRUPT",
}  # fmt: skip


def line_transitions(code):
    """Return every pair of different lines whose instructions can run one after the other."""
    instructions = list(dis.get_instructions(code))
    lines = {o: line for start, end, line in code.co_lines() for o in range(start, end, 2)}
    place = {instruction.offset: i for i, instruction in enumerate(instructions)}
    following = [_following(i, instructions, place) for i in range(len(instructions))]
    found = set()
    for i, instruction in enumerate(instructions):
        line = lines.get(instruction.offset)
        if line is not None:
            found.update((line, next_line) for next_line in _next_lines(i, instructions, following, lines))
    return {(line, next_line) for line, next_line in found if line != next_line}


def _following(i, instructions, place):
    instruction = instructions[i]
    found = []
    if instruction.opname not in _LAST and i + 1 < len(instructions):
        found.append(i + 1)
    if instruction.opcode in _JUMPS and instruction.argval in place:
        found.append(place[instruction.argval])
    return found


def _next_lines(i, instructions, following, lines):
    """Yield the lines that come after instruction `i`, passing over instructions that have none."""
    waiting, seen = list(following[i]), set()
    while waiting:
        j = waiting.pop()
        line = lines.get(instructions[j].offset)
        if line is not None:
            yield line
        elif j not in seen:
            seen.add(j)
            waiting.extend(following[j])


_NO_BREAK = {tokenize.NL, tokenize.NEWLINE, tokenize.COMMENT, tokenize.ENDMARKER}


def scattered(source, chance, generator):
    """Return `source` with line breaks put in at random wherever brackets allow them."""
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    depth, breaks = 0, {}
    for token, following in pairwise(tokens):
        depth += _nesting(token)
        if depth > 0 and following.type not in _NO_BREAK and generator.random() < chance:
            line, column = token.end
            breaks.setdefault(line, []).append((column, "\n" + " " * generator.randrange(8)))
    return "".join(
        _broken(line, breaks.get(number, ()))
        for number, line in enumerate(source.splitlines(keepends=True), 1)
    )


def _nesting(token):
    """Return by how much `token` changes the depth of brackets; an f-string counts as one that can't be broken."""
    kind = tokenize.tok_name[token.type]
    if kind in ("FSTRING_START", "FSTRING_END"):
        return -1_000 if kind == "FSTRING_START" else 1_000
    if token.type != tokenize.OP or len(token.string) != 1:
        return 0
    return (token.string in "([{") - (token.string in ")]}")


def _broken(line, breaks):
    parts, begun = [], 0
    for column, text in breaks:
        parts += [line[begun:column], text]
        begun = column
    return "".join([*parts, line[begun:]])
