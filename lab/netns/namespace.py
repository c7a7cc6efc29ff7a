"""Network namespaces of Linux (namespaces(7)): made and removed by iproute2, entered by setns(2).

Their names hold the process that made them and when it started, so that what a crash left behind can be told from
what is in use.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lab.netns.privilege import NetnsUnavailableError

FOLDER: Final = Path("/run/netns")
PREFIX: Final = "tunnel-lab"
_NAME: Final = re.compile(rf"{PREFIX}-(\d+)-(\d+)-.+")
_CLONE_NEWNET: Final = 0x40000000
_LIBC: Final = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Namespace:
    """A namespace by its name."""

    name: str

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """This thread, in the namespace: what it opens meanwhile stays there. Nothing may be awaited inside."""
        own = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            there = os.open(FOLDER / self.name, os.O_RDONLY | os.O_CLOEXEC)
            try:
                _set(there)
            finally:
                os.close(there)
            try:
                yield
            finally:
                _set(own)
        finally:
            os.close(own)

    def command(self, arguments: Iterable[str]) -> list[str]:
        """How to run a program in it."""
        return ["ip", "netns", "exec", self.name, *arguments]

    def configure(self, lines: Iterable[str]) -> None:
        """Run commands of `ip` in it, all of them in one go. Raises NetnsUnavailableError with ip's words."""
        _ip(["-n", self.name, "-batch", "-"], "".join(f"{line}\n" for line in lines))

    def set(self, knob: str, value: str) -> None:
        """Write a knob below /proc/sys/net."""
        with self.entered():
            (Path("/proc/sys/net") / knob).write_text(value)


def create(role: str) -> Namespace:
    """A new namespace of this process, its loopback up, without IPv6."""
    pid = os.getpid()
    namespace = Namespace(f"{PREFIX}-{pid}-{_started(pid)}-{role}")
    _ip(["netns", "add", namespace.name])
    with contextlib.suppress(FileNotFoundError):  # a kernel without IPv6
        namespace.set("ipv6/conf/all/disable_ipv6", "1")
        namespace.set("ipv6/conf/default/disable_ipv6", "1")
    namespace.configure(["link set lo up"])
    return namespace


def remove(namespace: Namespace) -> None:
    """Remove it; its links go with it."""
    with contextlib.suppress(NetnsUnavailableError):
        _ip(["netns", "delete", namespace.name])


def remove_stale() -> list[str]:
    """Remove what processes left behind that are gone; the names."""
    names = [path.name for path in FOLDER.glob(f"{PREFIX}-*")] if FOLDER.is_dir() else []
    stale = [name for name in names if (found := _NAME.fullmatch(name)) and _started(int(found[1])) != found[2]]
    for name in stale:
        remove(Namespace(name))
    return stale


def _started(pid: int) -> str | None:
    """When a process started, in the kernel's ticks since boot (proc(5), stat, field 22); None where it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    return stat.rpartition(")")[2].split()[19]


def _set(descriptor: int) -> None:
    if _LIBC.setns(descriptor, _CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _ip(arguments: list[str], lines: str | None = None) -> None:
    done = subprocess.run(["ip", *arguments], input=lines, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NetnsUnavailableError(f"--netns: ip {' '.join(arguments[:3])}: {done.stderr.strip()}")
