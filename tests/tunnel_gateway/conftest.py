"""The surroundings of a gateway, and gateways started in them; all of it is gone at the end of each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from running_gateway import RunningGateway, Surroundings, started, surrounded

Start = Callable[..., RunningGateway]


@pytest.fixture
def surroundings() -> Iterator[Surroundings]:
    with surrounded() as around:
        yield around


@pytest.fixture
def start(surroundings: Surroundings, tmp_path: Path) -> Iterator[Start]:
    """Start a gateway; `fresh` waits until it has read the UEM's inventory."""
    running: list[RunningGateway] = []

    def begin(*, fresh: bool = True, **changes: Any) -> RunningGateway:
        running.append(started(surroundings, tmp_path, fresh=fresh, **changes))
        return running[-1]

    yield begin
    for gateway in running:
        gateway.close()
