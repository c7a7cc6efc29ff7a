"""Connect from one address to whichever of several answers first (RFC 8305, "happy eyeballs").

All of them have been judged before, and all are of the family of the address that the connection leaves from. The next
one is tried when the last has failed, or has not answered for a while; whoever answers first is kept.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections import deque
from collections.abc import Sequence
from typing import Final

ATTEMPT_DELAY: Final = 0.25
"""Seconds between two attempts (RFC 8305, section 5)."""

# Linux: the port is chosen at connect, for its destination; so each destination has the whole range of ports.
_BIND_ADDRESS_NO_PORT: Final = 24

_OUT_OF_FILES: Final = frozenset({errno.EMFILE, errno.ENFILE})

HostPort = tuple[str, int]


class DialError(Exception):
    """No connection came to be. Its message says why in the system's words."""


class EgressUnusableError(DialError):
    """The local address cannot be used."""


class OutOfFilesError(DialError):
    """The process has no descriptor left."""


async def dial(targets: Sequence[HostPort], egress: str) -> socket.socket:
    """A connected socket from `egress` to one of `targets` (literals), tried in their order.

    Raises DialError. The caller bounds the time; where it is cancelled, every attempt is.
    """
    if len(targets) == 1:
        return await _connect(targets[0], egress)
    waiting = deque(targets)
    running: set[asyncio.Task[socket.socket]] = set()
    failed: list[DialError] = []
    loop = asyncio.get_running_loop()
    try:
        while waiting or running:
            if waiting:
                running.add(loop.create_task(_connect(waiting.popleft(), egress)))
            patience = ATTEMPT_DELAY if waiting else None
            done, running = await asyncio.wait(running, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            answered = [task for task in done if task.exception() is None]
            running.update(answered[1:])
            if answered:
                return answered[0].result()
            failed += [_failure(task) for task in done]
    finally:
        for task in running:
            task.add_done_callback(_close)
            task.cancel()
    raise failed[0]


def _failure(task: asyncio.Task[socket.socket]) -> DialError:
    error = task.exception()
    if not isinstance(error, DialError):
        raise error or AssertionError
    return error


def _close(task: asyncio.Task[socket.socket]) -> None:
    """An attempt that answered after another one had won."""
    if not task.cancelled() and task.exception() is None:
        task.result().close()


async def _connect(target: HostPort, egress: str) -> socket.socket:
    try:
        connection = socket.socket(_family(egress), socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    except OSError as error:
        raise (OutOfFilesError if error.errno in _OUT_OF_FILES else DialError)(error.strerror) from error
    try:
        _leave_from(connection, egress)
        await asyncio.get_running_loop().sock_connect(connection, target)
    except BaseException as error:
        connection.close()
        if isinstance(error, OSError):
            # asyncio words it "[Errno 111] Connect call failed (address)": the system's word alone is wanted.
            raise DialError(_words(error)) from error
        raise
    return connection


def _leave_from(connection: socket.socket, egress: str) -> None:
    try:
        connection.setsockopt(socket.IPPROTO_IP, _BIND_ADDRESS_NO_PORT, 1)
        connection.bind((egress, 0))
    except OSError as error:
        raise EgressUnusableError(_words(error)) from error


def _words(error: OSError) -> str:
    """The system's word for an error, without what asyncio adds to it."""
    return error.strerror or str(error) if error.errno is None else os.strerror(error.errno)


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET
