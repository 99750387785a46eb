"""The door to the file system: whole files, whole lines, one writer at a time."""

import errno
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from cotrace import files
from cotrace.errors import BusyFileError, StorageError


def never(tail):
    return False


def lines_of(path, is_whole=never):
    return list(files.read_lines(path, is_whole))


class TestLock:
    def test_only_one_holds_it(self, tmp_path):
        """Threads that count in turns under the lock never meet."""
        inside, most = [], []

        def work():
            for _ in range(20):
                with files.locked(tmp_path / "file"):
                    inside.append(1)
                    most.append(len(inside))
                    time.sleep(0.0005)
                    inside.pop()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(most) == 80
        assert max(most) == 1

    def test_waiting_has_an_end(self, tmp_path):
        """Who waits too long is told how long, and what to do."""
        with (
            files.locked(tmp_path / "file"),
            pytest.raises(BusyFileError, match=r"free within 0\.05 s, found another holding it: wait"),
            files.locked(tmp_path / "file", patience=0.05),
        ):
            pytest.fail("two hold the lock")

    def test_a_killed_process_holds_nothing(self, tmp_path):
        """The lock of a process that was killed is free at once."""
        program = (
            "import sys, pathlib; from cotrace import files\n"
            "with files.locked(pathlib.Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
        )
        path = tmp_path / "file"
        command = [sys.executable, "-c", program, path]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
            assert holder.stdout.readline().strip() == b"held"
            with pytest.raises(BusyFileError), files.locked(path, patience=0):
                pytest.fail("two hold the lock")
            holder.kill()
            holder.wait()

            with files.locked(path, patience=0):
                pass

    def test_a_lock_file_that_was_deleted_holds_nobody_up(self, tmp_path):
        """Whoever made the lock file anew has the lock; the old one counts no more."""
        path = tmp_path / "file"
        with files.locked(path):
            (tmp_path / ".file.lock").unlink()
            with files.locked(path, patience=0):
                pass

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
    def test_a_forked_child_does_not_keep_it(self, tmp_path):
        """A child forked while the lock is held inherits the open file, not the lock."""
        program = (
            "import os, sys, pathlib, time; from cotrace import files\n"
            "path = pathlib.Path(sys.argv[1])\n"
            "with files.locked(path):\n"
            "    if os.fork() == 0: time.sleep(30); os._exit(0)\n"
            "with files.locked(path, patience=0): print('free')\n"
            "os.killpg(0, 9)"
        )
        run = subprocess.run(
            [sys.executable, "-u", "-c", program, tmp_path / "file"],
            capture_output=True,
            start_new_session=True,
            timeout=60,
            check=False,
        )

        assert run.stdout == b"free\n"


class TestAppend:
    def test_lines_come_after_lines(self, tmp_path):
        path = tmp_path / "file"

        files.append_lines(path, b"one\n", never)
        files.append_lines(path, b"two\nthree\n", never)

        assert lines_of(path) == [b"one\n", b"two\n", b"three\n"]

    def test_a_torn_line_is_kept_aside(self, tmp_path):
        """What has no newline is no line: it is moved to the companion, byte for byte."""
        path = tmp_path / "file"
        path.write_bytes(b"one\n" + b"x" * 100_000)

        moved = files.append_lines(path, b"two\n", never)

        assert moved == 100_000
        assert path.read_bytes() == b"one\ntwo\n"
        assert files.torn_companion(path).read_bytes() == b"x" * 100_000 + b"\n"

    @pytest.mark.parametrize("call", ["fdatasync", "write"])
    def test_an_append_that_fails_is_taken_back(self, tmp_path, monkeypatch, call):
        """If the disk refuses the bytes or can't confirm them, the file is as it was."""
        path = tmp_path / "file"
        files.append_lines(path, b"one\n", never)

        def fail(descriptor, *rest):
            os.pwrite(descriptor, b"half", 4)
            raise OSError(errno.EIO, "Input/output error")

        monkeypatch.setattr(os, call, fail, raising=False)
        with pytest.raises(StorageError, match="can't append to it, Input/output error: check the path and"):
            files.append_lines(path, b"two\n", never)
        monkeypatch.undo()

        assert path.read_bytes() == b"one\n"

    def test_a_new_file_that_fails_is_not_there(self, tmp_path, monkeypatch):
        monkeypatch.setattr(os, "fdatasync", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))

        with pytest.raises(StorageError, match="the disk is full: make room"):
            files.append_lines(tmp_path / "file", b"one\n", never)
        assert list(tmp_path.iterdir()) == []


