"""The last runs' traces can be found again by file and by code, from any process, and never get in the way."""

import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from cotrace.errors import FileFormatError, NewerVersionError, TraceError
from cotrace.model.codec import encode
from cotrace.model.fingerprint import text_hash
from cotrace.model.source import Source
from cotrace.settings import Settings
from cotrace.store import Saved, TraceStore, load
from example_trace import EXAMPLE

SOURCES = Path(__file__).parents[2] / "kernel_ext"


@pytest.fixture
def store(tmp_path):
    return TraceStore(folder=tmp_path / "traces")


def trace_of(text, name="<cell>"):
    """A trace whose only difference is the code that ran: that of one source."""
    return replace(
        EXAMPLE, sources=(Source(name, text, EXAMPLE.sources[0].spans), EXAMPLE.sources[1]), call=text
    )


def in_another_process(folder, program, **kwargs):
    """Run a program that has a `store` and an EXAMPLE."""
    setup = (
        "import sys; sys.path[:0] = sys.argv[2:]\n"
        "from pathlib import Path\n"
        "from cotrace.store import TraceStore\n"
        "from example_trace import EXAMPLE\n"
        "store = TraceStore(folder=Path(sys.argv[1]))\n"
    )
    command = [
        sys.executable,
        "-c",
        setup + program,
        str(folder),
        str(SOURCES),
        str(Path(__file__).parents[1]),
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **kwargs)


class TestFinding:
    def test_a_trace_is_found_by_the_code_that_ran(self, store):
        """The cell's text may have been laid out anew since."""
        store.save(trace_of("x = 1\n"))
        store.save(trace_of("x = 2\n"))
        found = store.latest(ast_hash=text_hash("# one\nx  =  1"))

        assert found.call == "x = 1\n"
        assert load(store.path(found)) == trace_of("x = 1\n")

    def test_a_trace_is_found_by_a_function_that_ran_in_it(self, store):
        """The function may have moved to another file; one that was only defined is not among the keys."""
        store.save(trace_of("def f(n):\n    return n * 2\n\ndef g(n):\n    return n\n"))
        hashes = store.latest().hashes

        assert len(hashes) == 2
        assert store.latest(ast_hash=hashes[1]) is not None

    def test_a_trace_is_found_by_its_file(self, store, tmp_path, monkeypatch):
        """Also by a relative path or a link: it is the file that counts, not its name."""
        program = tmp_path / "program.py"
        program.write_text("x = 1\n")
        (tmp_path / "link.py").symlink_to(program)
        store.save(trace_of("x = 1\n", name=str(program)))
        monkeypatch.chdir(tmp_path)

        assert (
            store.latest(file="program.py") == store.latest(file=tmp_path / "link.py") == store.entries()[0]
        )
        assert store.latest(file="other.py") is None

    def test_a_notebook_is_a_file_too(self, store, tmp_path):
        """Its cells are compiled under names that are no paths; whoever traces says which notebook it is."""
        store.save(trace_of("x = 1\n"), file=tmp_path / "n.ipynb")

        assert store.latest(file=tmp_path / "n.ipynb", ast_hash=text_hash("x = 1")) is not None
        assert store.latest(file=tmp_path / "n.ipynb", ast_hash=text_hash("x = 2")) is None

    def test_the_newest_one_is_found(self, store):
        """And all of them are there, in order."""
        saved = [store.save(replace(trace_of("x = 1\n"), call=str(number))).path.name for number in range(3)]

        assert [stored.name for stored in store.entries()] == saved
        assert store.latest(ast_hash=text_hash("x = 1")).call == "2"

    def test_an_empty_store_has_nothing(self, store):
        """Before the first run there is no folder, and asking makes none."""
        assert store.entries() == []
        assert store.latest() is None
        assert not store.folder.exists()

    def test_the_user_has_one_place(self, tmp_path, monkeypatch):
        """The kernel, the terminal and the editor look into the same folder."""
        monkeypatch.setenv("COTRACE_STATE_DIR", str(tmp_path / "state"))
        saved = TraceStore().save(EXAMPLE)

        assert saved.path.parent == tmp_path / "state" / "traces"
        assert TraceStore().latest() is not None


