"""Put together: the session that keys change, the picture of it, and the terminal that shows it."""

from __future__ import annotations

import os
import signal

from rich.console import Console

from cotrace.cli.stepper.keys import Keys
from cotrace.cli.stepper.layout import picture
from cotrace.cli.stepper.recording import Recording
from cotrace.cli.stepper.screen import Ended, Screen
from cotrace.cli.stepper.session import Session
from cotrace.model.trace import Trace

ESCAPE = 0.05
"""Seconds in which the rest of a key's bytes come: an escape without a rest is the key of that name."""

BEAT = 0.3
"""Seconds a step takes while it plays."""


def step_through(trace: Trace, console: Console) -> None:
    """Let a person step through a recording until they quit. Needs stdin and the console's file to be terminals."""
    session = Session(Recording(trace))
    try:
        with Screen(console) as screen:
            _converse(session, screen)
    except Ended as ended:
        # The terminal is given back; whoever sent the signal sees the end that it asked for.
        signal.signal(ended.number, signal.SIG_DFL)
        os.kill(os.getpid(), ended.number)


def _converse(session: Session, screen: Screen) -> None:
    keys = Keys()
    while not session.is_over:
        screen.draw(picture(session, *screen.size))
        received = screen.wait(ESCAPE if keys.is_unfinished else BEAT if session.is_playing else None)
        if received is None:
            return
        if received:
            pressed = keys.feed(received)
        elif keys.is_unfinished:
            pressed = keys.finish()
        else:
            pressed = []
            if session.is_playing:
                session.tick()
        for key in pressed:
            session.press(key)
