"""The oracle's judgement: whether a `Trace` says at every step what the observer saw.

Objects are matched by walking both states at once: where the observer has a `Key` the trace must have a number, and
the two must go together one to one; at the next step too, for an object that surely is the same.
"""

import time

from cotrace.model.replay import reachable
from cotrace.model.state import NO_CAUSE, Atom, Ref
from cotrace.model.trace import EventKind
from oracle.events import NOTHING
from oracle.reading import Described, Key

SURELY_SHORT = 1_000
"""Integers of fewer bits are told in decimal, whatever the limits."""


class Difference(AssertionError):  # noqa: N818 - it is what a test fails with
    """The trace and the oracle disagree."""


class Matching:
    """Which of the observer's keys is which of the trace's numbers."""

    def __init__(self):
        self.number_of = {}
        self.owner = {}
        self.held = frozenset()
        self.waiting = []

    def step(self, held):
        """Go on to the next step; `held` are the keys that will surely mean the same object at the one after it."""
        self.number_of = {key: number for key, number in self.number_of.items() if key in self.held}
        self.held = held
        self.key_of = {number: key for key, number in self.number_of.items()}

    def pair(self, key, number, where):
        known, other = self.number_of.get(key), self.key_of.get(number)
        if known is None and other is None:
            if key in self.held and self.owner.setdefault(number, key) is not key:
                raise Difference(f"{where}: o{number} was the number of another object before")
            self.number_of[key] = number
            self.key_of[number] = key
            self.waiting.append((key, number, where))
        elif known != number or other is not key:
            was = f"o{known}" if known is not None else f"another object than {other}"
            raise Difference(f"{where}: expected {was}, found o{number}")
        else:
            self.waiting.append((key, number, where))

    def keep_only(self, done):
        """Forget what was not met at this step: out of view, an object may come back under another number."""
        self.number_of = {key: self.number_of[key] for key in done}
        self.key_of = {number: key for key, number in self.number_of.items()}


def foreign_parts(objects):
    """Return the parts of other people's objects, which the oracle does not look into."""
    return [part for told in objects if told.kind in ("opaque", "array") for part in told.elements]