class TestPrivacy:
    @pytest.mark.skipif(
        sys.platform == "win32", reason="Windows keeps other users out of %LOCALAPPDATA% by itself"
    )
    def test_only_the_user_can_read_it(self, store, tmp_path):
        """Whatever the umask, and also where the folder was there already."""
        (tmp_path / "traces").mkdir(mode=0o755)
        before = os.umask(0)
        try:
            store.save(EXAMPLE)
        finally:
            os.umask(before)
        modes = {path.name[-8:]: stat.S_IMODE(path.stat().st_mode) for path in store.folder.glob("[!.]*")}

        assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700
        assert modes == {".cotrace": 0o600, "dex.json": 0o600}

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
    def test_the_state_folder_is_the_users_only(self, tmp_path, monkeypatch):
        monkeypatch.setenv("COTRACE_STATE_DIR", str(tmp_path / "above" / "state"))

        TraceStore().save(EXAMPLE)

        assert stat.S_IMODE((tmp_path / "above" / "state").stat().st_mode) == 0o700

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
    def test_a_trace_that_is_saved_by_name_is_private_unless_the_file_was_not(self, tmp_path):
        """Whoever made the file before chose who may read it."""
        (tmp_path / "shared.cotrace").touch()
        (tmp_path / "shared.cotrace").chmod(0o644)

        for name in ("new.cotrace", "shared.cotrace"):
            EXAMPLE.save(tmp_path / name)

        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
        assert modes == {"new.cotrace": 0o600, "shared.cotrace": 0o644}

    def test_it_can_be_turned_off(self, tmp_path):
        """Then nothing is written, and nobody is bothered with a note."""
        store = TraceStore(Settings(store=False), folder=tmp_path / "traces")

        assert store.save(EXAMPLE) == Saved(None, None)
        assert not store.folder.exists()

    def test_it_can_be_emptied(self, store):
        """It says how much that was."""
        size = sum(store.save(trace_of(f"x = {number}")).path.stat().st_size for number in range(3))

        assert store.clear() == (3, size)
        assert store.clear() == (0, 0)
        assert store.entries() == []

    def test_emptying_what_was_never_there_is_no_error(self, store):
        assert store.clear() == (0, 0)


class TestBounds:
    def test_the_oldest_goes_when_there_are_too_many(self, tmp_path):
        """Its file as well as its row."""
        store = TraceStore(Settings(store_traces=3), folder=tmp_path)
        for number in range(5):
            store.save(trace_of(f"x = {number}"))

        assert [stored.call for stored in store.entries()] == ["x = 2", "x = 3", "x = 4"]
        assert len(list(tmp_path.glob("*.cotrace"))) == 3

    def test_the_oldest_goes_when_they_take_too_much(self, tmp_path):
        """Bytes are counted as they are on the disk."""
        size = len(encode(trace_of("x = 0")))
        store = TraceStore(Settings(store_bytes=3 * size + size // 2), folder=tmp_path)
        for number in range(5):
            store.save(trace_of(f"x = {number}"))

        assert [stored.call for stored in store.entries()] == ["x = 2", "x = 3", "x = 4"]

    def test_a_run_repeated_often_does_not_push_out_the_others(self, tmp_path):
        """A trace of which a newer one of the same code is there goes first."""
        store = TraceStore(Settings(store_traces=3), folder=tmp_path)
        for text in ("x = 1", "x = 2", "x = 2", "x = 2", "x = 2"):
            store.save(trace_of(text))

        assert [stored.call for stored in store.entries()] == ["x = 1", "x = 2", "x = 2"]

    def test_a_trace_that_is_larger_than_the_store_is_not_kept(self, tmp_path):
        """The others stay, and the note says which setting to change."""
        store = TraceStore(folder=tmp_path)
        store.save(trace_of("x = 1"))
        note = TraceStore(Settings(store_bytes=100), folder=tmp_path).save(EXAMPLE).note

        assert f"it takes {len(encode(EXAMPLE)):,} bytes" in note.reason
        assert note.advice == "set store_bytes, which is 100, to more"
        assert len(store.entries()) == 1


class TestManyProcesses:
    def test_what_two_processes_save_at_once_is_all_there(self, store):
        """The index has every trace once."""
        program = "for number in range(10): assert store.save(EXAMPLE).path"
        processes = [in_another_process(store.folder, program) for _ in range(2)]

        for process in processes:
            process.communicate(timeout=120)

        assert [process.returncode for process in processes] == [0, 0]
        assert len({stored.name for stored in store.entries()}) == 20
        assert len(json.loads((store.folder / "index.json").read_bytes())["traces"]) == 20

    def test_threads_may_share_a_store(self, store):
        """A server works on several requests at once."""
        with ThreadPoolExecutor(4) as pool:
            notes = list(pool.map(lambda number: store.save(trace_of(f"x = {number}")).note, range(12)))

        assert notes == [None] * 12
        assert len(store.entries()) == 12

    def test_another_process_sees_it(self, store):
        """The editor finds what the kernel left."""
        store.save(EXAMPLE)
        process = in_another_process(store.folder, "print(store.latest().call)")

        assert process.communicate(timeout=60)[0] == "f(3)\n"


class TestDamage:
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{",
            b"\xff",
            b"[]",
            b'{"version": 1}',
            b'{"version": 9, "traces": []}',
            b'{"version":1,"traces":[{}]}',
            None,
        ],
    )
    def test_a_lost_or_damaged_index_is_made_again(self, store, content):
        """From the traces themselves; the next save writes it."""
        store.save(trace_of("x = 1"))
        store.save(trace_of("x = 2"))
        index = store.folder / "index.json"
        index.unlink() if content is None else index.write_bytes(content)

        assert store.latest(ast_hash=text_hash("x = 1")).call == "x = 1"
        assert store.save(trace_of("x = 3")).note is None
        assert [stored.call for stored in store.entries()] == ["x = 1", "x = 2", "x = 3"]

    @pytest.mark.parametrize("field", ["name", "files", "hashes", "bytes"])
    def test_a_row_of_another_shape_is_not_believed(self, store, field):
        """Another program may have written it."""
        store.save(EXAMPLE)
        index = store.folder / "index.json"
        content = json.loads(index.read_bytes())
        content["traces"][0][field] = [1]
        index.write_text(json.dumps(content))

        assert store.latest(ast_hash=text_hash(EXAMPLE.sources[0].text)) is not None

    def test_a_trace_deleted_by_hand_is_not_listed(self, store):
        """Whatever the index says."""
        store.save(EXAMPLE).path.unlink()

        assert store.entries() == []

    def test_what_is_not_ours_is_left_alone(self, store):
        """A newer cotrace's trace, and a file that only looks like one."""
        store.save(EXAMPLE)
        (store.folder / "newer.cotrace").write_bytes(b"cotrace 2 zlib\n")
        (store.folder / "other.cotrace").write_bytes(b"hello")
        store.save(EXAMPLE)

        assert len(store.entries()) == 2
        assert (store.folder / "newer.cotrace").exists()
        assert (store.folder / "other.cotrace").exists()


class TestNeverInTheWay:
    def test_a_folder_that_cannot_be_made_is_a_note(self, tmp_path):
        """Here a file stands in its place."""
        (tmp_path / "state").write_text("")
        saved = TraceStore(folder=tmp_path / "state" / "traces").save(EXAMPLE)

        assert saved.path is None
        assert "can't make the folder" in saved.note.reason
        assert "store = false" in saved.note.advice

    @pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
    def test_a_full_disk_is_a_note(self, store):
        """A limit on the size of files stands for it; what was stored before is still there."""
        store.save(EXAMPLE)
        program = (
            "import resource, signal\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))\n"
            "print(store.save(EXAMPLE))"
        )
        said = in_another_process(store.folder, program).communicate(timeout=60)[0]

        assert said.startswith("Saved(path=None, note=Note(subject='the trace store'")
        assert "the trace was not kept there" in said
        assert len(store.entries()) == len(list(store.folder.glob("*.cotrace"))) == 1

    def test_a_user_without_a_home_gets_a_note(self, monkeypatch):
        """And no trace is found, rather than an error raised, when one is looked for."""

        def homeless():
            raise RuntimeError

        monkeypatch.setattr(Path, "home", homeless)
        for variable in ("COTRACE_STATE_DIR", "XDG_STATE_HOME", "LOCALAPPDATA"):
            monkeypatch.delenv(variable, raising=False)

        assert "set COTRACE_STATE_DIR" in TraceStore().save(EXAMPLE).note.reason
        assert TraceStore().latest() is None

    def test_a_fault_of_ours_is_a_note(self, store):
        """Here a trace that is none; the user's run went well all the same."""
        note = store.save(replace(EXAMPLE, steps=(None,))).note

        assert "AttributeError" in note.reason
        assert "report it" in note.advice


class TestLoad:
    def test_a_saved_trace_is_loaded(self, tmp_path):
        """By a path or its text."""
        (tmp_path / "t.cotrace").write_bytes(encode(EXAMPLE))

        assert load(tmp_path / "t.cotrace") == load(str(tmp_path / "t.cotrace")) == EXAMPLE

    def test_what_a_trace_saved_is_loaded(self, tmp_path):
        """Over an older file, too."""
        (tmp_path / "t.cotrace").write_bytes(b"older")
        EXAMPLE.save(tmp_path / "t.cotrace")

        assert load(tmp_path / "t.cotrace") == EXAMPLE

    def test_a_missing_file_is_told(self, tmp_path):
        with pytest.raises(
            TraceError, match=r"t.cotrace: expected a .cotrace file, found nothing: check the path"
        ):
            load(tmp_path / "t.cotrace")

    def test_a_folder_is_told(self, tmp_path):
        with pytest.raises(TraceError, match="that can be read, found: a folder"):
            load(tmp_path)

    @pytest.mark.parametrize(
        ("content", "error"),
        [
            (b"hello", FileFormatError),
            (encode(EXAMPLE)[:-5], FileFormatError),
            (b"cotrace 2\n", NewerVersionError),
        ],
        ids=["no trace", "cut", "newer"],
    )
    def test_a_file_that_is_no_trace_is_told_by_name(self, tmp_path, content, error):
        """The class says which kind of trouble it is, the message which file."""
        (tmp_path / "t.cotrace").write_bytes(content)
        with pytest.raises(error, match=r"t\.cotrace: .*(expected|cut short)"):
            load(tmp_path / "t.cotrace")
