"""The lab's zone under a controller, with a gateway that a test sets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from controlled_zone import Controlled
from egress_gateway import egress_gateway
from zone_worlds import ADMIN_TOKEN, zone_world


@pytest.fixture
def controlled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Controlled]:
    states = {"a_127_42_0_10": "active", "a_127_42_0_11": "active", "a_127_42_0_12": "disabled"}
    with zone_world(tmp_path, monkeypatch) as world, egress_gateway(ADMIN_TOKEN, **states) as gateway:
        source = f'{{gateway: {{admin: "{gateway.url}", token-file: admin.token}}}}'
        yield Controlled(world, gateway, world.configure(sources=source, top="watch: {poll: 30m, every: 6h}\n"))
