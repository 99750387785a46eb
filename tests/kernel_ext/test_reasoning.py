"""Reasonings: cutting text into sentences, and finding the old sentences in an edited text."""

import time

import pytest
from cotrace.model.reasoning import Reasoning, Sentence, sentences_of


def reasoning(*texts):
    """Make a reasoning whose n-th sentence is anchored at step n."""
    return Reasoning(tuple(Sentence(text, (n,), "offline") for n, text in enumerate(texts)))


def cut(text):
    return [sentence.text for sentence in sentences_of(text)]


STORY = reasoning(
    "n is 3.", "total becomes 0 + 3 = 3 and the loop goes on.", "Then it ends.", "So the answer is 3."
)


class TestCutting:
    @pytest.mark.parametrize(
        "sentence",
        [
            "x is 3.5.",
            "x is 'a. b'.",
            'x is "He said. Then".',
            "x is ['1. 2', {'k. ': (1., 2.)}].",
            "It's e.g. the dog's tail, i.e. nothing.",
            "x is 'it\\'s. so'.",
            "The text is 'a\\nb. c'.",
            "See fig. 3 and no. 7 of it.",
            "bytes are b'. '.",
        ],
    )
    def test_a_stop_that_ends_nothing_is_passed_over(self, sentence):
        """Decimals, strings, brackets, abbreviations and apostrophes."""
        assert cut(f"{sentence} Next one.") == [sentence, "Next one."]

    def test_sentences_that_begin_with_a_name_are_cut(self):
        """A variable's name keeps its small letter."""
        assert cut("total is 3. n is 4! Is it so? Yes.") == ["total is 3.", "n is 4!", "Is it so?", "Yes."]

    def test_a_name_that_looks_like_an_abbreviation_ends_its_sentence(self):
        """Unless a number follows."""
        assert cut("f returns no. So it is no.") == ["f returns no.", "So it is no."]

    def test_the_lines_of_a_list_are_sentences(self):
        """Whatever marks them, and without stops."""
        assert cut("First:\n- one thing\n- another\n1. the third") == [
            "First:",
            "- one thing",
            "- another",
            "1. the third",
        ]

    def test_a_bracket_that_never_closes_is_a_character_like_others(self):
        """A person's text need not be tidy."""
        assert cut("a [ b. c ' d. e") == ["a [ b.", "c ' d.", "e"]

    @pytest.mark.parametrize("scrap", ["[1, ", "({[", "'[a ", "it's (", '"\\\\', "...x", "e.g. "])
    def test_the_time_grows_with_the_length_of_a_text(self, scrap):
        """Whatever never closes in it: a text of 40,000 characters takes no more than a moment."""
        begun = time.perf_counter()
        sentences_of(scrap * (40_000 // len(scrap)))

        assert time.perf_counter() - begun < 2

    def test_an_empty_line_begins_a_paragraph(self):
        """The first sentence of each but the first opens one."""
        found = sentences_of("One. Two.\n\nThree. Four.")

        assert [sentence.opens for sentence in found] == [False, False, True, False]

    def test_text_and_spans_agree(self):
        """A span cuts exactly the sentence out of the text."""
        made = Reasoning((Sentence("One."), Sentence("Two."), Sentence("Three.", opens=True)))

        assert made.text == "One. Two.\n\nThree."
        assert [made.text[begin:end] for begin, end in made.spans()] == ["One.", "Two.", "Three."]


class TestEditing:
    def test_an_unchanged_text_is_the_same_reasoning(self):
        """Anchors, origins and all."""
        assert STORY.edited(STORY.text) == STORY

    def test_a_rewritten_sentence_keeps_its_anchor_and_becomes_the_persons(self):
        """It still speaks of the same steps."""
        changed = STORY.edited(STORY.text.replace("Then it ends", "Then the loop ends"))

        assert changed.sentences[2] == Sentence("Then the loop ends.", (2,), "person")
        assert changed.sentences[1] == STORY.sentences[1]

    def test_a_sentence_cut_in_two_leaves_its_anchor_to_both(self):
        """Each half speaks of its steps."""
        changed = STORY.edited(
            "n is 3. total becomes 0 + 3 = 3. And the loop goes on. Then it ends. So the answer is 3."
        )

        assert [sentence.anchor for sentence in changed.sentences] == [(0,), (1,), (1,), (2,), (3,)]

    def test_joined_sentences_add_up_their_anchors(self):
        """One sentence speaks of the steps of both."""
        changed = STORY.edited(
            "n is 3. total becomes 0 + 3 = 3 and the loop goes on, then it ends. So the answer is 3."
        )

        assert changed.sentences[1].anchor == (1, 2)

    def test_a_new_sentence_has_no_anchor(self):
        """Nobody said which steps it means."""
        changed = STORY.edited(STORY.text.replace("Then it ends.", "What a fine morning! Then it ends."))

        assert changed.sentences[2] == Sentence("What a fine morning!", (), "person")
        assert changed.sentences[3] == STORY.sentences[2]

    def test_a_deleted_sentence_takes_nothing_with_it(self):
        """The others keep their anchors."""
        changed = STORY.edited("n is 3. So the answer is 3.")

        assert changed.anchors == ((0,), (3,))

    def test_a_moved_sentence_keeps_its_anchor(self):
        """Word for word, elsewhere."""
        changed = STORY.edited(
            "Then it ends. n is 3. total becomes 0 + 3 = 3 and the loop goes on. So the answer is 3."
        )

        assert changed.anchors == ((2,), (0,), (1,), (3,))

    def test_sentences_that_differ_in_one_number_do_not_mix(self):
        """Passes of a loop look alike: the nearest in order is meant."""
        passes = reasoning("Pass 1: n is 4.", "Pass 2: n is 5.", "Pass 3: n is 6.")

        changed = passes.edited("Pass 1: n is 4. Pass 2: n is 50. Pass 3: n is 6.")

        assert changed.anchors == ((0,), (1,), (2,))

    def test_a_known_sentence_is_kept_whole_whatever_is_in_it(self):
        """Its stops are its own, even where the rules would cut."""
        odd = reasoning("f gives vs. Nothing.", "g ends.")

        assert odd.edited(odd.text) == odd

    def test_a_text_from_nothing_is_the_persons(self):
        """No anchors, no generator but a person."""
        made = Reasoning.of("One. Two.")

        assert made.generator == "person"
        assert made.anchors == ((), ())
