"""The child's side of a traced program: run it as Python would, and leave a recording whatever becomes of it.

`cotrace.runner` starts a fresh interpreter, the user's own, and hands it the path of a request. The child then makes
the world that ``python FILE ARGS`` makes (``__main__``, `sys.argv`, the first entry of `sys.path`), or imports FILE and
makes one call, and records. Every line of the recording is written to a file as soon as it is known, so a program that
crashes, is killed or calls `os._exit` leaves what was recorded up to there. Only the standard library, `cotrace.model`
and `cotrace.tracing` are imported, all before the program's own folder can hide a module of theirs.
"""

from __future__ import annotations

import contextlib
import json
import linecache
import os
import signal
import sys
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import TYPE_CHECKING, NoReturn

from cotrace.errors import TraceError
from cotrace.model.codec import encode
from cotrace.model.limits import Limits
from cotrace.model.trace import EngineName
from cotrace.tracing.engine import StopTracedCode
from cotrace.tracing.loading import SourceFile, main_module, new_module, prepared_call, read_source
from cotrace.tracing.tracer import ABSENT, Tracer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STOP_SIGNAL = getattr(signal, "SIGXCPU", None)
"""What the parent sends to stop a program that is over its time, where signals exist: hardly any program handles it
itself, and it wakes one that sleeps or waits for input."""

HIGH_DESCRIPTOR = 1_000
"""The recording's file descriptor is about this, so that the program's own begin at 3 as they would."""


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, and how."""

    file: str
    """The path as the user wrote it: it becomes ``sys.argv[0]``."""

    arguments: tuple[str, ...] = ()
    """The rest of `sys.argv`."""

    qualname: str = ""
    """A function in the file: the file is then imported, and this called. Empty: the file runs as ``__main__``."""

    call: str = ""
    """The call to make, such as ``f(3)``. Empty: the function is called without arguments."""

    limits: Limits = field(default_factory=Limits)
    include: tuple[str, ...] = ()
    """Modules to trace beside the program's own."""

    redact_names: tuple[str, ...] = ()
    """Further patterns of names whose values are secret."""

    engine: EngineName = "auto"
    """What records."""

    ledger: bool = True
    """Whether the value of every sub-expression is recorded."""

    @property
    def is_script(self) -> bool:
        """True if the file runs as ``__main__``."""
        return not (self.qualname or self.call)


@dataclass(frozen=True, slots=True)
class Request:
    """One run: what the parent tells the child, in a file."""

    program: Program
    recording: str
    """Where the recording goes."""

    refusal: str
    """Where to write why nothing could be recorded."""

    secrets: str
    """Where to write secrets as they are found, for whoever reads the recording of a program that died: what was
    recorded before a secret was known as one still holds it."""

    def write(self, path: Path) -> None:
        """Write the request for the child to read."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @staticmethod
    def read(path: str) -> Request:
        """Read what `write` wrote."""
        fields = json.loads(Path(path).read_text(encoding="utf-8"))
        asked = fields["program"]
        program = Program(
            asked["file"],
            tuple(asked["arguments"]),
            asked["qualname"],
            asked["call"],
            Limits(**asked["limits"]),
            tuple(asked["include"]),
            tuple(asked["redact_names"]),
            asked["engine"],
            asked["ledger"],
        )
        return Request(program, fields["recording"], fields["refusal"], fields["secrets"])


def main(request_path: str) -> None:
    """Run what the request asks for, record it, and end as the program would."""
    request = Request.read(request_path)
    linecache.cache.pop("<string>", None)  # the text that started this process, which is nobody's program
    try:
        error = _Run(request).script() if request.program.is_script else _Run(request).call()
    except TraceError as refusal:
        Path(request.refusal).write_text(str(refusal), encoding="utf-8")
        sys.exit(1)
    _end_with(error)


class _Run:
    """One recording of one program."""

    def __init__(self, request: Request) -> None:
        self.program = request.program
        self.path = os.path.join(os.getcwd(), self.program.file)  # noqa: PTH109, PTH118 - Python's own way: "./" stays
        self.recording = request.recording
        self.process = os.getpid()
        sys.argv = [self.program.file, *self.program.arguments]
        sys.orig_argv = [sys.executable, *sys.argv]
        self.stream = _opened_high(self.recording)
        self.tracer = Tracer(
            limits=self.program.limits,
            files=[self.path],
            include=self.program.include,
            redact_names=self.program.redact_names,
            engine=self.program.engine,
            ledger=self.program.ledger,
            call=self.program.call
            or (f"{self.program.qualname}()" if self.program.qualname else self.program.file),
            stream=self.stream,
        )
        self.tracer.secrets.listener = _SecretsFile(request.secrets).add
        self.tracer.secrets.learn_from_options(self.program.arguments)

    def script(self) -> BaseException | None:
        """Run the file as ``__main__``; return what it ended with, if it was an exception."""
        source = read_source(self.path)
        module = main_module(self.program.file, self.path)
        code = self.compiled(source)

        def run() -> object:
            exec(code, vars(module))  # noqa: S102 - the user's program
            return ABSENT

        return self.recorded(run)

    def call(self) -> BaseException | None:
        """Import the file and make the call; return what it ended with, if it was an exception."""
        source = read_source(self.path)
        module = new_module(self.path)
        code = self.compiled(source)
        try:
            exec(code, vars(module))  # noqa: S102 - the user's program
        except BaseException as error:
            _report(_without_ours(error))
            raise TraceError(
                f"{self.program.file} can't be imported, so nothing in it can be called: {_named(error)}; "
                "correct it, or trace the file itself"
            ) from error
        call = prepared_call(module, self.program.qualname, self.program.call)
        # What the file has imported was there before the recording, without probes.
        self.tracer.instrument_namespace(vars(module))
        return self.recorded(call.make)

    def compiled(self, source: SourceFile) -> CodeType:
        """Return the file's code, with probes if the ledger is wanted."""
        return self.tracer.compile(source.text, self.path) if self.program.ledger else source.code

    def recorded(self, run: Callable[[], object]) -> BaseException | None:
        """Record `run`; return the exception that left it, if one did."""
        error: BaseException | None = None
        result: object = ABSENT
        with _woken_by_signal(self.program.limits):
            self.tracer.start()
            try:
                result = run()
            except BaseException as caught:  # noqa: BLE001 - how it ended is what we record
                error = _without_ours(caught)
            error = _joined_threads(error)
            self.trace = self.tracer.stop(result, error, live=False)
        if os.getpid() == self.process:  # a fork of the program arrives here too
            self.complete()
        return error

    def complete(self) -> None:
        """Write the recording anew where the stream does not hold all of it, or holds a secret found out later."""
        is_whole = _is_open_on(self.stream, self.recording)
        if not is_whole or self.tracer.took_back:
            new = f"{self.recording}.new"
            Path(new).write_bytes(encode(self.trace))
            os.replace(new, self.recording)  # noqa: PTH105 - one call, whole or not at all