class Comparison:
    """Compares one trace with what an observer saw of the same run."""

    def __init__(self, trace, observer):
        self.trace = trace
        self.observer = observer
        self.limits = trace.limits
        self.matching = Matching()
        self.frame_numbers = {}
        self.redacted = 0
        self.stored = {}
        self.big_now = set()
        self.equal_before = {}

    def run(self, patience=600.0):
        """Compare step by step for at most `patience` seconds; return how many steps were compared.

        Raises Difference with the first step that differs.
        """
        deadline = time.monotonic() + patience
        steps = self.trace.steps
        count = 0
        for index, look in enumerate(self.observer.looks()):
            if look.event is None and self.is_whole:
                self.compare_end(look)
            if look.event is None or index >= len(steps) or time.monotonic() > deadline:
                break
            try:
                self.compare_step(look, steps[index])
                self.compare_state(look, self.trace.snapshot(index))
                self.compare_deltas(look, steps[index])
            except Difference as found:
                raise Difference(f"step {index} ({describe(look)}): {found}") from None
            count += 1
        if self.is_whole and time.monotonic() <= deadline:
            self.equal("the number of steps", len(self.observer.recorded) - 1, len(steps))
        return count

    @property
    def is_whole(self):
        return not self.trace.truncated and len(self.observer.recorded) < self.observer.most

    def compare_end(self, look):
        """The state at the end; what the run returned is in view there as well."""
        snapshot = self.trace.snapshot(len(self.trace.steps))
        try:
            self.compare_frames(look, snapshot)
            self.compare_heap(look, snapshot, is_whole=False)
        except Difference as found:
            raise Difference(f"at the end: {found}") from None

    def equal(self, what, expected, found):
        if expected != found:
            raise Difference(f"{what}: expected {expected!r}, found {found!r}")

    # --- the step itself -------------------------------------------------------------------------------------------

    def compare_step(self, look, step):
        self.equal("event", look.event, step.event)
        if look.event is EventKind.START:
            self.frame_numbers[look.frame] = step.frame
            frame = self.trace.frames[step.frame]
            self.equal("the frame's thread", look.thread, frame.thread)
            self.equal("the frame's first step", step.index, frame.start)
            parent = self.frame_numbers[look.stack[-2]] if len(look.stack) > 1 else -1
            self.equal("the frame's parent", parent, frame.parent)
        self.equal("frame", self.frame_numbers[look.frame], step.frame)
        self.equal("line", look.line, step.line)
        self.equal("depth", look.depth, step.depth)

    def compare_deltas(self, look, step):
        allowed = {look.cause, NO_CAUSE} if look.event is EventKind.START else {look.cause}
        for delta in step.delta:
            if delta.cause not in allowed:
                raise Difference(f"the cause of {delta}: expected {look.cause}")

    # --- the state -------------------------------------------------------------------------------------------------

    def compare_state(self, look, snapshot):
        self.equal("the stack", tuple(self.frame_numbers[n] for n in look.stack), snapshot.stack)
        self.compare_frames(look, snapshot)
        told = self.trace.steps[snapshot.step].value
        is_known = look.value is not NOTHING
        if is_known:
            self.compare_value(look.value, told, "the step's value")
        elif look.event is not EventKind.UNWIND:
            self.equal("the step's value", None, told)
        self.compare_heap(look, snapshot, is_whole=is_known or told is None)

    def compare_frames(self, look, snapshot):
        mine = {self.number_of_frame(number, look): variables for number, variables in look.frames.items()}
        self.equal("the live frames", sorted(mine), sorted(snapshot.frames))
        self.matching.step(look.held if self.observer.holds else frozenset())
        for number, variables in mine.items():
            found = snapshot.frames[number]
            self.equal(f"the variables of frame {number}", sorted(variables), sorted(found))
            for name, value in variables.items():
                self.compare_value(value, found[name], f"{name} of frame {number}")

    def number_of_frame(self, number, look):
        if type(number) is not tuple:
            return self.frame_numbers[number]
        owner = self.frame_numbers.get(number)
        if owner is None:
            latest = self.trace.frames[self.frame_numbers[look.frame]]
            owner = self.frame_numbers[number] = latest.globals
            self.equal("the kind of a module's frame", "globals", self.trace.frames[owner].kind)
        return owner

    def compare_value(self, mine, told, where):
        if type(mine) is Key:
            if not isinstance(told, Ref):
                raise Difference(f"{where}: expected an object, found {told}")
            self.matching.pair(mine, told.id, where)
        elif not isinstance(told, Atom):
            raise Difference(f"{where}: expected {shown(mine)}, found {told}")
        elif told.type == "redacted":
            self.redacted += 1
        elif not self.is_atom(mine, told):
            raise Difference(f"{where}: expected {shown(mine)}, found {told.type} {told.text:.100}")

    def is_atom(self, mine, told):
        if type(mine) is Described:
            return (told.type, told.text) == (mine.type, mine.text[: self.limits.string])
        kind = "ellipsis" if mine is ... else type(mine).__name__
        if told.type != kind:
            return False
        most = self.limits.string
        if kind in ("str", "bytes") and len(mine) > most:
            return (told.text, told.length) == (repr(mine[:most]), len(mine))
        if kind == "int" and mine.bit_length() > SURELY_SHORT:
            return is_long_int(mine, told, most)
        return (told.text, told.length) == (repr(mine), -1)

    # --- objects ---------------------------------------------------------------------------------------------------

    def compare_heap(self, look, snapshot, *, is_whole):
        self._look, self._snapshot = look, snapshot
        done = set()
        while self.matching.waiting:
            key, number, where = self.matching.waiting.pop()
            if key in done:
                continue
            done.add(key)
            if number not in snapshot.heap:
                raise Difference(f"{where}: o{number} is not in the heap")
            self.compare_again(key, look.heap[key], snapshot.heap[number], f"{where} (o{number})")
        self.matching.keep_only(done)
        self.stored = {key: self.stored[key] for key in self.big_now}
        self.big_now = set()
        told = set(self.matching.key_of)
        reached = told | set(reachable(snapshot.heap, {}, foreign_parts(snapshot.heap[n] for n in told)))
        if is_whole and reached != set(snapshot.heap):
            raise Difference(f"the heap holds {sorted(set(snapshot.heap) - reached)} too many")

    def compare_again(self, key, mine, told, where):
        """Compare an object; where both sides are the very ones found equal before, only what their parts are."""
        before = self.equal_before.get(key)
        if before is not None and before[0] is mine and before[1] is told:
            for pair in before[2]:
                self.matching.pair(*pair)
            return
        waiting = self.matching.waiting
        known = len(waiting)
        self.compare_object(key, mine, told, where)
        is_big = (
            mine.length > self.limits.elements
        )  # what is told of it depends on what was stored at which step
        self.equal_before[key] = None if is_big else (mine, told, waiting[known:])

    def compare_object(self, key, mine, told, where):
        self.equal(f"kind and type of {where}", (mine.kind, mine.type), (self.kind_of(told), told.type))
        if mine.is_cut:
            self.equal(f"the cut of {where}", "depth", told.cut)
            return
        if mine.kind == "opaque":
            return  # what is kept of other people's objects has tests of its own
        self.equal(f"the length of {where}", mine.length, told.length)
        if mine.text is not None and not told.text.endswith(mine.text[: self.limits.string]):
            raise Difference(f"the text of {where}: expected {mine.text:.100}, found {told.text:.100}")
        if mine.length > self.limits.elements:
            self.compare_big(key, mine, told, where)
        else:
            is_cut = len(mine.attributes) > self.limits.elements
            self.equal(f"the cut of {where}", "length" if is_cut else "", told.cut)
            self.compare_elements(mine, told, where)
            self.compare_entries(mine, told, where)
        self.compare_attributes(mine, told, where)

    def kind_of(self, told):
        return "opaque" if told.kind == "array" else told.kind

    def compare_elements(self, mine, told, where):
        elements = told.elements
        if mine.kind in ("set", "frozenset"):
            elements = self.in_my_order(self._look, self._snapshot, mine.elements, elements, where)
        self.equal(f"how many elements {where} has", len(mine.elements), len(elements))
        for place, (value, other) in enumerate(zip(mine.elements, elements, strict=True)):
            self.compare_value(value, other, f"{where}[{place}]")

    def compare_entries(self, mine, told, where):
        self.equal(f"how many entries {where} has", len(mine.entries), len(told.entries))
        for (key, value), (other_key, other) in zip(mine.entries, told.entries, strict=True):
            self.compare_value(key, other_key, f"a key of {where}")
            self.compare_value(value, other, f"{where}[{other_key}]")

    def compare_attributes(self, mine, told, where):
        self.equal(
            f"the attributes of {where}",
            [n for n, _ in mine.attributes][: self.limits.elements],
            [n for n, _ in told.attributes],
        )
        for (name, value), (_, other) in zip(mine.attributes, told.attributes, strict=False):
            self.compare_value(value, other, f"{where}.{name}")

    def in_my_order(self, look, snapshot, mine, told, where):
        """A set has no order: find for each of my elements the trace's; among those that look alike, in turn."""
        known = self.matching.number_of
        left = {}
        for other in told:
            if isinstance(other, Ref):
                left.setdefault(
                    other.id if other.id in self.matching.key_of else sketch_told(other, snapshot.heap), []
                ).append(other)
        atoms = [other for other in told if isinstance(other, Atom)]
        ordered = []
        for value in mine:
            if type(value) is Key:
                candidates = left.get(known.get(value, sketch_mine(value, look.heap)), [])
            else:
                candidates = [
                    other for other in atoms if other.type == "redacted" or self.is_atom(value, other)
                ]
            if not candidates:
                raise Difference(f"{where}: {shown(value)} is not told")
            ordered.append(candidates[0])
            (candidates if type(value) is Key else atoms).remove(candidates[0])
        return ordered

    def compare_big(self, key, mine, told, where):
        """Of a big container: its ends are told, and what was stored into it; and what is told is there."""
        self.equal(f"the cut of {where}", "length", told.cut)
        if mine.kind in ("set", "frozenset"):
            return
        parts = [value for _, value in mine.entries] if mine.kind == "dict" else mine.elements
        places = told.positions if mine.kind != "dict" else self.places_of(mine, told, where)
        edge = self.limits.edge
        names = [name for name, _ in mine.entries] or parts
        self.big_now.add(key)
        stored = self.stored_since(key, names, parts)
        wanted = {*range(edge), *range(mine.length - edge, mine.length), *stored}
        if places is None or not wanted <= set(places):
            raise Difference(
                f"{where}: expected the elements {sorted(wanted - set(places or ()))[:20]} to be told"
            )
        others = [value for _, value in told.entries] if mine.kind == "dict" else told.elements
        for place, other in zip(places, others, strict=True):
            self.compare_value(parts[place], other, f"{where}[{place}]")

    def places_of(self, mine, told, where):
        """Return the places in my dict of the entries that are told; keys that are objects come in order."""
        left = {}
        for place, (name, _) in enumerate(mine.entries):
            left.setdefault("object" if type(name) is Key else sketch_mine(name, {}), []).append(place)
        try:
            return [
                left["object" if isinstance(name, Ref) else sketch_told(name, {})].pop(0)
                for name, _ in told.entries
            ]
        except (KeyError, IndexError):
            raise Difference(f"{where}: a key is told that is not there") from None

    def stored_since(self, key, names, parts):
        """Return the places that were stored into since the object was seen to be big, where they are now.

        `names` are a dict's keys. More stores at once than the limit of elements are not told one by one.
        """
        names_before, before, stored = self.stored.get(key, (names, parts, set()))
        shift = len(parts) - len(before)
        shorter = min(len(names_before), len(names)) if shift else len(names)
        head = next((i for i in range(shorter) if shift and names_before[i] is not names[i]), shorter)
        tail = next((i for i in range(shorter - head) if names_before[~i] is not names[~i]), shorter - head)
        new = range(head, len(parts) - tail)
        stored = {p if p < head else p + shift for p in stored if p < head or p >= len(before) - tail}
        if len(new) <= self.limits.elements:
            stored.update(new)
        others = {
            place
            for place, part in enumerate(parts)
            if place not in new and before[place if place < head else place - shift] is not part
        }
        if len(others) <= self.limits.elements:
            stored |= others
        self.stored[key] = names, parts, stored
        return stored


