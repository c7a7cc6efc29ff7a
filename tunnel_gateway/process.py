"""The running gateway as a process: open its sockets, say that it is ready, and end cleanly when it is told to."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import resource
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tunnel_gateway.admin import AdminServer, Running, admin_app
from tunnel_gateway.assembly import Assembled
from tunnel_gateway.egress import why_not_local
from tunnel_gateway.mitm import CannotListenError, Listener
from tunnel_gateway.posture.receiver import EventReceiver
from tunnel_gateway.reload import Reloader
from tunnel_gateway.signals import Signals

logger = logging.getLogger(__name__)

CLOSE_WITHIN: Final = 1.0
"""Seconds that open connections get for their last records when the gateway stops."""


SPARE_FILES: Final = 128
"""Open files beside those of connections: listening sockets, the log, the UEM, name servers."""


class CannotStartError(Exception):
    """Something that this machine does not give the gateway: a port, an address."""


async def serve(assembled: Assembled, config: Path) -> None:
    """Run until SIGINT or SIGTERM; SIGHUP reads `config` anew. Raises CannotStartError."""
    signals = Signals(asyncio.get_running_loop())
    _check_egress(assembled)
    _make_room(assembled.limits.connections)
    try:
        listener = await Listener.open(assembled.file.listen, assembled.tls, assembled.gateway)
    except CannotListenError as error:
        raise CannotStartError(str(error)) from error
    assembled.gateway.never_dial(listener.address)
    _start_inspection(assembled)
    running = Running(assembled, _shown(listener.address))
    reloader = Reloader(config, assembled, listener, running.adopt)
    running.reload = reloader.reload
    background: list[asyncio.Future[None]] = [
        asyncio.ensure_future(assembled.posture.run()),
        asyncio.ensure_future(signals.reload(reloader)),
    ]
    admin: AdminServer | None = None
    ready: Path | None = None
    try:
        receiver = _open_receiver(assembled)
        if receiver is not None:
            background.append(asyncio.ensure_future(receiver.run()))
        admin = _start_admin(running)
        for own in _beside(admin, receiver):
            assembled.gateway.never_dial(own)
        ready = _say_ready(assembled, listener, admin, receiver)
        await signals.stop.wait()
        logger.info("stopping")
        await _drain(running.assembled, listener, signals)
    finally:
        assembled.gateway.shut_down()
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)
        await listener.close(CLOSE_WITHIN)
        if admin is not None:
            await admin.stop()
        await assembled.posture.close()
        await assembled.identity_memory.close()
        if ready is not None and _is_ours(ready):
            ready.unlink(missing_ok=True)


async def _drain(assembled: Assembled, listener: Listener, signals: Signals) -> None:
    """Let open tunnels end by themselves, for as long as they are given and nobody insists."""
    assembled.gateway.drain()
    await listener.stop_accepting()
    if signals.graceful:
        over = [asyncio.ensure_future(listener.all_gone()), asyncio.ensure_future(signals.at_once.wait())]
        await asyncio.wait(over, timeout=assembled.limits.drain, return_when=asyncio.FIRST_COMPLETED)
        for each in over:
            each.cancel()


def _make_room(connections: int) -> None:
    """Two sockets for each connection, and some for the rest. Raises CannotStartError."""
    wanted = 2 * connections + SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    if hard != resource.RLIM_INFINITY and hard < wanted:
        words = f"{connections} connections need {wanted} open files, and this system allows {hard}"
        raise CannotStartError(f"{words}; lower limits: connections, or raise the system's limit")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _check_egress(assembled: Assembled) -> None:
    for address in assembled.gateway.egress.addresses:
        words = why_not_local(address)
        if words is not None:
            raise CannotStartError(f"egress address {address} cannot be used on this machine: {words}")


def _start_inspection(assembled: Assembled) -> None:
    inspector = assembled.gateway.inspector
    if inspector is None:
        return
    try:
        inspector.begin()
    except OSError as error:
        raise CannotStartError(f"cannot write to {error.filename}: {error.strerror}") from error
    hosts = ", ".join(sorted(inspector.hosts))
    logger.warning("INSPECTION IS ON: tunnels to %s are decrypted and written down; for labs alone", hosts)


def _open_receiver(assembled: Assembled) -> EventReceiver | None:
    events = assembled.events
    if events is None:
        return None
    try:
        return EventReceiver(events.address, events.tls, events.door, assembled.posture.desk.take)
    except OSError as error:
        words = os.strerror(error.errno) if error.errno else str(error)
        raise CannotStartError(f"cannot listen on {_shown(events.address)}: {words}") from error


def _start_admin(running: Running) -> AdminServer | None:
    assembled = running.assembled
    admin = assembled.file.admin
    if admin is None:
        return None
    place = admin.listen if admin.socket is None else assembled.directory / admin.socket
    assert place is not None
    try:
        server = AdminServer(admin_app(running, assembled.admin_token), place)
    except OSError as error:
        words = os.strerror(error.errno) if error.errno else str(error)
        where = place if isinstance(place, Path) else _shown(place)
        raise CannotStartError(f"cannot listen on {where}: {words}") from error
    server.start()
    return server


def _beside(admin: AdminServer | None, receiver: EventReceiver | None) -> Iterator[tuple[str, int]]:
    """Where this gateway listens beside the devices' own port."""
    if receiver is not None:
        yield receiver.address
    if admin is not None and admin.url.startswith("http://"):
        host, _, port = admin.url.removeprefix("http://").rpartition(":")
        yield host.strip("[]"), int(port)


def _say_ready(
    assembled: Assembled, listener: Listener, admin: AdminServer | None, receiver: EventReceiver | None
) -> Path | None:
    """Tell the operator, and whoever waits for the ready file; returns the file that is now ours to remove."""
    leaving = ", ".join(map(str, assembled.gateway.egress.addresses))
    logger.info("listening on %s, leaving from %s", _shown(listener.address), leaving)
    if admin is not None:
        logger.info("admin endpoint: %s", admin.url)
    if receiver is not None:
        logger.info("events of the UEM: %s", _shown(receiver.address))
    if assembled.ready_file is not None:
        ready = {
            "v": 1,
            "listen": _shown(listener.address),
            "admin": None if admin is None else admin.url,
            "events": None if receiver is None else _shown(receiver.address),
            "pid": os.getpid(),
        }
        try:
            _write_whole(assembled.ready_file, json.dumps(ready) + "\n")
        except OSError as error:
            raise CannotStartError(f"cannot write {assembled.ready_file}: {error.strerror}") from error
    return assembled.ready_file


def _is_ours(ready: Path) -> bool:
    """Another gateway with the same file may have started since."""
    try:
        return bool(json.loads(ready.read_text(encoding="utf-8"))["pid"] == os.getpid())
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _write_whole(path: Path, text: str) -> None:
    """Write a file that others see whole or not at all, readable by its owner alone."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _shown(address: tuple[str, int]) -> str:
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    return f"{host}:{address[1]}"
