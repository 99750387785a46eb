"""What is told, and how finely: the tree of a run becomes a list of things to say, each a sentence.

Constants that start a stretch are told together. A loop of a few passes is told pass by pass; of a longer one the
first two passes, those where the branches change and the last, and for what lies between the values that its
variables took. A function is followed into its calls a few times, and then only its result is told. The `Detail`
says how much of this; a narration takes the finest one whose text keeps within the style's length.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from cotrace.grounding.phrases import PHRASES
from cotrace.narration.facts import Fact
from cotrace.narration.scene import Scene, listed
from cotrace.narration.tree import Child, Leaf, Node


@dataclass(frozen=True, slots=True)
class Detail:
    """How finely a run is told."""

    passes: int
    """A loop of up to this many passes is told pass by pass."""

    first: int = 2
    """Of a longer loop, this many passes at its beginning."""

    changes: int = 3
    """Of a longer loop, at most this many passes where the branches change."""

    calls: int = 3
    """A function is followed into this many of its calls."""

    deep: int = 6
    """Calls are followed this many deep."""

    nested: int = 6
    """A loop within a loop is told pass by pass up to this many passes."""

    kinds: frozenset[str] = frozenset()
    """The kinds of fact that are left out."""

    series: int = 2
    """For how many variables the values in the untold passes are given."""


JOINT = frozenset(phrase.name for phrase in PHRASES if phrase.parts)
"""The phrases that tell what a function gave and what became of it."""

DETAILS = {
    "full": (Detail(passes=1_000_000, calls=1_000_000, deep=1_000, nested=1_000_000),),
    "normal": (
        Detail(passes=6),
        Detail(passes=6, nested=4, calls=2),
        Detail(passes=6, nested=3, changes=2, calls=2),
        Detail(passes=6, nested=2, changes=2, calls=1, deep=4),
        Detail(passes=4, nested=2, changes=1, calls=1, deep=4),
        Detail(passes=3, first=1, nested=2, changes=1, calls=1, deep=3, series=1),
        Detail(passes=2, first=1, nested=1, changes=0, calls=1, deep=2, series=1),
        Detail(
            passes=2, first=1, nested=0, changes=0, calls=0, deep=2, series=1, kinds=frozenset({"detail"})
        ),
    ),
    "brief": (
        Detail(passes=2, first=1, nested=0, changes=0, calls=0, deep=1, kinds=frozenset({"detail", "test"})),
    ),
}
"""For each style, from the finest detail to the coarsest."""

LENGTH = {"full": 10_000_000, "normal": 2_400, "brief": 1_000}
"""How many characters a narration of each style should keep within."""

ROW = 3
"""Of calls that follow one another in one statement, this many are told, and then their results."""

CLAUSES = 6
"""At most this many facts stand in one sentence ..."""

CHARACTERS = 260
"""... and about this many characters."""


@dataclass(slots=True)
class Saying:
    """One sentence to be."""

    facts: list[Fact] = field(default_factory=list)
    label: str = ""
    """The number of the pass it begins, if it does."""

    opens: bool = False
    """True if it begins a paragraph."""

    more: tuple[int, ...] = ()
    """Steps that it points at beside those of its facts."""


def plan(root: Node, detail: Detail, scene: Scene) -> list[Saying]:
    """Return what to say of a run at one level of detail."""
    return list(_Planner(detail, scene).block(root, deep=0))


class _Planner:
    def __init__(self, detail: Detail, scene: Scene) -> None:
        self.detail = detail
        self.scene = scene
        self.called: dict[str, int] = {}

    def block(self, node: Node, deep: int, label: str = "") -> Iterator[Saying]:
        """Tell a run, a call's body or a pass: runs of facts become sentences, the rest is told in place."""
        waiting: list[Leaf] = []
        for child in self.grouped(node.children):
            if isinstance(child, Leaf):
                if child.fact.kind not in self.detail.kinds:
                    waiting.append(child)
                continue
            inner = child if isinstance(child, list) else list(self.inside(child, deep))
            if inner:
                told = list(self.sentences(waiting, label))
                is_loop = isinstance(child, Node) and child.kind == "loop" and node.kind != "pass"
                inner[0].opens = is_loop and deep <= 1
                if label and not told and not inner[0].label:
                    inner[0].label = label
                yield from _entered([*told, *inner], node if label else None)
                label, waiting = "", []
        yield from _entered(list(self.sentences(waiting, label)), node if label else None)

    def inside(self, node: Node, deep: int) -> Iterator[Saying]:
        """Tell a loop or a call."""
        return self.loop(node, deep) if node.kind == "loop" else self.call(node, deep)

    def grouped(self, children: list[Child]) -> Iterator[Child | list[Saying]]:
        """Yield the children; of many calls in a row only the first, and one saying for the others."""
        row: list[Node] = []
        for child in [*children, None]:
            if row and (not isinstance(child, Node) or _callee(child) != _callee(row[0])):
                yield from self.row(row)
                row = []
            if isinstance(child, Node) and _callee(child):
                row.append(child)
            elif child is not None:
                yield child

    def row(self, calls: list[Node]) -> Iterator[Child | list[Saying]]:
        """Tell calls of one function that follow one another."""
        results = [_result(one) for one in calls]
        most = len(calls) if not all(results) else ROW
        if len(calls) <= most + 1 or self.detail.calls > ROW * len(calls):
            yield from calls
            return
        yield from calls[:most]
        steps = tuple(range(calls[most].begin, calls[-1].end + 1))
        slots = {
            "callee": _callee(calls[0]),
            "count": str(len(calls) - most),
            "series": _series(results[most:]),
        }
        yield [Saying([Fact("helper-more", slots, steps, calls[most].begin, calls[0].frame, "return")])]

    # --- runs of facts -----------------------------------------------------------------------------------------

    def sentences(self, leaves: list[Leaf], label: str) -> Iterator[Saying]:
        """Put facts into sentences: a statement in one, a pass in one if it is short."""
        saying = Saying(label=label)
        line = -1
        for fact, at in _merged(leaves):
            boundary = at != line and not label
            if saying.facts and (boundary or _is_full(saying)):
                yield saying
                saying = Saying()
                label = label if not boundary else ""
            saying.facts.append(fact)
            line = at
        if saying.facts:
            yield saying

    # --- loops -------------------------------------------------------------------------------------------------

    def loop(self, node: Node, deep: int) -> Iterator[Saying]:
        """Tell a loop: its head, the chosen passes, and what the others did."""
        passes = node.passes()
        told = self.chosen(passes, nested="." in passes[0].label if passes else False)
        gap: list[Node] = []
        waiting: list[Leaf] = []
        calls: list[Node] = []
        for child in node.children:
            if isinstance(child, Leaf):
                if child.fact.kind not in self.detail.kinds:
                    waiting.append(child)
            elif child.kind == "call":
                calls.append(child)  # of an iterator: it belongs to the pass that it gives its element to
            elif id(child) not in told:
                yield from self.sentences(waiting, "")
                gap.append(child)
                calls = []
                waiting = [
                    leaf for leaf in child.children if isinstance(leaf, Leaf) and self.is_after(leaf, child)
                ]
            else:
                yield from self.gap(gap)
                yield from self.sentences(waiting, "")
                yield from self.each(calls, deep)
                yield from self.block(child, deep, child.label)
                gap, waiting, calls = [], [], []
        yield from self.gap(gap)
        yield from self.each(calls, deep)
        yield from self.sentences(waiting, "")

    def is_after(self, leaf: Leaf, one: Node) -> bool:
        """Tell whether a fact is about the look at a loop's head that ended it, after its last pass."""
        return leaf.fact.steps[0] > one.end and leaf.fact.kind not in self.detail.kinds

    def each(self, calls: list[Node], deep: int) -> Iterator[Saying]:
        """Tell several calls."""
        for one in calls:
            yield from self.call(one, deep)

    def chosen(self, passes: list[Node], *, nested: bool) -> set[int]:
        """Return the passes to tell."""
        detail = self.detail
        if len(passes) <= (detail.nested if nested else detail.passes):
            return {id(one) for one in passes}
        if nested and detail.nested == 0:
            return set()
        told = {*range(detail.first), len(passes) - 1}
        known = {one.pattern() for one in passes[: detail.first]}
        changes = 0
        for place in range(detail.first, len(passes) - 1):
            pattern = passes[place].pattern()
            if changes < detail.changes and pattern not in known:
                told.add(place)
                known.add(pattern)
                changes += 1
        lone = {place for place in range(len(passes)) if {place - 1, place + 1} <= told}
        return {id(passes[place]) for place in told | lone}

    def gap(self, passes: list[Node]) -> Iterator[Saying]:
        """Tell untold passes by the values that variables took in them, or were left at."""
        if not passes:
            return
        steps = tuple(range(passes[0].begin, passes[-1].end + 1))
        frame = passes[0].frame
        between = {"first": passes[0].label, "last": passes[-1].label}
        facts: list[Fact] = []
        flat = all(one.is_flat() for one in passes)
        if len(passes) > 1 and flat and len({(one.pattern(), one.end - one.begin) for one in passes}) == 1:
            facts.append(Fact("same-way", between, steps, 0, frame, "loop"))
        found = list(self.series(passes).items()) if flat else self.ends(passes)
        whole: set[str] = set()
        for place, taken in found:
            base = place.partition("[")[0]
            if base not in whole and len(whole) < self.detail.series:
                values = [fact.value for fact in taken]
                if flat and {self.scene.value(frame, place, passes[0].begin), *values} == {values[0]}:
                    continue  # it is given the value that it has, again and again
                own = _series_fact(place, values, between, flat=flat, bare=bool(facts))
                is_whole = base == place and own.phrase != "by-then"  # its parts may have changed since
                facts.append(own if is_whole else self.left(base, passes[-1]) or own)
                whole.add(base)
        if not any(fact.phrase in ("same-way", "takes-over", "ends-at") for fact in facts):
            phrase, slots = (
                ("go-on", between) if len(passes) > 1 else ("go-on-one", {"first": passes[0].label})
            )
            facts.insert(0, Fact(phrase, slots, steps, 0, frame, "loop"))
        facts.sort(
            key=lambda fact: fact.phrase in ("by-then", "set")
        )  # what is so at the end is told at the end
        yield Saying([replace(fact, steps=steps, frame=frame) for fact in facts])

    def left(self, name: str, last: Node) -> Fact | None:
        """Tell what a container held after the last untold pass, if it is kept in a variable."""
        value = self.scene.value(last.frame, name, last.end + 1)
        return Fact("by-then", {"place": name, "value": value}, (), 0, last.frame, "set") if value else None

    def series(self, passes: list[Node]) -> dict[str, list[Fact]]:
        """Return the facts that gave places values in untold passes, by place, most often changed first.

        A loop's own variables are left out: they go over what the loop goes over.
        """
        taken: dict[str, list[Fact]] = {}
        targets = {
            name
            for one in passes
            for fact in one.facts()
            if fact.kind == "target"
            for name in fact.place.split(", ")
        }
        for one in passes:
            for fact in one.facts():
                given = fact.kind in ("set", "change", "initial") and fact.frame == one.frame
                if given and fact.place and fact.value and fact.place not in targets:
                    taken.setdefault(fact.place, []).append(fact)
        return dict(sorted(taken.items(), key=lambda pair: -len(pair[1])))

    def ends(self, passes: list[Node]) -> list[tuple[str, list[Fact]]]:
        """Return the facts that gave a place its last value in every one of the passes, by place."""
        left: dict[str, list[Fact]] = {}
        for one in passes:
            for place, facts in self.series([one]).items():
                left.setdefault(place, []).append(facts[-1])
        return [(place, facts) for place, facts in left.items() if len(facts) == len(passes)]

    # --- calls -------------------------------------------------------------------------------------------------

    def call(self, node: Node, deep: int) -> Iterator[Saying]:
        """Tell a call: follow it in, or tell what it was given and what it gave."""
        facts = list(node.facts())
        if not facts:
            return
        name = facts[0].slots.get("callee", "") if facts[0].kind in ("call", "resume") else ""
        if name and deep:
            if facts[0].kind == "call":
                self.called[name] = self.called.get(name, 0) + 1
            if self.called.get(name, 0) > self.detail.calls or deep > self.detail.deep:
                yield self.helper(facts, tuple(range(node.begin, node.end + 1)))
                return
        yield from self.block(node, deep + 1)

    def helper(self, facts: list[Fact], steps: tuple[int, ...]) -> Saying:
        """Tell a call by what it was given and what it gave, handed out or changed."""
        begin = facts[0]
        own = [fact for fact in facts if fact.frame == begin.frame]
        end, result = own[-1], _value(own[-1])
        if begin.kind == "call" and end.kind == "return" and result:
            slots = {**begin.slots, "result": result}
            phrase = "helper" if "bindings" in begin.slots else "helper-bare"
            printed = [fact for fact in facts[1:-1] if fact.kind == "output"]
            return Saying([*printed, Fact(phrase, slots, steps, begin.at, begin.frame, "return")])
        told = [fact for fact in own[1:] if _is_lasting(fact)]
        return Saying([replace(begin, steps=steps), *told[:CLAUSES]])


def _entered(sayings: list[Saying], begun: Node | None) -> list[Saying]:
    """Let the first sentence about a pass point at the step that begins it."""
    if sayings and begun is not None and sayings[0].label == begun.label:
        sayings[0].more = (begun.begin,)
    return sayings


def _is_lasting(fact: Fact) -> bool:
    """Tell whether what a fact tells is still so when its function has ended."""
    return fact.kind in ("change", "raise", "output", "yield") or "." in fact.place


def _callee(node: Node) -> str:
    """Return the function that a call is of; "" for what is no call's beginning."""
    first = next(node.facts(), None) if node.kind == "call" else None
    return first.slots["callee"] if first is not None and first.kind == "call" else ""


def _result(node: Node) -> str:
    """Return what a call returned, as text; "" where it did not."""
    own = [fact for fact in node.facts() if fact.frame == node.frame]
    return _value(own[-1]) if own and own[-1].kind == "return" else ""


def _value(fact: Fact) -> str:
    return fact.slots.get("result") or fact.slots.get("working", "").rpartition(" = ")[2]


def _is_full(saying: Saying) -> bool:
    length = sum(len(text) for fact in saying.facts for text in fact.slots.values())
    return len(saying.facts) >= CLAUSES or length > CHARACTERS


def _merged(leaves: list[Leaf]) -> Iterator[tuple[Fact, int]]:
    """Put constants that follow one another into one fact, and definitions and imports into one."""
    group: list[Fact] = []
    for fact in [*_joined([leaf.fact for leaf in leaves]), None]:
        if group and (fact is None or not _goes_with(group[-1], fact)):
            yield _together(group), group[0].steps[0]
            group = []
        if fact is not None:
            group.append(fact)


