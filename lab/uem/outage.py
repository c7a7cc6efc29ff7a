"""What the knobs say of the service's fitness, in front of the application: 503, silence, and latency."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from lab.uem.knobs import Outage
from lab.uem.tenant import Tenant

OPERATOR: Final = "/lab/"
CHANNEL: Final = "/lab/mdm/"


class Fitness:
    """Lets calls through as the tenant's knobs have it. The operator's own paths are always there."""

    def __init__(self, app: ASGIApp, tenant: Tenant) -> None:
        self._tenant = tenant
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if path.startswith(OPERATOR) and not path.startswith(CHANNEL):
            await self._app(scope, receive, send)
            return
        knobs = self._tenant.knobs
        if knobs.outage is Outage.SILENT:
            await _until_gone(receive)
            return
        if knobs.latency:
            await asyncio.sleep(knobs.latency.total_seconds())
        if knobs.outage is Outage.UNAVAILABLE:
            await Response(status_code=503)(scope, receive, send)
            return
        await self._app(scope, receive, send)


async def _until_gone(receive: Receive) -> None:
    """Take everything that comes, until the caller has had enough."""
    while (await receive())["type"] != "http.disconnect":
        pass
