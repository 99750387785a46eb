"""Code has one hash whatever its layout, on every Python; other code has another."""

import ast
import warnings
from textwrap import dedent

import pytest
from cotrace.model.fingerprint import function_hashes, parsed, text_hash, tree_hash

PLAIN = """\
def area(width, height=2):
    return width * height


print(area(3), 'ok')
"""

LAID_OUT_ANEW = """\
# The area of a rectangle.

def area(
    width,
    height=2,  # by default
):

        return (width
                * height)
print(area(3), "ok"); \

"""

EVERYTHING = """\
import a.b as c
from . import d
@decorated(1)
class E(F, metaclass=G):
    "words"
    x: int = 1_000
    async def f(self, /, y, *z, k=None, **w) -> "int":
        async for i in y:
            await i
        return [j async for j in z if j] or {**w} or {1, 2.5, 3j}
def g():
    try:
        raise ValueError from None
    except (A, B) as e:
        yield from e
    else:
        del x[1:2, ...]
    finally:
        with open(a) as b, c: pass
    match x:
        case {"k": [1, *_], **rest} | P(q=True) if rest: return
    return lambda *a: f"{a!r:>{b}} {c}" b"bytes" if False else u"\\ud83d" + ("big", 0xFFFFFFFFFFFFFFFFFFFFFFF)
""".replace('f"{a!r:>{b}} {c}" b"bytes"', 'f"{a!r:>{b}} {c}" or b"bytes"')


class TestTextHash:
    def test_layout_does_not_matter(self):
        """Comments, blank lines, indentation, quotes and brackets: black may have been there."""
        assert text_hash(LAID_OUT_ANEW) == text_hash(PLAIN)

    def test_the_words_of_a_docstring_do_not_matter(self):
        """They change nothing that runs."""
        assert text_hash('def f():\n    "Old."\n    return 1') == text_hash(
            'def f():\n    """New\n    words."""\n    return 1'
        )

    def test_whether_there_is_a_docstring_matters(self):
        """Trees with one hash have one shape: a place in the one is the same place in the other."""
        assert text_hash('def f():\n    "Old."\n    return 1') != text_hash("def f():\n    return 1")

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("x = 1", "x = 2"),
            ("x = 1", "x = 1.0"),
            ("x = 1", "x = True"),
            ("x = '1'", "x = b'1'"),
            ("x = a", "x = b"),
            ("x = [a], b", "x = [a, b]"),
            ("f(a, b)", "f(a)(b)"),
            ("f(*a)", "f(**a)"),
            ("if a:\n    b\nc", "if a:\n    b\n    c"),
            ("a < b", "a <= b"),
            ("'shown'", "'other'"),
            ("import a", "import a as b"),
            ("def f(): pass", "async def f(): pass"),
            ("", "pass"),
        ],
    )
    def test_other_code_has_another_hash(self, one, other):
        """Whatever can change what runs; a text alone in a cell is no docstring, it is displayed."""
        assert text_hash(one) != text_hash(other)

    @pytest.mark.parametrize(
        "text", ["%timeit f()\nx = 1\n", "def f(:\n", "x = '\0'", "(" * 5_000, "9" * 5_000 + "a"]
    )
    def test_a_text_that_is_no_python_has_a_hash_as_well(self, text):
        """A cell with magics, one that is being typed; blanks at the ends of lines and blank lines do not matter."""
        assert parsed(text) is None
        assert text_hash(text) == text_hash("\n" + text.replace("\n", "  \n\n"))
        assert text_hash(text) != text_hash(text + "!")

    def test_no_warning_of_the_users_code_is_given_twice(self):
        """Whoever compiles the text to run it warns; under ``-W error`` the text would else be no Python."""
        with warnings.catch_warnings():
            warnings.simplefilter("error")

            assert parsed(r"x = '\d'") is not None

    def test_code_can_be_nested_deeply(self):
        """A sum of a thousand terms is a tree of that depth."""
        assert text_hash("x = " + "+".join(["1"] * 1_000)) != text_hash("x = " + "+".join(["1"] * 999))

    def test_long_numbers_have_a_hash(self):
        """Python refuses to write integers of more than 4,300 digits in decimal."""
        assert text_hash("x = 0x" + "f" * 9_000) != text_hash("x = 0x" + "f" * 9_001)

    def test_every_python_gives_the_same_hash(self):
        """A kernel of one version and an editor of another find each other's traces."""
        assert text_hash(EVERYTHING) == "86fa39e8f64742f59c6e0c80e09bb745cc52e56918b99f6813f3ae9048249f6a"


class TestFunctionHashes:
    def test_a_function_is_known_by_name_and_first_line(self):
        """As a frame is; a decorator's line is the first one of the code."""
        text = dedent("""\
            @cache
            def f():
                def inner(): pass
            class C:
                async def f(self): pass
        """)

        assert sorted(function_hashes(text), key=lambda key: key[1]) == [("f", 1), ("inner", 3), ("f", 5)]

    def test_a_function_that_moved_keeps_its_hash(self):
        """Code above it, or a class around it, is not part of it."""
        function = "def area(width):\n    return width * width\n"
        moved = "import math\n\n\nclass Shape:\n    def area( width ):\n        return (width*width)\n"

        assert function_hashes(function)["area", 1] == function_hashes(moved)["area", 5]

    def test_it_is_the_hash_of_its_tree(self):
        """A tool that has the tree need not have the text."""
        tree = ast.parse(PLAIN)

        assert function_hashes(PLAIN) == {("area", 1): tree_hash(tree.body[0])}

    def test_a_text_that_is_no_python_has_no_functions(self):
        assert function_hashes("def f(:") == {}
