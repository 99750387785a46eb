"""A terminal for tests: a pseudo-terminal with a job-controlling shell in it, and what its screen shows.

`Screen` knows the few control sequences that cotrace draws with and refuses all others, so a test that reads it also
shows that nothing else reached the terminal. `Terminal` runs a command as a shell does, in a process group of its own
that has the foreground: Ctrl-C and Ctrl-Z reach it through the terminal, and when it ends or stops the shell says
whether the terminal was given back as it was.
"""

import codecs
import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

from rich.cells import get_character_cell_size

SHELL = """
import fcntl, os, signal, subprocess, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
usual = termios.tcgetattr(0)
child = subprocess.Popen(sys.argv[2:], process_group=0)
os.write(int(sys.argv[1]), b"%d" % child.pid)
while True:
    os.tcsetpgrp(0, child.pid)
    os.kill(child.pid, signal.SIGCONT)
    _, status = os.waitpid(child.pid, os.WUNTRACED)
    os.tcsetpgrp(0, os.getpgrp())
    same = termios.tcgetattr(0) == usual
    how = "stopped" if os.WIFSTOPPED(status) else f"ended {os.waitstatus_to_exitcode(status)}"
    print(f"[{how}, terminal {'as it was' if same else 'CHANGED'}]", flush=True)
    if not os.WIFSTOPPED(status):
        break
    termios.tcsetattr(0, termios.TCSANOW, usual)
    input()
"""


class Screen:
    """What a terminal of so many columns and rows shows after the bytes it was fed."""

    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.pages = {False: {}, True: {}}
        self.on_other_page = False
        self.wraps, self.shows_cursor = True, True
        self.row = self.column = 0
        self.unfinished = ""
        self._text = codecs.getincrementaldecoder("utf-8")()

    def feed(self, received):
        text = self.unfinished + self._text.decode(received)
        self.unfinished = ""
        while text:
            if text[0] != "\x1b":
                self.put(text[0])
                text = text[1:]
                continue
            # Ctrl-C and Ctrl-Z throw away what was not yet shown: an escape ends what is left of a sequence.
            text = re.sub(r"^\x1b(\[\??[0-9;]*)?(?=\x1b)", "", text)
            found = re.match(r"\x1b\[(\??)([0-9;]*)([A-Za-z])", text)
            if found is None:
                assert re.fullmatch(r"\x1b(\[\??[0-9;]*)?", text), f"not a sequence of ours: {text[:20]!r}"
                self.unfinished = text
                return
            self.act(*found.groups())
            text = text[found.end() :]

    def act(self, private, numbers, letter):
        if private:
            assert letter in "hl"
            is_set = letter == "h"
            if numbers == "1049":
                self.on_other_page = is_set
                self.pages[True] = {}
            elif numbers == "7":
                self.wraps = is_set
            else:
                assert numbers == "25"
                self.shows_cursor = is_set
        elif letter == "H":
            row, column = map(int, numbers.split(";"))
            self.row, self.column = row - 1, column - 1
        elif letter == "J":
            self.page.clear()
        elif letter == "K":
            self.page.pop(self.row, None)
        else:
            assert letter == "m", f"not a sequence of ours: {numbers}{letter}"

    def put(self, character):
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self.row += 1
        else:
            assert character.isprintable() or not character.isascii(), f"a control character: {character!r}"
            cells = self.page.setdefault(self.row, {})
            width = get_character_cell_size(character)
            if self.column + width > self.columns and not self.wraps:
                self.column = self.columns - width  # what lies beyond the edge is written on it
            if not width:
                cells[self.column - 1] = cells.get(self.column - 1, "") + character
            for place in range(width):
                cells[self.column + place] = "" if place else character
            self.column += width

    @property
    def page(self):
        return self.pages[self.on_other_page]

    @property
    def lines(self):
        last = max(self.page, default=-1) + 1
        return ["".join(self._cells(self.page.get(row, {}))).rstrip() for row in range(last)]

    def _cells(self, cells):
        return [cells.get(column, " ") for column in range(max(cells, default=-1) + 1)]

    @property
    def text(self):
        return "\n".join(self.lines)


class Terminal:
    """A command that runs in a terminal of its own."""

    def __init__(self, *command, columns=100, rows=24, **environment):
        self.master, slave = pty.openpty()
        self.screen = Screen(columns, rows)
        self.resize(columns, rows)
        environment = {**os.environ, "TERM": "xterm-256color", **environment}
        for name in [name for name, value in environment.items() if value is None]:
            del environment[name]
        told, telling = os.pipe()
        words = [sys.executable, "-c", SHELL, str(telling), *command]
        self.shell = subprocess.Popen(
            words,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env=environment,
            pass_fds=[telling],
        )
        for end in (slave, telling):
            os.close(end)
        self.pid = int(os.read(told, 20))
        os.close(told)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self.shell.kill()
        self.shell.wait()
        os.close(self.master)

    def resize(self, columns, rows):
        self.screen.columns, self.screen.rows = columns, rows
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def send(self, keys):
        os.write(self.master, keys.encode() if isinstance(keys, str) else keys)

    def wait_for(self, pattern, seconds=30):
        """Read until the screen has a match of `pattern`, and return the screen's text."""
        end = time.monotonic() + seconds
        while not re.search(pattern, self.screen.text):
            ready, _, _ = select.select([self.master], [], [], max(end - time.monotonic(), 0))
            assert ready, f"no {pattern!r} within {seconds} s on:\n{self.screen.text}"
            try:
                self.screen.feed(os.read(self.master, 65536))
            except OSError:  # the other side is closed
                assert re.search(pattern, self.screen.text), f"no {pattern!r} at the end:\n{self.screen.text}"
        return self.screen.text