def _joined(facts: list[Fact]) -> list[Fact]:
    """Join what a function gave with what became of it: one phrase says both, and the value once."""
    found: list[Fact] = []
    read: dict[str, str] = {}
    for fact in facts:
        before = found[-1] if found else None
        known = _is_known(fact, read)
        same = before is not None and (before.phrase, before.slots) == (fact.phrase, fact.slots)
        if before is not None and (known or same):
            found[-1] = replace(before, steps=tuple(sorted({*before.steps, *fact.steps})))
            continue  # said a moment ago
        joined = _joint(before, fact) if before is not None else None
        if joined is not None:
            found[-1] = joined
        else:
            found.append(fact)
    return found


def _is_known(fact: Fact, read: dict[str, str]) -> bool:
    """Tell whether a look at a place was told before and nothing changed since; keep account of both."""
    if fact.phrase == "read" and fact.kind == "detail":
        place, value = fact.slots["place"], fact.slots["value"]
        if read.get(place) == value:
            return True
        read[place] = value
    elif fact.kind not in ("detail", "test"):
        read.clear()
    return False


def _joint(before: Fact, fact: Fact) -> Fact | None:
    result = before.slots.get("result")
    if before.kind != "detail" or result is None or before.steps[0] < fact.steps[0]:
        return None
    if fact.phrase == "set" and fact.slots["value"] == result:
        slots = {**before.slots, "place": fact.slots["place"]}
        name = f"{before.phrase}>set"
    elif fact.phrase == "return" and fact.slots["result"] == result:
        slots = {**before.slots, "by": fact.slots["callee"]}
        name = f"{before.phrase}>return"
    else:
        return None
    if name not in JOINT:
        return None
    steps = tuple(sorted({*before.steps, *fact.steps}))
    return replace(fact, phrase=name, slots=slots, steps=steps)


