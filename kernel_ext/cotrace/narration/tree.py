"""The shape of a run: calls within calls, loops with their passes, and the facts at the leaves in order of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from cotrace.narration.facts import Fact
from cotrace.narration.reading import Moment, Reading

Child: TypeAlias = "Node | Leaf"


@dataclass(slots=True)
class Leaf:
    """A fact in its place."""

    fact: Fact
    line: int


@dataclass(slots=True)
class Node:
    """A part of the run that holds others."""

    kind: Literal["run", "call", "loop", "pass"]
    frame: int
    label: str = ""
    """Of a pass, its number: 2.1 for pass 1 of the inner loop in pass 2 of the outer."""

    children: list[Child] = field(default_factory=list)
    begin: int = -1
    """Its first step, and ..."""

    end: int = -1
    """... its last: of a call the step that ended the frame, or handed out a value."""

    def facts(self) -> Iterator[Fact]:
        """Yield every fact in this part, in order."""
        for child in self.children:
            if isinstance(child, Leaf):
                yield child.fact
            else:
                yield from child.facts()

    def passes(self) -> list[Node]:
        """Return a loop's passes."""
        return [child for child in self.children if isinstance(child, Node) and child.kind == "pass"]

    def pattern(self) -> tuple[object, ...]:
        """Return what a pass did, apart from values: passes with equal patterns go the same way."""
        found: list[object] = []
        for child in self.children:
            if isinstance(child, Node):
                found.append((child.kind, child.frame if child.kind == "loop" else 0))
            else:
                test = child.fact.kind == "test"
                found.append((child.line, child.fact.phrase if test else child.fact.kind))
        return tuple(found)

    def is_flat(self) -> bool:
        """Tell whether nothing but facts is inside."""
        return all(isinstance(child, Leaf) for child in self.children)


def grow(reading: Reading) -> Node:
    """Return the whole run as a tree."""
    return _Grower(reading).root


class _Grower:
    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.root = Node("run", -1)
        self.open: dict[int, list[Node]] = {}
        self.running: list[int] = []
        for moment in reading.moments:
            self.take(moment)
        for stack in self.open.values():
            for node in stack:
                if node.end < 0:  # the recording ended before it did
                    node.end = len(reading.trace.steps) - 1

    def take(self, moment: Moment) -> None:
        if moment.what == "begin":
            self.begin(moment.frame, moment.at - 1)
        elif moment.what == "end":
            for node in self.open.get(moment.frame, []):
                node.end = moment.at - 1
            if moment.frame in self.running:
                del self.running[self.running.index(moment.frame) :]
        elif moment.what == "fact" and moment.fact is not None:
            self.top(moment.frame).children.append(Leaf(moment.fact, moment.line))
        elif self.reading.trace.frames[moment.frame].kind in ("function", "module", "block", "class"):
            self.loop(moment)

    def top(self, frame: int) -> Node:
        stack = self.open.get(frame)
        return stack[-1] if stack else self.root

    def begin(self, frame: int, step: int) -> None:
        node = Node("call", frame, begin=step)
        outer = self.top(self.running[-1]) if self.running else self.root
        outer.children.append(node)
        self.open[frame] = [node]
        self.running.append(frame)

    def loop(self, moment: Moment) -> None:
        stack = self.open.setdefault(moment.frame, [self.root])
        if moment.what == "loop":
            if stack[-1].kind == "loop":
                stack.pop()  # cannot be: a loop begins in a pass or a body
            node = Node("loop", moment.frame, begin=moment.step)
            stack[-1].children.append(node)
            stack.append(node)
        elif moment.what == "pass":
            if stack[-1].kind == "pass":
                self.over(stack, moment.step)
            node = Node("pass", moment.frame, self.label(stack, moment.number), begin=moment.step)
            stack[-1].children.append(node)
            stack.append(node)
        else:
            if stack[-1].kind == "pass":
                self.over(stack, moment.step)
            if stack[-1].kind == "loop":
                stack.pop().end = moment.step - 1

    def over(self, stack: list[Node], step: int) -> None:
        """End a pass at the step before the loop's head: what ran after that belongs to the loop itself."""
        ended = stack.pop()
        ended.end = step - 1
        late = (n for n, child in enumerate(ended.children) if isinstance(child, Node) and child.begin > step)
        first = next(late, len(ended.children))
        stack[-1].children += ended.children[first:]
        del ended.children[first:]

    def label(self, stack: list[Node], number: int) -> str:
        outer = next((node.label for node in reversed(stack) if node.kind == "pass"), "")
        return f"{outer}.{number}" if outer else str(number)
