"""A process that has imported `tunnel-gateway` already, and becomes it anew for whoever asks: `python -m lab.forker`.

It is asked over the socket that is its standard input: one message for each gateway, with the end of a pipe. Into the
pipe go the gateway's process number and, once it has ended, its exit code, a line each. It ends with the socket.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any, Final, NoReturn

from lab.process import die_with_parent
from tunnel_gateway.cli import main as tunnel_gateway
from tunnel_gateway.commands import run as _imported_ahead  # noqa: F401

LARGEST: Final = 200_000
"""Bytes of a message: arguments and a whole environment."""


class Forker:
    """The gateways that run, and the pipes of those who asked for them."""

    def __init__(self, requests: socket.socket, program: Callable[[], None]) -> None:
        self._requests = requests
        self._program = program
        self._pipes: dict[int, int] = {}
        self._ended, wake = socket.socketpair()
        self._wake = wake
        for end in (self._ended, wake):
            end.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake.fileno())

    def serve(self) -> None:
        """Until nobody can ask any more; the gateways that run then are told to end by the kernel."""
        selector = selectors.DefaultSelector()
        selector.register(self._requests, selectors.EVENT_READ, self._fork)
        selector.register(self._ended, selectors.EVENT_READ, self._reap)
        while self._requests.fileno() >= 0:
            for key, _ in selector.select():
                key.data()

    def _fork(self) -> None:
        message, pipes, _, _ = socket.recv_fds(self._requests, LARGEST, 1)
        if not message:
            self._requests.close()
            return
        pid = os.fork()
        if pid == 0:
            self._become(json.loads(message))
        self._pipes[pid] = pipes[0]
        _tell(pipes[0], pid)

    def _reap(self) -> None:
        self._ended.recv(LARGEST)
        while self._pipes:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            pipe = self._pipes.pop(pid)
            _tell(pipe, os.waitstatus_to_exitcode(status))
            os.close(pipe)

    def _become(self, asked: dict[str, Any]) -> NoReturn:
        """In the child: a session, an environment and a log of its own, and then the program."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        die_with_parent()
        written = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        silence = os.open(os.devnull, os.O_RDONLY)
        for descriptor, place in ((silence, 0), (written, 1), (written, 2)):
            os.dup2(descriptor, place)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        os.environ.clear()
        os.environ.update(asked["environment"])
        sys.argv = ["tunnel-gateway", *asked["arguments"]]
        self._program()
        sys.exit()


def _tell(pipe: int, number: int) -> None:
    """Whoever asked may be gone."""
    try:
        os.write(pipe, f"{number}\n".encode())
    except BrokenPipeError:
        return


if __name__ == "__main__":
    Forker(socket.socket(fileno=0), tunnel_gateway).serve()