class TestReplace:
    def test_a_file_gets_new_content(self, tmp_path):
        path = tmp_path / "file"

        files.write(path, b"old")
        files.write(path, b"new")

        assert path.read_bytes() == b"new"
        assert list(tmp_path.iterdir()) == [path]

    def test_content_that_fails_half_way_changes_nothing(self, tmp_path):
        """An error while the content is made leaves the old file and no other."""
        path = tmp_path / "file"
        files.write(path, b"old")

        def content():
            yield b"half"
            raise RuntimeError("no more")

        with pytest.raises(RuntimeError, match="no more"):
            files.replace(path, content())
        assert path.read_bytes() == b"old"
        assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
class TestPermissions:
    @pytest.fixture(autouse=True)
    def open_to_all(self):
        """A umask that takes nothing away."""
        before = os.umask(0)
        yield
        os.umask(before)

    def test_a_new_file_has_the_mode_that_was_asked_for(self, tmp_path):
        files.write(tmp_path / "open", b"a")
        files.write(tmp_path / "private", b"a", mode=files.PRIVATE)

        assert files.mode_of(tmp_path / "open") == 0o666
        assert files.mode_of(tmp_path / "private") == 0o600

    @pytest.mark.parametrize("mode", [0o400, 0o600, 0o644, 0o660])
    def test_a_file_that_is_there_keeps_its_mode(self, tmp_path, mode):
        path = tmp_path / "file"
        path.write_bytes(b"old")
        path.chmod(mode)

        files.write(path, b"new", mode=files.PRIVATE)

        assert (path.read_bytes(), files.mode_of(path)) == (b"new", mode)

    def test_what_a_killed_writer_left_does_not_lend_its_mode(self, tmp_path):
        (tmp_path / ".file.new").write_bytes(b"half of it")

        files.replace(tmp_path / "file", [b"whole"], exclusive=True, mode=files.PRIVATE)

        assert files.mode_of(tmp_path / "file") == 0o600
        assert not (tmp_path / ".file.new").exists()

    def test_a_torn_line_is_kept_as_private_as_its_file(self, tmp_path):
        path = tmp_path / "file"
        path.write_bytes(b"one\ntorn")
        path.chmod(0o600)

        files.append_lines(path, b"two\n", never)

        assert files.mode_of(files.torn_companion(path)) == 0o600


class TestRead:
    def test_the_reader_of_a_replaced_file_goes_on(self, tmp_path):
        """A reading that has begun sees the old file to its end."""
        path = tmp_path / "file"
        files.write(path, b"1\n2\n")
        reading = files.read_lines(path, never)
        first = next(reading)

        files.write(path, b"other\n")

        assert [first, *reading] == [b"1\n", b"2\n"]

    def test_a_slow_writer_does_not_stop_a_reader(self, tmp_path):
        """Somebody who holds the lock for long holds a reader up for a second at most."""
        path = tmp_path / "file"
        files.append_lines(path, b"one\n", never)

        with files.locked(path):
            began = time.monotonic()
            assert lines_of(path) == [b"one\n"]
            assert 0.9 < time.monotonic() - began < 5

    def test_a_last_line_can_be_whole_without_newline(self, tmp_path):
        """Whether it is one, the caller knows."""
        path = tmp_path / "file"
        path.write_bytes(b"one\ntwo")

        assert lines_of(path) == [b"one\n"]
        assert lines_of(path, lambda tail: tail == b"two") == [b"one\n", b"two"]
        assert files.torn_tail(path, never) == b"two"

    def test_a_file_that_cannot_be_read_is_told(self, tmp_path):
        (tmp_path / "file").write_bytes(b"one\n")

        with pytest.raises(
            StorageError, match="a part of its path is a file, not a folder: correct the path"
        ):
            lines_of(tmp_path / "file" / "deeper")


class TestNetworkFolders:
    MOUNTS = (
        "/dev/sda1 / ext4 rw 0 0\n"
        "server:/home /home nfs4 rw 0 0\n"
        "/dev/sdb1 /home/me/local ext4 rw 0 0\n"
        "me@host: /mnt/my\\040disk fuse.sshfs rw 0 0\n"
    )

    @pytest.mark.parametrize(
        ("path", "kind"),
        [
            ("/home/me/x.jsonl", "nfs4"),
            ("/home/me/local/x.jsonl", ""),
            ("/homework/x.jsonl", ""),
            ("/mnt/my disk/x.jsonl", "fuse.sshfs"),
        ],
    )
    def test_the_nearest_mount_tells(self, tmp_path, path, kind):
        """The mount with the longest matching folder says what kind of disk holds a path."""
        mounts = tmp_path / "mounts"
        mounts.write_text(self.MOUNTS)

        assert files.network_kind(Path(path), mounts) == kind

    def test_where_nothing_tells_nothing_is_said(self, tmp_path):
        assert files.network_kind(tmp_path, tmp_path / "none") == ""
