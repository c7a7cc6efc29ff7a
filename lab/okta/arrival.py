"""Where a request comes from, settled once for everything behind: address, chain, zones, blocked or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lab.okta.membership import client_address, in_zone, ip_chain, is_blocked
from lab.okta.org import Org
from lab.okta.pages import page
from lab.okta.system_log import Origin, Party, new_request_id
from lab.okta.user_agents import read_user_agent

UNKNOWN: Final = Party("unknown", "User", "unknown", "unknown")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request's origin, and the zones that it is in."""

    origin: Origin
    zone_ids: frozenset[str]
    blocked: bool


def judge_arrival(org: Org, peer: str, headers: Headers, path: str) -> Arrival:
    """Judge a request by the zones in force now; `peer` is the address of the socket's other end."""
    zones = org.zones.in_force()
    chain = ip_chain(peer, headers.get("x-forwarded-for", ""), zones)
    inside = [zone for zone in zones if in_zone(chain, zone)]
    origin = Origin(
        address=str(client_address(chain, zones)),
        chain=tuple(map(str, chain)),
        zone=inside[0].name if inside else None,
        agent=read_user_agent(headers.get("user-agent", "")),
        path=path,
        request_id=new_request_id(),
    )
    return Arrival(origin, frozenset(zone.id for zone in inside), is_blocked(chain, zones, org.knobs.anonymizers))


class Arrivals:
    """Middleware before every page and call of the org: blocklists come before any policy."""

    def __init__(self, app: ASGIApp, org: Org) -> None:
        self._app = app
        self._org = org

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        arrival = judge_arrival(self._org, scope["client"][0], Headers(scope=scope), scope["path"])

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                request_id = (b"x-okta-request-id", arrival.origin.request_id.encode())
                message["headers"] = [*message["headers"], request_id]
            await send(message)

        if arrival.blocked:
            self._org.log.add("security.request.blocked", arrival.origin, actor=UNKNOWN, outcome="DENY")
            refusal = page("message.html", 403, title="Access Forbidden", text="You don't have permission to access.")
            await refusal(scope, receive, send_with_id)
            return
        scope["okta.arrival"] = arrival
        await self._app(scope, receive, send_with_id)


def arrival_of(request: HTTPConnection) -> Arrival:
    """What was settled about a request when it arrived."""
    arrival = request.scope["okta.arrival"]
    assert isinstance(arrival, Arrival)
    return arrival


def org_url(request: HTTPConnection) -> str:
    """The origin that the client used, as links and the issuer repeat it."""
    return f"https://{request.headers['host']}"
