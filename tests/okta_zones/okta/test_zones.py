"""One Okta zone: found, judged, written whole."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from dtr_rules.credentials import Secret
from okta_zones.errors import FarEndError, Refusal, RefusedError, StrangeAnswerError
from okta_zones.exchange import FixedToken
from okta_zones.okta.transport import connect
from okta_zones.okta.zones import ZoneTarget

NAME = "Tunnel egress"
GATEWAYS = [{"type": "RANGE", "value": "203.0.113.10-203.0.113.10"}]


def target(okta: Any) -> ZoneTarget:
    return ZoneTarget(
        connect("https://acme.okta.com", FixedToken("SSWS", Secret("okta-secret-token")), transport=okta.transport),
        NAME,
    )


def test_the_zone_is_found_on_the_last_of_many_pages(wire: Any) -> None:
    others = [wire.ip_zone(f"nzo{n}", f"Office {n}", GATEWAYS) for n in range(60)]
    okta = wire.Okta(zones=[wire.DYNAMIC_V2, *others, wire.ip_zone("nzo1", NAME, GATEWAYS)])
    found = target(okta).find()
    assert found is not None
    assert found.id == "nzo1"
    assert len(okta.requests) == 4


def test_names_are_compared_exactly(wire: Any) -> None:
    okta = wire.Okta(zones=[wire.ip_zone("nzo1", "tunnel egress", GATEWAYS), wire.ip_zone("nzo2", f"{NAME} ", None)])
    assert target(okta).find() is None


def test_two_zones_of_one_name_are_refused(wire: Any) -> None:
    okta = wire.Okta(zones=[wire.ip_zone("nzo1", NAME, None), wire.ip_zone("nzo2", NAME, None)])
    with pytest.raises(RefusedError, match="nzo1, nzo2") as refused:
        target(okta).find()
    assert refused.value.reason is Refusal.NAME_AMBIGUOUS


UNSUITABLE = {
    "a blocklist": ({"usage": "BLOCKLIST"}, Refusal.BLOCKLIST_USAGE, "is for BLOCKLIST, not for POLICY"),
    "a dynamic zone": ({"type": "DYNAMIC_V2"}, Refusal.TARGET_UNSUITABLE, "is of type DYNAMIC_V2, not IP"),
    "inactive": ({"status": "INACTIVE"}, Refusal.TARGET_UNSUITABLE, "is INACTIVE: no policy matches it"),
    "a system zone": ({"system": True}, Refusal.SYSTEM_ZONE, "is one of Okta's system zones"),
}


@pytest.mark.parametrize(("change", "reason", "words"), UNSUITABLE.values(), ids=UNSUITABLE.keys())
def test_a_zone_that_must_not_be_written(wire: Any, change: dict[str, Any], reason: Refusal, words: str) -> None:
    okta = wire.Okta(zones=[wire.ip_zone("nzo1", NAME, GATEWAYS, **change)])
    with pytest.raises(RefusedError, match=words) as refused:
        target(okta).find()
    assert refused.value.reason is reason


def test_the_exempt_zone_stays_the_exempt_list(wire: Any) -> None:
    okta = wire.Okta(zones=[wire.ip_zone("nzo1", "DefaultExemptIpZone", GATEWAYS, system=True)])
    exchange = connect(
        "https://acme.okta.com", FixedToken("SSWS", Secret("okta-secret-token")), transport=okta.transport
    )
    exempt = ZoneTarget(exchange, "DefaultExemptIpZone", accepted=frozenset({Refusal.SYSTEM_ZONE}))
    found = exempt.find()
    assert found is not None
    exempt.replace(found, GATEWAYS)
    assert (okta.body()["useAsExemptList"], okta.body()["system"]) == (True, True)


def test_a_zone_without_gateways_has_an_empty_list(wire: Any) -> None:
    found = target(wire.Okta(zones=[wire.ip_zone("nzo1", NAME, None)])).find()
    assert found is not None
    assert found.entries == ()


def test_a_write_sends_the_whole_zone_back_but_its_times(wire: Any) -> None:
    proxies = [{"type": "CIDR", "value": "198.51.100.0/24"}]
    zone = wire.ip_zone("nzo1", NAME, GATEWAYS, proxies=proxies, aFieldToCome={"deep": [1, None]})
    okta = wire.Okta(zones=[zone])
    found = target(okta).read("nzo1")
    before = dict(zone)
    target(okta).replace(found, [{"type": "RANGE", "value": "203.0.113.11-203.0.113.11"}])
    sent = okta.body()
    assert sent == {
        **{key: value for key, value in before.items() if key not in ("created", "lastUpdated")},
        "gateways": [{"type": "RANGE", "value": "203.0.113.11-203.0.113.11"}],
    }
    assert list(sent) == [key for key in before if key not in ("created", "lastUpdated")]


def test_a_new_zone_is_an_active_ip_zone_for_policies(wire: Any) -> None:
    okta = wire.Okta()
    created = target(okta).create(GATEWAYS)
    assert okta.body() == {
        "type": "IP",
        "name": NAME,
        "status": "ACTIVE",
        "usage": "POLICY",
        "gateways": GATEWAYS,
    }
    assert created.entries == tuple(GATEWAYS)


PAGES = {
    "to another origin": "https://elsewhere.example/api/v1/zones?after=1",
    "to the same page for ever": "https://acme.okta.com/api/v1/zones?after=0",
}


@pytest.mark.parametrize("link", PAGES.values(), ids=PAGES.keys())
def test_pages_that_lead_astray(wire: Any, link: str) -> None:
    okta = wire.Okta()
    okta.script.append(lambda request: httpx.Response(200, json=[], headers={"Link": f'<{link}>; rel="next"'}))
    with pytest.raises(StrangeAnswerError):
        target(okta).find()
    assert {request.url.host for request in okta.requests} == {"acme.okta.com"}


@pytest.mark.parametrize("answer", [{}, None, [1], "zones"], ids=["a mapping", "null", "a list of numbers", "text"])
def test_a_list_that_is_none(wire: Any, answer: object) -> None:
    okta = wire.Okta()
    okta.script.append(lambda request: httpx.Response(200, json=answer))
    with pytest.raises(FarEndError, match="did not answer with a list"):
        target(okta).find()


def test_a_zone_pinned_by_its_id_is_read_by_it_and_never_listed(wire: Any) -> None:
    okta = wire.Okta(zones=[wire.ip_zone("nzo1", NAME, GATEWAYS), wire.ip_zone("nzo2", NAME, None)])
    assert pinned(okta, NAME).find() is not None
    assert pinned(okta, None).find() is not None
    assert okta.calls == ["GET /api/v1/zones/nzo1"] * 2


PINNED = {
    "there is none": ([], Refusal.TARGET_MISSING, "there is no zone nzo1"),
    "it has another name": (["Office"], Refusal.TARGET_UNSUITABLE, "zone-id nzo1 is called 'Office'"),
}


@pytest.mark.parametrize(("names", "reason", "words"), PINNED.values(), ids=PINNED.keys())
def test_a_pinned_zone_that_is_another(wire: Any, names: list[str], reason: Refusal, words: str) -> None:
    okta = wire.Okta(zones=[wire.ip_zone("nzo1", name, GATEWAYS) for name in names])
    with pytest.raises(RefusedError, match=words) as refused:
        pinned(okta, NAME).find()
    assert refused.value.reason is reason


def pinned(okta: Any, name: str | None) -> ZoneTarget:
    token = FixedToken("SSWS", Secret("okta-secret-token"))
    return ZoneTarget(connect("https://acme.okta.com", token, transport=okta.transport), name, "nzo1")
