"""What README says is so: its examples run and give what it shows, and what it names is there.

With ``COTRACE_REWRITE_GOLDEN=1`` the terminal's and the notebook's output and the table of settings are written anew.
"""

from __future__ import annotations

import ast
import io
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from contextlib import redirect_stdout
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

import pytest
from cotrace import Limits, settings
from cotrace.cli.main import COMMANDS, main
from cotrace.cli.stepper.session import HELP
from cotrace.model.record import Record
from cotrace.notebook import directive

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
TEXT = README.read_text(encoding="utf-8")
REWRITE = bool(os.environ.get("COTRACE_REWRITE_GOLDEN"))

ANYTHING = "..."
"""Stands in a shown output for what differs from run to run: alone on its line, for any lines."""


@dataclass(frozen=True)
class Block:
    """A fenced block: the words behind its fence, and its text."""

    kind: str
    text: str


BLOCKS = [Block(*found) for found in re.findall(r"^```(\S.*)\n((?s:.*?))^```$", TEXT, re.MULTILINE)]


def blocks(kind: str) -> list[str]:
    found = [block.text for block in BLOCKS if block.kind == kind]
    assert found, f"README has no block of {kind}"
    return found


def same(shown: str, found: str) -> bool:
    """Tell whether an output is the one that README shows."""
    lines = [line.rstrip() for line in shown.splitlines()]
    patterns = [
        "(?s:.*)" if line == ANYTHING else ".*".join(map(re.escape, line.split(ANYTHING))) for line in lines
    ]
    return (
        re.fullmatch("\n".join(patterns), "\n".join(line.rstrip() for line in found.splitlines())) is not None
    )


def rewrite(shown: str, found: str) -> None:
    """Put what was found in the place of what README shows."""
    text = README.read_text(encoding="utf-8")
    assert "cotrace failed" not in found, found
    assert text.count(shown) == 1, f"expected this in README once:\n{shown}"
    README.write_text(text.replace(shown, found), encoding="utf-8")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of its own to run examples in, with its own trace store and the installed `cotrace` on the path."""
    monkeypatch.setenv("COTRACE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("COTRACE_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    monkeypatch.delenv("COTRACE_REWRITE_GOLDEN", raising=False)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


# --- the examples ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_python_example_prints_what_its_comments_say(folder):
    (program,) = blocks("python")
    (folder / "example.py").write_text(program)
    promised = re.findall(r"^print\(.*\) +# (.*)$", program, re.MULTILINE)

    ran = subprocess.run([sys.executable, "example.py"], capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stderr
    assert len(promised) >= 4
    assert ran.stdout.splitlines() == promised
    assert (folder / "sums.jsonl").exists()


def commands_of(session: str) -> list[tuple[str, str]]:
    """Return each command of a terminal's session with the output shown below it."""
    parts = re.split(r"^\$ (.*)\n", session, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.slow
def test_the_terminal_shows_what_readme_shows(folder):
    for name, program in re.findall(r"^```python (\S+)\n((?s:.*?))^```$", TEXT, re.MULTILINE):
        (folder / name).write_text(program)

    for session in blocks("console"):
        for command, shown in commands_of(session):
            ran = subprocess.run(
                command, shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
            )
            if REWRITE and not same(shown, ran.stdout) and ANYTHING not in shown:
                printed = "".join(f"{line.rstrip()}\n" for line in ran.stdout.splitlines())
                rewrite(f"$ {command}\n{shown}", f"$ {command}\n{printed}")
            else:
                assert same(shown, ran.stdout), f"{command} printed\n{ran.stdout}"


@pytest.mark.slow
def test_the_notebook_shows_what_readme_shows(folder):
    import nbformat
    from nbclient import NotebookClient

    cells = [nbformat.v4.new_code_cell(text.rstrip("\n")) for text in blocks("ipython")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    client = NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": str(folder)}})

    client.execute()

    told = next(cell for cell in notebook.cells if "--narrate" in cell.source)
    found = told.outputs[-1].data["text/plain"]
    shown = next(text for text in blocks("text") if "step  line  source" in text)
    if REWRITE and not same(shown, found):
        rewrite(shown, f"{found}\n")
    else:
        assert same(shown, found), found


@pytest.mark.slow
def test_the_picture_is_what_the_command_makes(folder):
    (target, call) = re.search(r"`cotrace trace (\S+) --call \"(.*)\"`", TEXT).groups()
    picture = ROOT / re.search(r"!\[.*\]\((.*)\)", TEXT)[1]

    assert main(["trace", str(ROOT / target), "--call", call]) == 0
    assert main(["show", "--svg", str(picture if REWRITE else folder / "again.svg")]) == 0

    if not REWRITE:
        assert words_in(picture) == words_in(folder / "again.svg")


def words_in(picture: Path) -> list[str]:
    """Return the words of an SVG picture, which are the same whatever version of rich drew it."""
    texts = (text for element in ET.parse(picture).iter() for text in [element.text or ""])
    return " ".join(text for text in texts if "{" not in text).split()


# --- what it names --------------------------------------------------------------------------------------------------


COMMAND = re.compile(r"(?:`|^ +|^\$ )cotrace (\w+)([^`\n]*)", re.MULTILINE)
"""A command in README: in a sentence, in an indented block, or after a prompt."""


@cache
def help_of(*words: str) -> str:
    """Return what a command says of itself."""
    said = io.StringIO()
    with redirect_stdout(said), pytest.raises(SystemExit, match="0"):
        main([*words, "--help"])
    return said.getvalue()


def test_every_command_is_in_the_table_and_every_command_named_exists():
    table = re.findall(r"^\| `cotrace (\w+)` \|", TEXT, re.MULTILINE)

    assert table == ["demo", "trace", "show", "narrate", "check", "dataset", "lab", "info", "clean"]
    assert set(table) == {command.name for command in COMMANDS}
    assert {name for name, _ in COMMAND.findall(TEXT)} <= set(table)


def test_every_option_named_with_a_command_exists():
    for command, rest in COMMAND.findall(TEXT):
        action = re.match(r" (\w+)", rest) if command == "dataset" else None
        for option in re.findall(r"(?<=\s)--[a-z-]+", rest):
            assert option in help_of(command, *([action[1]] if action else [])), f"cotrace {command}{rest}"


def test_the_options_in_the_table_of_commands_exist():
    for command, meaning in re.findall(r"^\| `cotrace (\w+)` \|(.*)\|$", TEXT, re.MULTILINE):
        for option in re.findall(r"--[a-z-]+", meaning):
            assert option in help_of(command), f"cotrace {command} has no {option}"


def test_the_keys_to_step_with_are_those_of_the_help_sheet():
    table = TEXT.partition("| keys | what they do |\n| --- | --- |\n")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (.*) \| (.*) \|$", table, re.MULTILINE)

    assert [(keys.replace("`", ""), meaning) for keys, meaning in rows] == [*HELP]


def test_every_target_of_make_that_is_named_exists():
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))

    named = set(re.findall(r"(?:`|^ +)make ([a-z-]+)", TEXT, re.MULTILINE))

    assert {"demo", "test"} <= named <= targets


