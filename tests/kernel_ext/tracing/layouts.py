"""From which line to which the control of a code object can go: the line events that it can make."""

import dis

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
