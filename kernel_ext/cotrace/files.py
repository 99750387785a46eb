"""The door to the file system: what is written is whole, on the disk, and written by one process at a time.

- `locked` holds a lock for a file. The lock is on a file beside it, which stays: the file itself may be
  replaced.
- `append_lines` adds lines so that a kill, a full disk or a power cut leaves the old lines and at most one
  torn line at the end, which the next append moves to a file beside (`.torn`).
- `write` and `replace` give a file new content in one instant: a reader sees the old file or the new one.
- `read_lines` reads what was committed when the reading began, while others append to the file or replace it.

A file that is there keeps its mode. A new one has the mode that its writer asks for: PRIVATE for a recording, which
holds what a program ran with; else, as for any file that a person makes to pass on, what the umask leaves.

"On the disk" means fdatasync, on macOS F_FULLFSYNC (there fsync leaves the bytes in the drive's cache), else
fsync; and for a name that is new, fsync of its folder.

An OSError leaves this module as StorageError, which says what is wrong and what to do about it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from cotrace.errors import BusyFileError, StorageError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

PRIVATE = 0o600
"""The mode of a file that is nobody's but its user's."""

_BINARY: int = getattr(os, "O_BINARY", 0)
_BLOCK = 1 << 16
_NETWORK = {
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "afs",
    "ceph",
    "fuse.sshfs",
    "fuse.s3fs",
    "fuse.rclone",
}

_ADVICE = {
    errno.ENOSPC: ("the disk is full", "make room on it and try again"),
    errno.EFBIG: (
        "the file would grow beyond the size allowed here",
        "raise the limit (ulimit -f) or begin another file",
    ),
    errno.EROFS: ("the file system is read-only", "choose a path that can be written"),
    errno.EACCES: ("permission is denied", "change the permissions or choose another path"),
    errno.EPERM: ("the operation is not permitted", "change the permissions or choose another path"),
    errno.EISDIR: ("it is a folder", "name a file"),
    errno.ENOENT: ("its folder does not exist", "create the folder first, or correct the path"),
    errno.ENOTDIR: ("a part of its path is a file, not a folder", "correct the path"),
    errno.ELOOP: ("its symbolic links go round in a circle", "correct the links"),
    errno.ENOLCK: ("the file system has no locks", "move it to a local disk"),
    errno.ENOTSUP: ("the file system does not support it", "move it to a local disk"),
    errno.ENAMETOOLONG: ("the name is too long", "choose a shorter one"),
    getattr(errno, "EDQUOT", errno.ENOSPC): ("the disk quota is used up", "make room and try again"),
}


# ---- locks ----


@contextlib.contextmanager
def locked(path: Path, *, patience: float = 30.0) -> Iterator[None]:
    """Hold the lock of a file; nobody else who asks for it, in any process or thread, goes on meanwhile.

    Raises BusyFileError after `patience` seconds.
    """
    with _explained(path, "lock it"):
        descriptor = _acquire(_lock_of(path), os.O_RDWR | os.O_CREAT, patience)
    try:
        yield
    finally:
        _unlock(descriptor)
        os.close(descriptor)


def _lock_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.lock")


@contextlib.contextmanager
def _locked_for_reading(path: Path) -> Iterator[None]:
    """Keep writers out if that is possible: a missing lock file or a slow writer does not stop a reader."""
    descriptor = None
    with contextlib.suppress(OSError, BusyFileError):
        descriptor = _acquire(_lock_of(path), os.O_RDONLY, patience=1.0, shared=True)
    try:
        yield
    finally:
        if descriptor is not None:
            _unlock(descriptor)
            os.close(descriptor)


def _acquire(lock: Path, flags: int, patience: float, *, shared: bool = False) -> int:
    deadline = time.monotonic() + patience
    pause = 0.0002
    while True:
        descriptor = _open_lock(lock, flags)
        try:
            if _try_lock(descriptor, shared=shared) and _is_same_file(descriptor, lock):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        if time.monotonic() > deadline:
            raise BusyFileError(
                f"{lock}: expected the lock to be free within {patience:g} s, found another holding it: "
                "wait for that process to finish, or end it"
            )
        time.sleep(pause)
        pause = min(pause * 2, 0.01)


def _open_lock(lock: Path, flags: int) -> int:
    try:
        return os.open(lock, flags | _BINARY, 0o666)
    except PermissionError:
        # Another user made it. Whoever may read it can lock it too, on a local disk.
        return os.open(lock, os.O_RDONLY | _BINARY)


def _is_same_file(descriptor: int, lock: Path) -> bool:
    """Tell whether the lock file was not deleted and made anew between opening and locking it."""
    try:
        return os.path.samestat(os.fstat(descriptor), lock.stat())
    except FileNotFoundError:
        return False


if sys.platform == "win32":

    def _try_lock(descriptor: int, *, shared: bool) -> bool:  # noqa: ARG001 - Windows has exclusive locks only
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:

    def _try_lock(descriptor: int, *, shared: bool) -> bool:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        # Closing alone would leave the lock to a child forked meanwhile.
        fcntl.flock(descriptor, fcntl.LOCK_UN)


# ---- writing ----


def append_lines(path: Path, lines: bytes, is_whole: Callable[[bytes], bool]) -> int:
    """Add lines to the end of a file, made if need be; return how many torn bytes were moved out of the way.

    `lines` ends with a newline. On return they are on the disk; on an error the file is as it was. The caller
    holds the file's lock. A last line without newline is completed if `is_whole` says so (an editor left it,
    or a writer was killed at its last byte), else moved to the end of the file's `.torn` companion.
    """
    with _explained(path, "append to it"):
        created = not path.exists()
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | _BINARY, 0o666)
        try:
            torn = _append(descriptor, path, lines, is_whole)
            if created:
                sync_folder(path.parent)
        except BaseException:
            if created:
                path.unlink(missing_ok=True)
            raise
        finally:
            os.close(descriptor)
    return torn


def _append(descriptor: int, path: Path, lines: bytes, is_whole: Callable[[bytes], bool]) -> int:
    torn = _mend(descriptor, path, is_whole)
    size = os.fstat(descriptor).st_size
    try:
        _write(descriptor, lines)
        _sync(descriptor)
    except BaseException:
        os.ftruncate(descriptor, size)
        raise
    return torn


def mend(path: Path, is_whole: Callable[[bytes], bool]) -> int:
    """Make the file end with a newline, as `append_lines` does first; return how many bytes were moved."""
    with _explained(path, "mend its last line"):
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | _BINARY)
        try:
            return _mend(descriptor, path, is_whole)
        finally:
            os.close(descriptor)


def _mend(descriptor: int, path: Path, is_whole: Callable[[bytes], bool]) -> int:
    size = os.fstat(descriptor).st_size
    tail = _tail(descriptor, size)
    if not tail:
        return 0
    if is_whole(tail):
        _write(descriptor, b"\n")
        return 0
    _keep_torn(path, tail)
    os.ftruncate(descriptor, size - len(tail))
    return len(tail)


def torn_companion(path: Path) -> Path:
    """Return where torn last lines of a file are kept."""
    return path.with_name(path.name + ".torn")


def _keep_torn(path: Path, tail: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | _BINARY
    descriptor = os.open(torn_companion(path), flags, mode_of(path))
    try:
        _write(descriptor, tail + b"\n")
        _sync(descriptor)
    finally:
        os.close(descriptor)


def write(path: Path, content: bytes, *, mode: int = 0o666) -> None:
    """Make a file or give it new content, in one instant, on the disk on return; an error leaves it as it was.

    `mode` is that of a new file, less the umask; a file that is there keeps its own.
    """
    replace(path, (content,), mode=mode)


def replace(path: Path, content: Iterable[bytes], *, exclusive: bool = False, mode: int = 0o666) -> None:
    """Do as `write` does, with content in parts.

    `exclusive` says that the caller holds the file's lock: what a killed predecessor left is then written
    over instead of lying about.
    """
    temporary = path.with_name(f".{path.name}.{'new' if exclusive else secrets.token_hex(8)}")
    with _explained(path, "write it"):
        try:
            _write_new(temporary, content, path, mode)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def _write_new(temporary: Path, content: Iterable[bytes], like: Path, mode: int) -> None:
    temporary.unlink(missing_ok=True)  # what a killed predecessor left would lend its mode to the new file
    kept = mode_of(like) if like.exists() else None
    descriptor = os.open(
        temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, mode if kept is None else kept
    )
    try:
        if kept is not None and sys.platform != "win32":
            os.fchmod(descriptor, kept)  # again, for the umask took from it
        for part in content:
            _write(descriptor, part)
        _sync(descriptor)
    finally:
        os.close(descriptor)


def _write(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def mode_of(path: Path) -> int:
    """Return the permissions of a file that is there, for what is made of its content."""
    return path.stat().st_mode & 0o7777


def make_folder(path: Path) -> None:
    """Make a folder if there is none, its name on the disk on return."""
    with _explained(path, "make the folder"):
        if not path.is_dir():
            path.mkdir(exist_ok=True)
            sync_folder(path.parent)


def _sync(descriptor: int) -> None:
    if hasattr(os, "fdatasync"):
        os.fdatasync(descriptor)
    elif sys.platform == "darwin":
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk; Windows has no such call and needs none."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# ---- reading ----


def read_lines(path: Path, is_whole: Callable[[bytes], bool], *, exclusive: bool = False) -> Iterator[bytes]:
    """Yield the lines, newline and all, that the file holds at the first `next`; none if there is no file.

    A last line without newline comes only if `is_whole` says so. The reader waits at most a second for a
    writer to finish and goes on without the lock where it can't have it; then, lines of an append that fails
    may be among them. `exclusive` says that the caller holds the file's lock.
    """
    try:
        with _explained(path, "read it"):
            opened = path.open("rb")
    except StorageError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return
        raise
    with opened, _explained(path, "read it"):
        with contextlib.nullcontext() if exclusive else _locked_for_reading(path):
            end, tail = _committed(opened)
        opened.seek(0)
        while opened.tell() < end:
            yield opened.readline()
        if tail and is_whole(tail):
            yield tail


def torn_tail(path: Path, is_whole: Callable[[bytes], bool]) -> bytes:
    """Return the torn last line of a file, if it has one."""
    with _explained(path, "read it"), path.open("rb") as opened, _locked_for_reading(path):
        _, tail = _committed(opened)
    return b"" if is_whole(tail) else tail


def _committed(opened: BinaryIO) -> tuple[int, bytes]:
    """Return where the lines end, and what follows them."""
    size = os.fstat(opened.fileno()).st_size
    tail = _tail(opened.fileno(), size)
    return size - len(tail), tail


def _tail(descriptor: int, size: int) -> bytes:
    """Return the bytes after the last newline."""
    tail = b""
    position = size
    while position:
        start = max(0, position - _BLOCK)
        os.lseek(descriptor, start, os.SEEK_SET)
        block = os.read(descriptor, position - start)
        _, newline, rest = block.rpartition(b"\n")
        tail = rest + tail
        if newline:
            break
        position = start
    return tail


# ---- where a file is ----


def resolved(path: str | os.PathLike[str]) -> Path:
    """Return the path with its links followed, so that a link to a file is not replaced by a file."""
    with _explained(Path(path), "find it"):
        return Path(os.path.realpath(Path(path).expanduser()))


def network_kind(path: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """Return the kind of network file system that holds a path, or an empty text; known on Linux only."""
    try:
        lines = mounts.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    best, kind = "", ""
    for fields in (line.split() for line in lines):
        point = fields[1].replace("\\040", " ") if len(fields) > 2 else ""
        if point and path.is_relative_to(point) and len(point) >= len(best):
            best, kind = point, fields[2]
    return kind if kind in _NETWORK else ""


# ---- errors ----


@contextlib.contextmanager
def _explained(path: Path, doing: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        found, advice = _ADVICE.get(
            error.errno or 0, (str(error.strerror or error), "check the path and the disk")
        )
        raise StorageError(f"{path}: can't {doing}, {found}: {advice}") from error
