"""What a steady cycle costs each far end, and what targets of one org or tenant share."""

from __future__ import annotations

from typing import Any

import httpx

from dtr_rules.credentials import Secret
from okta_zones.config.entra_credential import AppSecret
from okta_zones.config.okta_credential import ApiToken
from okta_zones.config.requests import RequestSettings
from okta_zones.config.targets import EntraSettings, OktaSettings
from okta_zones.exchange.limits import Limits
from okta_zones.far_ends import FarEnds
from okta_zones.graph.locations import LocationTarget
from okta_zones.needs import Verb
from okta_zones.okta.zones import ZoneTarget

NAME = "Tunnel egress"
ID = "11111111-1111-4111-8111-111111111111"
GATEWAYS = [{"type": "RANGE", "value": "203.0.113.10-203.0.113.10"}]


def okta_settings(wire: Any, zone_id: str | None) -> OktaSettings:
    credential = ApiToken(Secret("okta-secret-token"))
    return OktaSettings("okta", wire.ORG, wire.ORG_ID, NAME, zone_id, credential)


def entra_settings(wire: Any, name: str = "entra") -> EntraSettings:
    credential = AppSecret("app", Secret("entra-secret"))
    return EntraSettings(
        name, wire.TENANT, NAME, ID, credential, wire.LOGIN, wire.GRAPH, "https://graph.microsoft.com/.default"
    )


def opened(transport: httpx.BaseTransport, *, interval: float = 0, **more: Any) -> FarEnds:
    return FarEnds(Verb.WATCH, RequestSettings(Limits(), interval), transport=transport, **more)


def test_a_steady_cycle_is_one_request_to_okta(wire: Any) -> None:
    others = [wire.ip_zone(f"nzo{n + 2}", f"Office {n}", GATEWAYS) for n in range(60)]
    okta = wire.Okta(zones=[*others, wire.ip_zone("nzo1", NAME, GATEWAYS)])
    with opened(okta.transport) as far_ends:
        target = ZoneTarget(far_ends.okta(okta_settings(wire, "nzo1")).exchange, NAME, "nzo1")
        for _ in range(3):
            target.find()
    paths = [request.url.path for request in okta.requests]
    assert paths == ["/.well-known/okta-organization", *["/api/v1/zones/nzo1"] * 3]


def test_a_steady_cycle_is_one_request_to_graph(wire: Any) -> None:
    entra = wire.Entra(locations=[wire.location(ID)])
    with opened(entra.transport) as far_ends:
        target = LocationTarget(far_ends.entra(entra_settings(wire)).exchange, NAME, ID)
        for _ in range(3):
            target.find()
    paths = [request.url.path for request in entra.requests]
    assert paths == [
        f"/{wire.TENANT}/oauth2/v2.0/token",
        *[f"/v1.0/identity/conditionalAccess/namedLocations/{ID}"] * 3,
    ]


def test_two_targets_of_one_tenant_are_spaced_together(wire: Any) -> None:
    waited: list[float] = []
    entra = wire.Entra(locations=[wire.location(ID)])
    with opened(entra.transport, interval=30, hold=lambda seconds, _why: waited.append(seconds)) as far_ends:
        for name in ("one", "two"):
            LocationTarget(far_ends.entra(entra_settings(wire, name)).exchange, NAME, ID).find()
    (seconds,) = waited
    assert 29 < seconds <= 30


def test_a_zone_pinned_by_its_id_costs_the_same_in_an_org_of_many_zones(wire: Any) -> None:
    many = [wire.ip_zone(f"nzo{n}", f"Office {n}", GATEWAYS) for n in range(90)]
    okta = wire.Okta(zones=[*many, wire.ip_zone("nzo999", NAME, GATEWAYS)])
    with opened(okta.transport) as far_ends:
        org = far_ends.okta(okta_settings(wire, None))
        ZoneTarget(org.exchange, NAME).find()
        listed = len(okta.calls)
        ZoneTarget(org.exchange, NAME, "nzo999").find()
    assert listed == 5
    assert len(okta.calls) == listed + 1
