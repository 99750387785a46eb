"""Run each task in a child of its own, forked from a warm process: 3 ms instead of a new interpreter's 300.

`Zygote` is the side that asks. The other side is this file run as a program: it imports what tasks need once, then
forks for every task, waits with a time limit, kills the whole process group of one that does not come back, and
answers one JSON line a task. A task is a JSON object; what runs it is `TASKS[task["task"]]`.
"""

import io
import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import cotrace

TESTS = Path(__file__).resolve().parent.parent
MEMORY = 3 << 30


class Zygote:
    """A warm process that runs tasks in children, one at a time. A context manager."""

    def __init__(self, python=sys.executable):
        self._python = python

    def __enter__(self):
        paths = [str(TESTS), str(Path(cotrace.__file__).parents[1])]  # the package that is under test here
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
        environment |= {
            "PYTHONPATH": os.pathsep.join(paths),
            "PYTHONHASHSEED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self._process = subprocess.Popen(
            [self._python, "-X", "faulthandler", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()

    def ask(self, task, *, seconds=20.0, **arguments):
        """Run one task; return what it answered, with `status`: ok, timeout, or died with the signal or exit code."""
        self._process.stdin.write(
            json.dumps({"task": task, "seconds": seconds, "arguments": arguments}) + "\n"
        )
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def serve(tasks):
    """Answer tasks from stdin until it ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        asked = json.loads(line)
        print(
            json.dumps(run(tasks[asked["task"]], asked["arguments"], asked["seconds"])),
            file=answers,
            flush=True,
        )


def run(task, arguments, seconds):
    """Fork, run one task in the child, and return its answer."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _answer(task, arguments, writing)
    os.close(writing)
    try:
        text, is_late = _read(reading, time.monotonic() + seconds)
    finally:
        os.close(reading)
    if is_late or not text:
        _kill(child)
    _, status = os.waitpid(child, 0)
    if is_late:
        return {"status": "timeout"}
    return json.loads(text) if text else {"status": f"died: {os.waitstatus_to_exitcode(status)}"}


def _answer(task, arguments, writing):
    os.setsid()
    if "libasan" not in os.environ.get(
        "LD_PRELOAD", ""
    ):  # a sanitizer takes terabytes of addresses for itself
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # a program that reads finds the end at once
    sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False))
    try:
        answer = {"status": "ok", **task(**arguments)}
    except BaseException as error:  # noqa: BLE001 - the child must answer whatever happened
        answer = {"status": "failed", "problem": f"{type(error).__name__}: {error}"[:3000]}
    text = json.dumps(answer).encode()
    while text:
        text = text[os.write(writing, text) :]
    os._exit(0)


def _read(reading, deadline):
    parts = []
    while True:
        ready, _, _ = select.select([reading], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            return b"", True
        part = os.read(reading, 1 << 16)
        if not part:
            return b"".join(parts), False
        parts.append(part)


def _kill(child):
    for target in (os.killpg, os.kill):
        try:
            target(child, signal.SIGKILL)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    from oracle.tasks import TASKS

    serve(TASKS)
