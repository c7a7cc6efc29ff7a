"""The surroundings of a gateway, and gateways started in them; all of it is gone at the end of each test."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from running_gateway import HOST, Loop, RunningGateway, Surroundings, configuration, launch, wait_until
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from lab.authority import Authority
from lab.https_server import HttpsServer
from lab.uem.app import create_app
from lab.uem.tenant import Tenant

Start = Callable[..., RunningGateway]


async def _seen(request: Request) -> PlainTextResponse:
    assert request.client is not None
    return PlainTextResponse(request.client.host)


@pytest.fixture
def surroundings() -> Iterator[Surroundings]:
    loop = Loop()
    authority, tenant = Authority("Lab"), Tenant()
    uem = HttpsServer(
        create_app(tenant), address="127.40.0.30", credential=authority.issue_server(["uem"], ["127.40.0.30"])
    )
    seen = Starlette(routes=[Route("/seen", _seen)])
    destination = HttpsServer(seen, address="127.40.0.10", credential=authority.issue_server([HOST], ["127.40.0.10"]))
    try:
        loop.run(uem.__aenter__())
        loop.run(destination.__aenter__())
        yield Surroundings(loop, authority, tenant, uem.url, ("127.40.0.10", destination.port))
    finally:
        for server in (uem, destination):
            loop.run(server.__aexit__(None, None, None))
        loop.close()


@pytest.fixture
def start(surroundings: Surroundings, tmp_path: Path) -> Iterator[Start]:
    """Start a gateway; `fresh` waits until it has read the UEM's inventory."""
    running: list[RunningGateway] = []

    def begin(*, fresh: bool = True, **changes: Any) -> RunningGateway:
        config = configuration(surroundings, tmp_path, **changes)
        ready_file = tmp_path / "ready.json"
        process = launch(config)
        gateway = RunningGateway(process, tmp_path, config, ("", 0), "")
        running.append(gateway)
        wait_until(lambda: ready_file.exists() or process.poll() is not None)
        assert process.poll() is None, process.communicate()[1]
        ready = json.loads(ready_file.read_text())
        host, _, port = ready["listen"].rpartition(":")
        gateway.address, gateway.admin = (host, int(port)), ready["admin"]
        if fresh:
            wait_until(lambda: gateway.status()["posture"]["state"] == "fresh")
        return gateway

    yield begin
    for gateway in running:
        gateway.close()
