"""Work in namespaces, and its evidence."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

from lab.netns.evidence import Evidence
from lab.netns.network import NamespacedNetwork, laid_out
from lab.netns.privilege import NetnsUnavailableError

T = TypeVar("T")


async def in_namespaces(work: Callable[[NamespacedNetwork], Awaitable[T]], captures: Path | None) -> tuple[T, Evidence]:
    """Do `work` in namespaces, then read the captures; they stay in the directory `captures`, if one is named.

    Raises what `laid_out` and `work` raise, and NetnsUnavailableError where captures cannot be written or read.
    """
    with _folder(captures) as folder:
        async with laid_out(folder) as network:
            done = await work(network)
            read, sentences = await network.proved()
    return done, Evidence(read, sentences, captures)


@contextlib.contextmanager
def _folder(captures: Path | None) -> Iterator[Path]:
    if captures is None:
        with tempfile.TemporaryDirectory(prefix="tunnel-lab-captures-") as folder:
            yield Path(folder)
        return
    try:
        captures.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise NetnsUnavailableError(f"{captures}: cannot hold captures: {error.strerror}") from error
    yield captures
