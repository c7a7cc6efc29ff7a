"""Run the tests again whenever a file changes that they come from. How to wait, and for how long, is the caller's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NoReturn

from dtr_rules.suites import Suites, files_at, yaml_files

Stamp = tuple[int, int, int]
"""What changes with a file's content: the time of its last change in nanoseconds, its size, its inode."""


def watch(
    paths: Iterable[Path],
    *,
    read: Callable[[], Suites],
    run: Callable[[Suites, frozenset[Path]], None],
    wait: Callable[[], None],
) -> NoReturn:
    """Read and run, then again after every change, until `wait` raises.

    `run` gets what was read and the files that have changed since it last ran. A file that changes while it is
    read, or while tests run, counts as changed afterwards.
    """
    given = tuple(paths)
    suites, stamps = _settled(given, read, frozenset())
    changed: frozenset[Path] = frozenset()
    while True:
        run(suites, changed)
        while not (changed := _changed(stamps, _stamps(given, suites.files))):
            wait()
        suites, stamps = _settled(given, read, suites.files)


def _settled(
    given: tuple[Path, ...], read: Callable[[], Suites], known: frozenset[Path]
) -> tuple[Suites, Mapping[Path, Stamp | None]]:
    """What was read, with the stamps that its files had before: reading shows which files there are, so a file
    that was not known is stamped and everything is read once more."""
    while True:
        stamps = _stamps(given, known)
        suites = read()
        if suites.files <= stamps.keys():
            return suites, stamps
        known |= suites.files


def _stamps(given: tuple[Path, ...], known: frozenset[Path]) -> dict[Path, Stamp | None]:
    files = {file for path in given for file in (yaml_files(path) if path.is_dir() else files_at(path))}
    return {file: _stamp(file) for file in files | known}


def _stamp(file: Path) -> Stamp | None:
    """None for a file that is not there."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _changed(before: Mapping[Path, Stamp | None], now: Mapping[Path, Stamp | None]) -> frozenset[Path]:
    return frozenset(file for file in before.keys() | now.keys() if before.get(file) != now.get(file))
