"""A process tree is killed to the last process, whatever the processes did to get out of it."""

import contextlib
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cotrace.processes import Tree

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans to a subreaper")


@contextlib.contextmanager
def started(program: str, start=subprocess.Popen):
    """Run a program; yield it and the first line it prints."""
    with start([sys.executable, "-I", "-c", program], stdout=subprocess.PIPE) as child:
        yield child, child.stdout.readline().strip().decode()


def is_running(pid: str) -> bool:
    """Signal 0 reaches zombies too, so ask the kernel what state it is in."""
    states = subprocess.run(
        ["ps", "-o", "stat=", "-p", pid], capture_output=True, text=True, check=False
    ).stdout
    return bool(states.strip()) and not states.startswith("Z")


def test_a_child_and_its_child_are_killed():
    program = (
        "import subprocess, sys, time\n"
        "other = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(other.pid, flush=True)\n"
        "time.sleep(60)"
    )
    with Tree() as tree, started(program, tree.start) as (child, grandchild):
        assert tree.kill() == []

    assert child.returncode == -9
    assert not is_running(grandchild)


@linux_only
def test_a_daemon_that_left_its_session_and_lost_its_parent_is_killed():
    """Two forks and a session of its own: neither a process group nor the parent's children would show it."""
    program = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        print(os.getpid(), flush=True)\n"
        "        time.sleep(60)\n"
        "    os._exit(0)\n"
        "os.wait()\n"
    )
    with Tree() as tree, started(program, tree.start) as (child, daemon):
        assert child.wait() == 0
        assert is_running(daemon)

        assert tree.kill() == []

    assert not is_running(daemon)


@linux_only
def test_processes_that_keep_forking_are_killed():
    """The list of processes is out of date as soon as it is read."""
    program = (
        "import os, time\n"
        "print('ready', flush=True)\n"
        "end = time.time() + 20\n"
        "while time.time() < end:\n"
        "    if os.fork() == 0:\n"
        "        time.sleep(0.01)\n"
        "        if os.fork() == 0: time.sleep(0.1)\n"
        "        os._exit(0)\n"
        "    time.sleep(0.002)\n"
    )
    with Tree() as tree, started(program, tree.start) as (child, _):
        time.sleep(0.1)

        assert tree.kill() == []

    assert child.returncode == -9


def test_processes_that_were_there_before_are_left_alone():
    with started("import time; print('ready', flush=True); time.sleep(60)") as (earlier, _):
        with Tree() as tree:
            assert tree.members() == []
            assert tree.kill() == []

        assert earlier.poll() is None
        earlier.kill()


@linux_only
def test_no_zombies_of_killed_orphans_are_left():
    program = "import os, time\npid = os.fork()\nif pid == 0: time.sleep(60)\nprint(pid, flush=True)"
    with Tree() as tree, started(program, tree.start) as (child, orphan):
        child.wait()
        assert tree.kill() == []

    assert not Path("/proc", orphan).exists()
