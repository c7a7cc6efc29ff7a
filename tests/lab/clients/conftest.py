from __future__ import annotations

from collections.abc import Iterator

import pytest
from client_lab import ClientLab, client_lab


@pytest.fixture(scope="session")
def lab() -> Iterator[ClientLab]:
    """One world for all clients: none of them changes it."""
    with client_lab() as lab:
        yield lab
