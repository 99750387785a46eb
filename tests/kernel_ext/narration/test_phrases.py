"""The table of phrases is consistent: what the checker compiles is what the narrator can write."""

from cotrace.grounding.phrases import CLAIMS, KINDS, LEADS, PHRASES, SLOT, Phrase


def test_every_wording_of_a_phrase_has_the_same_slots():
    """A wording that lost a slot would say less, or could not be filled."""
    for phrase in (*LEADS, *PHRASES):
        for text in phrase.texts:
            slots = {match[1]: match[2] for match in SLOT.finditer(text)}

            assert slots == phrase.slots, text
            assert set(slots.values()) <= KINDS, text


def test_every_phrase_claims_something_known():
    """A claim without a meaning could not be checked."""
    assert {phrase.claim for phrase in (*LEADS, *PHRASES)} == set(CLAIMS)


def test_names_are_unique():
    """A fact names its phrase."""
    names = [phrase.name for phrase in PHRASES]

    assert len(names) == len(set(names))


def test_frequent_facts_have_five_wordings_or_more():
    """A text that says the same thing a hundred times should not use the same words each time."""
    by_name = {phrase.name: phrase for phrase in PHRASES}

    for name in ("set", "set-working", "true", "false", "call", "return", "start-at", "output"):
        assert len(by_name[name].texts) >= 5


def test_a_filled_slot_is_never_filled_again():
    """A value may look like a slot."""
    phrase = Phrase("x", "set", ("{place:place} becomes {value:value}",))

    assert phrase.render(0, {"place": "a", "value": "'{place:place}'"}) == "a becomes '{place:place}'"
