"""A small client of the Debug Adapter Protocol: it starts a program under debugpy and talks to it over a socket."""

import contextlib
import json
import os
import queue
import socket
import subprocess
import sys
import threading
import time

WAIT = 60
"""Seconds for an answer: a debugger starts slowly on a busy machine."""


class Client:
    """One session: requests that wait for their answers, and the events that come meanwhile."""

    def __init__(self, port):
        self._socket = _connected(port)
        self._stream = self._socket.makefile("rb")
        self._sequence = 0
        self._answers = {}
        self._arrived = threading.Condition()
        self.events = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def send(self, command, **arguments):
        """Send a request and return its number."""
        self._sequence += 1
        request = {"seq": self._sequence, "type": "request", "command": command, "arguments": arguments}
        body = json.dumps(request).encode()
        self._socket.sendall(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        return self._sequence

    def answer(self, number):
        """Return the body of the answer to a request."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: number in self._answers, WAIT), "no answer"
        found = self._answers[number]
        assert found["success"], found
        return found.get("body", {})

    def ask(self, command, **arguments):
        """Send a request and return the body of its answer."""
        return self.answer(self.send(command, **arguments))

    def event(self, *names):
        """Return the next event of one of these names."""
        while True:
            found = self.events.get(timeout=WAIT)
            if found["event"] in names:
                return found

    def close(self):
        """End the session: the adapter, which has the program's output open as well, ends then."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._reader.join(WAIT)
        self._stream.close()
        self._socket.close()

    def _read(self):
        with contextlib.suppress(OSError, ValueError):
            while header := self._stream.readline():
                length = int(header.split(b":")[1])
                self._stream.readline()
                self._take(json.loads(self._stream.read(length)))

    def _take(self, message):
        if message["type"] == "event":
            self.events.put(message)
        elif message["type"] == "response":
            with self._arrived:
                self._answers[message["request_seq"]] = message
                self._arrived.notify_all()


def _connected(port):
    for _ in range(WAIT * 10):
        with contextlib.suppress(ConnectionRefusedError):
            return socket.create_connection(("127.0.0.1", port), timeout=WAIT)
        time.sleep(0.1)
    raise AssertionError(f"expected debugpy to listen on port {port}, found that it does not")


@contextlib.contextmanager
def debugged(program):
    """Run a file under debugpy, which waits for the client; yields the process and the client."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-Xfrozen_modules=off",
        "-m",
        "debugpy",
        "--listen",
        f"127.0.0.1:{port}",
        "--wait-for-client",
    ]
    environment = os.environ | {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    with subprocess.Popen(
        [*command, str(program)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            with contextlib.closing(Client(port)) as client:
                yield process, client
        finally:
            process.kill()