def _goes_with(before: Fact, fact: Fact) -> bool:
    if before.kind == "initial" and fact.kind == "initial":
        return before.phrase == fact.phrase == "set"
    return before.kind == "define" and fact.phrase == before.phrase


def _together(group: list[Fact]) -> Fact:
    if len(group) == 1:
        return group[0]
    steps = tuple(step for fact in group for step in fact.steps)
    first = group[0]
    if first.kind == "define":
        names = listed([fact.slots["name"] for fact in group])
        return replace(first, phrase=f"{first.phrase}-many", slots={"names": names}, steps=steps)
    bindings = listed([f"{fact.slots['place']} is {fact.slots['value']}" for fact in group])
    return replace(first, phrase="start-at", slots={"bindings": bindings}, steps=steps)


def _series_fact(place: str, values: list[str], between: dict[str, str], *, flat: bool, bare: bool) -> Fact:
    """Tell the values that a place took in a stretch of passes; `bare` if the stretch has been named."""
    if values[-1][:1] in "[{(<":
        return Fact("by-then", {"place": place, "value": values[-1]}, (), 0, -1, "set")
    if len(values) == 1:
        return Fact("set", {"place": place, "value": values[0]}, (), 0, -1, "set", place, values[0])
    slots = {"place": place, "series": _series(values)}
    if not flat:
        return Fact("ends-at", {**between, **slots}, (), 0, -1, "set")
    if bare:
        return Fact("takes", slots, (), 0, -1, "set")
    return Fact("takes-over", {**between, **slots}, (), 0, -1, "set")


def _series(values: list[str]) -> str:
    """Return values as a series: all of a short one, else the first three and the last two."""
    if len(values) <= 6 and sum(map(len, values)) < 160:
        return ", ".join(values)
    if sum(map(len, values[:3])) > 120:
        return f"{values[0]}, …, {values[-1]}"
    return ", ".join([*values[:3], "…", *values[-2:]])


def leaves_of(child: Child) -> Iterator[Leaf]:
    """Yield the leaves below a child."""
    if isinstance(child, Leaf):
        yield child
    else:
        for inner in child.children:
            yield from leaves_of(inner)
