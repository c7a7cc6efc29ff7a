"""One running gateway with one phone for all tests of a module: none of them changes how it runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from running_gateway import Operated, started, surrounded


@pytest.fixture(scope="module")
def operated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operated]:
    with surrounded() as around:
        around.enrol()
        gateway = started(around, tmp_path_factory.mktemp("gateway"), sni="off")
        try:
            with gateway.operator() as operator:
                yield Operated(gateway, around.device_certificate(), operator)
        finally:
            gateway.close()