# --- the end ------------------------------------------------------------------------------------------------------


def _joined_threads(error: BaseException | None) -> BaseException | None:
    """Wait for the program's threads, as Python does at its end; return how it ended after that."""
    threads = [t for t in threading.enumerate() if t is not threading.current_thread() and not t.daemon]
    if threads and error is not None:
        _report(error)  # Python, too, prints the main thread's traceback first
    try:
        for thread in threads:
            thread.join()
    except BaseException as caught:  # noqa: BLE001 - the time is over, or Ctrl-C
        return error or _without_ours(caught)
    return error


def _end_with(error: BaseException | None) -> NoReturn:
    """End the process as Python does after a program that ended so."""
    if isinstance(error, SystemExit):
        raise SystemExit(error.code) from None
    if error is None or isinstance(error, StopTracedCode):
        sys.exit(0)
    _report(error)
    sys.exit(130 if isinstance(error, KeyboardInterrupt) else 1)


def _named(error: BaseException) -> str:
    """Return an exception's type, and the first line of its message if that is at hand without running code."""
    message = error.args[0] if error.args and isinstance(error.args[0], str) else ""
    first = message.strip().partition("\n")[0]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


def _report(error: BaseException) -> None:
    """Have an uncaught exception printed, by the program's own hook if it has one; but once."""
    if not isinstance(error, (SystemExit, StopTracedCode)) and error not in _reported:
        _reported.append(error)
        sys.excepthook(type(error), error, error.__traceback__)


_reported: list[BaseException] = []


def _without_ours(error: BaseException) -> BaseException:
    """Leave our own frames out of an exception's traceback.

    They are at its top, since we called the program; and at its end where a deep recursion ran out of stack in an
    event's work, which may also have left us an exception of ours as its context.
    """
    if isinstance(error, RecursionError):
        while error.__context__ is not None and _ends_in_ours(error.__context__):
            error.__context__ = error.__context__.__context__
    frames = []
    trail = error.__traceback__
    while trail is not None:
        if not _is_ours(trail):
            frames.append(trail)
        trail = trail.tb_next
    for one, following in zip(frames, [*frames[1:], None], strict=True):
        one.tb_next = following
    return error.with_traceback(frames[0] if frames else None)


_FOLDER = str(Path(__file__).parent) + os.sep


def _is_ours(trail: TracebackType) -> bool:
    return trail.tb_frame.f_code.co_filename.startswith(_FOLDER)


def _ends_in_ours(error: BaseException) -> bool:
    trail = error.__traceback__
    while trail is not None and trail.tb_next is not None:
        trail = trail.tb_next
    return trail is not None and _is_ours(trail)


# --- the recording's file -----------------------------------------------------------------------------------------


def _opened_high(path: str) -> int:
    """Create the recording's file; return a descriptor that is out of the program's way and dies with `exec`."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
    if sys.platform == "win32":
        return descriptor
    import fcntl
    import resource

    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    lowest = HIGH_DESCRIPTOR if allowed == resource.RLIM_INFINITY else min(HIGH_DESCRIPTOR, allowed - 1)
    with contextlib.suppress(OSError):  # then the low one has to do
        high = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, lowest)
        os.close(descriptor)
        return high
    return descriptor


def _is_open_on(descriptor: int, path: str) -> bool:
    """Tell whether a descriptor is still that of the file: a program may close every one that it finds."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))  # noqa: PTH116 - a pair
    except OSError:
        return False


class _SecretsFile:
    """Where the parent, and nobody else, reads what must not stay in the recording; it is deleted with it."""

    def __init__(self, path: str) -> None:
        self._path = path

    def add(self, name: str, text: str) -> None:
        """Write one secret down."""
        with contextlib.suppress(OSError):
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(descriptor, json.dumps([name, text]).encode() + b"\n")
            finally:
                os.close(descriptor)


@contextlib.contextmanager
def _woken_by_signal(limits: Limits) -> Iterator[None]:
    """Let the parent's signal end what the program waits for; the tracer can only stop a program that runs."""
    number = STOP_SIGNAL
    if number is None or limits.seconds is None or signal.getsignal(number) is not signal.SIG_DFL:
        yield
        return

    def wake(_number: int, _frame: FrameType | None) -> None:
        # What the watchdog has sent already arrives here first, as this function begins: so one of the two is raised.
        raise StopTracedCode

    signal.signal(number, wake)
    try:
        yield
    finally:
        signal.signal(number, signal.SIG_DFL)
