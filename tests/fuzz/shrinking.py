"""Makes a program that shows a fault small: leaves out line after line as long as the fault still shows."""


def shrunk(source, shows):
    """Return a small program for which `shows(text)` is still true, as it is for `source`."""
    lines = [line for line in source.splitlines() if line.strip()]
    if not _shows(lines, shows):
        return source
    size = len(lines) + 1
    while len(lines) < size:
        size = len(lines)
        for change in (_without, _unwrapped):
            lines = _pass(lines, change, shows)
    return "\n".join(lines) + "\n"


def _pass(lines, change, shows):
    """Try `change` at every place, over long stretches first."""
    length = max(1, len(lines) // 2)
    while length:
        place = 0
        while place < len(lines):
            fewer = change(lines, place, length)
            if fewer is not None and len(fewer) < len(lines) and _shows(fewer, shows):
                lines = fewer
            else:
                place += 1 if change is _unwrapped else max(1, length // 2)
        length //= 2
    return lines


def _without(lines, place, length):
    """Leave out a stretch; of a compound statement that begins in it, all of it."""
    end = min(place + length, len(lines))
    depth = _depth(lines[place])
    while end < len(lines) and _depth(lines[end]) > depth:
        end += 1
    return lines[:place] + lines[end:]


def _unwrapped(lines, place, length):
    """Put a compound statement's first block in the place of the whole, with the clauses after it left out."""
    if length > 1 or not lines[place].rstrip().endswith(":"):
        return None
    depth = _depth(lines[place])
    end = place + 1
    while end < len(lines) and _depth(lines[end]) > depth:
        end += 1
    after = end
    while after < len(lines) and lines[after].lstrip().startswith(("except", "finally", "else", "elif")):
        after += 1
        while after < len(lines) and _depth(lines[after]) > depth:
            after += 1
    return lines[:place] + [line[4:] for line in lines[place + 1 : end]] + lines[after:]


def _depth(line):
    return len(line) - len(line.lstrip())


def _shows(lines, shows):
    text = "\n".join(lines) + "\n"
    try:
        compile(text, "<program>", "exec")
    except (SyntaxError, ValueError):
        return False
    return shows(text)