def test_the_options_of_the_magic_are_those_it_has():
    assert f"```text\n{directive.help_text()}\n```" in TEXT


def test_the_pythons_named_are_those_that_are_tested():
    tested = re.search(r"TESTED = \((.*)\)", (ROOT / ".ci" / "environments.py").read_text())[1]

    row = re.search(r"^\| tested \|.*$", TEXT, re.MULTILINE)[0]

    assert sorted(re.findall(r"3\.\d+", row)) == sorted(re.findall(r"3\.\d+", tested))


def test_every_link_leads_to_a_file():
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (ROOT / target).exists(), target


# --- the tables -----------------------------------------------------------------------------------------------------


def settings_table() -> str:
    rows = settings.load({}, folder=Path("/"), environment={"COTRACE_CONFIG_DIR": "/nowhere"}).effective()
    return "".join(f"| `{row.key}` | {shown_default(row.value)} | {row.doc} |\n" for row in rows)


def shown_default(value: object) -> str:
    """Return a default as one would write it in TOML; nothing where there is none."""
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"`{value:_}`"
    return f"`{json.dumps(list(value) if isinstance(value, tuple) else value, default=str)}`"


def test_the_settings_are_those_of_the_code():
    shown = re.search(r"\| key \| default \| meaning \|\n\| --- \| --- \| --- \|\n((?:.+\n)*)", TEXT)[1]
    if REWRITE and shown != settings_table():
        rewrite(shown, settings_table())
    else:
        assert shown == settings_table()


def test_every_field_of_a_record_is_explained():
    table = TEXT.partition("| field | holds |")[2].partition("\n\n")[0]
    first = [line.split("|")[1] for line in table.splitlines()[2:]]

    assert set(re.findall(r"`(\w+)`", " ".join(first))) == {field.name for field in fields(Record)}


def test_the_limits_told_in_words_are_the_defaults():
    told = TEXT.partition("## Limits")[2].partition("\n## ")[0]
    limits = Limits()

    assert f"{limits.steps:,} steps" in told
    assert f"{limits.bytes // 1_000_000} MB" in told
    assert f"{limits.elements:,} elements" in told
    assert f"{limits.string:,} characters" in told
    assert (limits.depth, limits.seconds) == (8, None)
    assert "eight levels" in told


@cache
def texts_in_sources() -> str:
    """Return every constant text of the package; those of f-strings in pieces."""
    trees = (ast.parse(path.read_text()) for path in (ROOT / "kernel_ext" / "cotrace").rglob("*.py"))
    nodes = (node for tree in trees for node in ast.walk(tree))
    return "\n".join(
        node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


@pytest.mark.slow
def test_every_message_that_is_explained_is_one_of_ours():
    table = TEXT.partition("| cotrace says |")[2].partition("\n\n")[0]
    messages = [line.split("|")[1].strip() for line in table.splitlines()[2:]]
    ours = [message.strip("`") for message in messages if re.fullmatch("`[^`]*`", message)]

    assert len(ours) >= 10
    for message in ours:
        for part in re.split("…|(?<=because )(?!a cell around)", message):
            assert part.strip() in texts_in_sources(), part
