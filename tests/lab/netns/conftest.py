"""Namespaces for tests that need real ones; without root these are skipped, and say why."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lab.netns import namespace
from lab.netns.network import NamespacedNetwork, laid_out
from lab.netns.privilege import NetnsUnavailableError, why_not


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def namespaces() -> None:
    """Skip where there can be none."""
    reason = why_not()
    if reason is None:
        try:
            namespace.remove(namespace.create("probe"))
        except (NetnsUnavailableError, OSError) as error:  # root of a container that may not
            reason = str(error)
    if reason is not None:
        pytest.skip(f"network namespaces: {reason}")


@pytest.fixture
async def network(namespaces: None, tmp_path: Path) -> AsyncIterator[NamespacedNetwork]:
    async with laid_out(tmp_path) as found:
        yield found