def sketch_mine(value, heap, depth=4):
    """Return what an element of a set looks like, in the words of `sketch_told`."""
    if type(value) is Described:
        return sketch(value.type, value.text)
    if type(value) is not Key:
        kind = "ellipsis" if value is ... else type(value).__name__
        return sketch(
            kind, shown(value) if kind == "int" and value.bit_length() > SURELY_SHORT else repr(value)
        )
    return sketch_object(heap[value], depth, lambda part: sketch_mine(part, heap, depth - 1))


def sketch_told(value, heap, depth=4):
    if isinstance(value, Atom):
        return sketch(value.type, value.text)
    return sketch_object(heap[value.id], depth, lambda part: sketch_told(part, heap, depth - 1))


def sketch(kind, text):
    return f"{kind} {text if len(text) < 40 else ''}"


def sketch_object(seen, depth, sketch_part):
    parts = [sketch_part(part) for part in seen.elements] if depth else []
    parts += [name + sketch_part(part) for name, part in seen.attributes] if depth else []
    return f"{seen.type} {seen.length} {sorted(parts) if 'set' in seen.kind else parts}"


def is_long_int(value, told, most):
    """A long int: whole within the limit of digits, else its first digits, in decimal or hexadecimal."""
    if told.length < 0:
        return int(told.text, 0) == value
    whole = hex(value) if "0x" in told.text else str(value)
    return len(told.text) <= most and whole.startswith(told.text) and told.length == len(whole)


def shown(value):
    return hex(value)[:100] if type(value) is int else f"{value!r:.100}"


def describe(look):
    return f"{look.event.value} line {look.line}"
