"""Far ends in memory, which speak the recorded wire shapes and can be told to fail."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import stamina

from okta_zones.apply import Pace
from okta_zones.exchange import throttle
from okta_zones.journal import Journal

Handler = Callable[[httpx.Request], httpx.Response | None]

ORG = "https://acme.okta.com"
ORG_ID = "00o1acme2org3id4e0h7"
GRAPH = "https://graph.microsoft.com"
LOGIN = "https://login.microsoftonline.com"
TENANT = "5f0e5a5c-7c1c-4d6f-9a51-3a0a9fd2c1aa"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Retries happen, their waits do not."""
    stamina.set_testing(True, attempts=5, cap=True)
    monkeypatch.setattr(throttle, "hold", lambda seconds, why: None)
    yield
    stamina.set_testing(False)


@dataclass
class Clock:
    """Time that passes only when somebody sleeps."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def pace(self) -> Pace:
        return Pace(interval=1.0, deadline=60.0, sleep=self.sleep, clock=lambda: self.now)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.opened(tmp_path / "okta-zones.journal", lambda: datetime.now(UTC)) as opened:
        yield opened


def ip_zone(zone_id: str, name: str, gateways: list[dict[str, Any]] | None, **more: Any) -> dict[str, Any]:
    """A zone as the API shows it (recorded traffic)."""
    return {
        "type": "IP",
        "id": zone_id,
        "name": name,
        "status": "ACTIVE",
        "usage": "POLICY",
        "created": "2026-04-16T05:17:29.000Z",
        "lastUpdated": "2026-04-16T05:17:29.000Z",
        "system": False,
        "gateways": gateways,
        "proxies": None,
        "_links": {
            "self": {"href": f"{ORG}/api/v1/zones/{zone_id}", "hints": {"allow": ["GET", "PUT", "DELETE"]}},
            "deactivate": {
                "href": f"{ORG}/api/v1/zones/{zone_id}/lifecycle/deactivate",
                "hints": {"allow": ["POST"]},
            },
        },
        **more,
    }


DYNAMIC_V2 = {
    "type": "DYNAMIC_V2",
    "id": "nzosystemdynamic0001",
    "name": "DefaultEnhancedDynamicZone",
    "status": "ACTIVE",
    "usage": "BLOCKLIST",
    "system": True,
    "locations": {"include": [], "exclude": []},
    "ipServiceCategories": {"include": ["ALL_ANONYMIZERS"], "exclude": []},
    "asns": {"include": [], "exclude": []},
}


def _is_public(request: httpx.Request) -> bool:
    return request.url.path.startswith("/.well-known/")


@dataclass
class FarEnd:
    """What is common to both: the requests it saw, and a script of failures that come first."""

    requests: list[httpx.Request] = field(default_factory=list)
    script: list[Handler] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        for handler in list(self.script):
            if (response := handler(request)) is not None:
                return response
        return self.answer(request)

    def answer(self, request: httpx.Request) -> httpx.Response:
        raise NotImplementedError

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self)

    @property
    def calls(self) -> list[str]:
        return [f"{request.method} {request.url.path}" for request in self.requests if not _is_public(request)]

    @property
    def writes(self) -> list[httpx.Request]:
        return [each for each in self.requests if each.method != "GET" and "oauth2" not in each.url.path]

    def body(self, index: int = -1) -> Any:
        return json.loads(self.writes[index].content)

    def first(self, method: str, act: Callable[[httpx.Request], httpx.Response | None], times: int = 1) -> None:
        """Let `act` answer the first `times` requests of this method; None lets them through after all."""
        left = [times]

        def handler(request: httpx.Request) -> httpx.Response | None:
            if request.method != method or not left[0] or "oauth2" in request.url.path or _is_public(request):
                return None
            left[0] -= 1
            return act(request)

        self.script.append(handler)


@dataclass
class Okta(FarEnd):
    """/api/v1/zones: paging by Link, stale lastUpdated in a PUT's answer, lists that are left out become null."""

    zones: list[dict[str, Any]] = field(default_factory=list)
    page_size: int = 20

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/.well-known/okta-organization":
            assert "Authorization" not in request.headers
            return httpx.Response(200, json=organization(ORG_ID))
        assert request.headers["Authorization"] == "SSWS okta-secret-token"
        if request.url.path == "/api/v1/zones":
            return self._list(request) if request.method == "GET" else self._create(request)
        zone = self.zone(request.url.path.rsplit("/", 1)[1])
        if zone is None:
            return okta_error(404, "E0000007", "Not found: Resource not found: nzo (NetworkZone)")
        if request.method == "PUT":
            return self._replace(zone, json.loads(request.content))
        return httpx.Response(200, json=zone)

    def zone(self, zone_id: str) -> dict[str, Any] | None:
        return next((zone for zone in self.zones if zone["id"] == zone_id), None)

    def _list(self, request: httpx.Request) -> httpx.Response:
        start = int(request.url.params.get("after", "0"))
        url = f"{ORG}/api/v1/zones"
        links = [("Link", f'<{url}>; rel="self"')]
        if start + self.page_size < len(self.zones):
            links.append(("Link", f'<{url}?after={start + self.page_size}&limit={self.page_size}>; rel="next"'))
        return httpx.Response(200, json=self.zones[start : start + self.page_size], headers=links)

    def _create(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        zone = ip_zone(f"nzonew{len(self.zones):014}", body["name"], body["gateways"])
        self.zones.append(zone)
        return httpx.Response(200, json=zone)

    def _replace(self, zone: dict[str, Any], body: dict[str, Any]) -> httpx.Response:
        before = copy.deepcopy(zone)
        fixed = {key: zone[key] for key in ("id", "created", "system", "_links")}
        zone.clear()
        zone |= {"gateways": None, "proxies": None, **body, **fixed, "lastUpdated": "2026-05-01T00:00:00.000Z"}
        return httpx.Response(200, json={**zone, "lastUpdated": before["lastUpdated"]})


def organization(org_id: str, **more: Any) -> dict[str, Any]:
    """What an org shows everybody of itself."""
    links = {"organization": {"href": ORG}, "alternate": {"href": "https://login.acme.example"}}
    return {"id": org_id, "_links": links, "pipeline": "idx", "settings": {}, **more}


def okta_error(status: int, code: str, summary: str, *causes: str, **headers: str) -> httpx.Response:
    body = {
        "errorCode": code,
        "errorSummary": summary,
        "errorLink": code,
        "errorId": "oaezx_8VD9aQYq6Y6vWGQ9IOg",
        "errorCauses": [{"errorSummary": cause} for cause in causes],
    }
    return httpx.Response(status, json=body, headers={k.replace("_", "-"): v for k, v in headers.items()})


@dataclass
class Entra(FarEnd):
    """The token endpoint and namedLocations. `staleness`: how often reads after a write show the old version."""

    locations: list[dict[str, Any]] = field(default_factory=list)
    page_size: int = 2
    staleness: int = 0
    _old: list[dict[str, Any] | None] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == f"/{TENANT}/oauth2/v2.0/token":
            return httpx.Response(200, json={"token_type": "Bearer", "expires_in": 3599, "access_token": "graph-token"})
        assert request.headers["Authorization"] == "Bearer graph-token"
        if request.url.path.endswith("/namedLocations"):
            return self._list(request) if request.method == "GET" else self._create(request)
        location_id = request.url.path.rsplit("/", 1)[1]
        found = next((each for each in self.locations if each["id"] == location_id), None)
        if request.method == "PATCH" and found is not None:
            return self._patch(found, json.loads(request.content))
        if self._old:
            found = self._old.pop(0)
        if found is None:
            return httpx.Response(404, json={"error": {"code": "Request_ResourceNotFound", "message": "gone"}})
        return httpx.Response(200, json={"@odata.context": f"{GRAPH}/v1.0/$metadata#x/$entity", **found})

    def _list(self, request: httpx.Request) -> httpx.Response:
        start = int(request.url.params.get("$skiptoken", "0"))
        body: dict[str, Any] = {"value": self.locations[start : start + self.page_size]}
        if start + self.page_size < len(self.locations):
            body["@odata.nextLink"] = f"{GRAPH}{request.url.path}?$skiptoken={start + self.page_size}"
        return httpx.Response(200, json=body)

    def _create(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        created = location(f"00000000-0000-4000-8000-{len(self.locations):012}", **body)
        self._old = [None, created] * self.staleness
        self.locations.append(created)
        return httpx.Response(201, json=created)

    def _patch(self, found: dict[str, Any], body: dict[str, Any]) -> httpx.Response:
        if "@odata.type" not in body:
            return httpx.Response(400, json={"error": {"code": "BadRequest", "message": "type"}})
        old = copy.deepcopy(found)
        found |= body
        self._old = [copy.deepcopy(found), old] * self.staleness
        return httpx.Response(204)


def location(location_id: str, **more: Any) -> dict[str, Any]:
    """An IP named location as Graph shows it."""
    return {
        "@odata.type": "#microsoft.graph.ipNamedLocation",
        "id": location_id,
        "displayName": "Tunnel egress",
        "createdDateTime": "2019-09-04T01:11:34.9387578Z",
        "modifiedDateTime": "2019-09-04T01:11:34.9387578Z",
        "isTrusted": False,
        "ipRanges": [],
        **more,
    }


def v4(cidr: str) -> dict[str, str]:
    return {"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": cidr}


@dataclass
class Wire:
    """The wire shapes, for tests that cannot import this file."""

    ORG = ORG
    ORG_ID = ORG_ID
    GRAPH = GRAPH
    LOGIN = LOGIN
    TENANT = TENANT
    DYNAMIC_V2 = DYNAMIC_V2
    ip_zone = staticmethod(ip_zone)
    organization = staticmethod(organization)
    okta_error = staticmethod(okta_error)
    location = staticmethod(location)
    v4 = staticmethod(v4)
    Okta = Okta
    Entra = Entra


@pytest.fixture
def wire() -> Wire:
    return Wire()
