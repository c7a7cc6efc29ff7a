from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from client_lab import ClientLab, client_lab


@pytest.fixture(scope="session")
def lab() -> Iterator[ClientLab]:
    """One world for all clients: none of them changes it."""
    with client_lab() as lab:
        yield lab


@pytest.fixture
def free_port() -> int:
    """One of loopback, for a program that wants to be told which."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
